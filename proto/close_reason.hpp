#pragma once

#include <cstdint>
#include <string_view>

namespace hubbub {

/// Why a session ended, or a namespace of it.
enum class close_reason : std::uint8_t {
  client_close,      ///< the client closed its transport in order
  client_disconnect, ///< the client left the namespace by itself
  transport_error,   ///< the socket broke
  ping_timeout,      ///< no pong in time
  parse_error,       ///< a violation of the protocol
  duplicate_poll,    ///< two polls at once
  connect_timeout,   ///< no Socket.IO CONNECT in time
  connect_refused,   ///< its CONNECTs were refused one after the other
  server_disconnect, ///< the application ended it
  token_expired,     ///< the application ended it, since nobody proved their name anew
  superseded,        ///< its session was recovered on another connection
  rate_limited,      ///< its events came far faster than they may
  server_full,       ///< one session too many, in all or of its address
  slow_reader,       ///< the outgoing queue passed its bound
  shutdown,          ///< the server is stopping
};

/// True where the client has done nothing that should keep it away: one whose connection ends
/// for this reason is to come back by itself. docs/api.md ("How a connection ends") says what
/// each of the official clients takes for that.
[[nodiscard]] bool is_wanted_back(close_reason reason);

/// The reason's words in logs and metrics.
[[nodiscard]] std::string_view to_string(close_reason reason);

} // namespace hubbub
