#pragma once

#include "proto/access/jwt.hpp"

#include <cstdint>
#include <string_view>

namespace hubbub {

/// The reason why a client may not enter the chat: its CONNECT is answered with a
/// CONNECT_ERROR. The numbers are those of the flight recorder's file: new reasons go to the
/// end.
enum class connect_refusal : std::uint8_t {
  token_missing,     ///< no token was sent
  token_invalid,     ///< the token is malformed, forged or meant for others
  token_expired,     ///< the token has expired
  bad_request,       ///< the name in the handshake is not acceptable
  rate_limited,      ///< too many CONNECTs
  unknown_namespace, ///< there is no such namespace
};

/// Returns the reason's word, in the log, in metrics and in traces.
[[nodiscard]] constexpr std::string_view to_string(connect_refusal why) {
  switch (why) {
  case connect_refusal::token_missing: return "token_missing";
  case connect_refusal::token_invalid: return "token_invalid";
  case connect_refusal::token_expired: return "token_expired";
  case connect_refusal::bad_request: return "bad_request";
  case connect_refusal::rate_limited: return "rate_limited";
  case connect_refusal::unknown_namespace: return "unknown_namespace";
  }
  return {};
}

/// Returns the reason that a token's fault is.
[[nodiscard]] constexpr connect_refusal refusal_for(token_fault fault) {
  switch (fault) {
  case token_fault::missing: return connect_refusal::token_missing;
  case token_fault::invalid: return connect_refusal::token_invalid;
  case token_fault::expired: return connect_refusal::token_expired;
  }
  return connect_refusal::token_invalid;
}

} // namespace hubbub
