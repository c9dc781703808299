#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

/// The reason why a session, or its part in one namespace, ended.
enum class close_reason : std::uint8_t {
  client_close,      ///< the client closed its transport in order
  client_disconnect, ///< the client left the namespace by itself
  transport_error,   ///< the socket broke
  ping_timeout,      ///< no pong in time
  parse_error,       ///< a violation of the protocol
  duplicate_poll,    ///< two polls at the same time
  connect_timeout,   ///< no Socket.IO CONNECT in time
  connect_refused,   ///< too many CONNECTs in a row were refused
  server_disconnect, ///< the application ended the session
  token_expired,     ///< the access expired and the client sent no new token
  superseded,        ///< the session was recovered on another connection
  rate_limited,      ///< the client's events came far faster than allowed
  server_full,       ///< too many sessions, in total or from one address
  slow_reader,       ///< the outgoing queue exceeded its bound
  lease_lost,        ///< the server lost its place among others that share the database
  shutdown,          ///< the server is stopping; stays the last
};

/// True if the client did nothing that should keep it away, so that it should reconnect by
/// itself after this reason. docs/api.md ("How a connection ends") says how each of the
/// official clients behaves.
[[nodiscard]] bool is_wanted_back(close_reason reason);

inline constexpr auto close_reason_count = static_cast<std::size_t>(close_reason::shutdown) + 1;

/// Returns the reason's name in logs and metrics.
[[nodiscard]] std::string_view to_string(close_reason reason);

} // namespace hubbub
