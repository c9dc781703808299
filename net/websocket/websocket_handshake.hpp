#pragma once

#include "net/http/http_exchange.hpp"
#include "proto/expected.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// The answer to a proper opening handshake.
struct handshake_answer {
  std::string head;      ///< the whole response, as it is sent
  bool deflates = false; ///< permessage-deflate is agreed to, without keeping any context
};

/// Answers the opening handshake of a WebSocket (RFC 6455, section 4.2), or returns the
/// response that refuses it. `may_deflate` says whether an offer of permessage-deflate may be
/// accepted.
[[nodiscard]] expected<handshake_answer, http_response>
answer_handshake(const http_request& request, bool may_deflate);

/// Returns the proof that the server has understood a handshake with this key.
[[nodiscard]] std::string accept_key(std::string_view key);

} // namespace hubbub
