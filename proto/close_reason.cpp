#include "proto/close_reason.hpp"

namespace hubbub {

bool is_wanted_back(close_reason reason) {
  switch (reason) {
  case close_reason::transport_error:
  case close_reason::ping_timeout:
  case close_reason::connect_timeout:
  case close_reason::server_full:
  case close_reason::slow_reader:
  case close_reason::lease_lost:
  case close_reason::shutdown: return true;
  case close_reason::client_close:
  case close_reason::client_disconnect:
  case close_reason::parse_error:
  case close_reason::duplicate_poll:
  case close_reason::connect_refused:
  case close_reason::server_disconnect:
  case close_reason::token_expired:
  case close_reason::superseded:
  case close_reason::rate_limited: break;
  }
  return false;
}

std::string_view to_string(close_reason reason) {
  switch (reason) {
  case close_reason::client_close: return "client_close";
  case close_reason::client_disconnect: return "client_disconnect";
  case close_reason::transport_error: return "transport_error";
  case close_reason::ping_timeout: return "ping_timeout";
  case close_reason::parse_error: return "parse_error";
  case close_reason::duplicate_poll: return "duplicate_poll";
  case close_reason::connect_timeout: return "connect_timeout";
  case close_reason::connect_refused: return "connect_refused";
  case close_reason::server_disconnect: return "server_disconnect";
  case close_reason::token_expired: return "token_expired";
  case close_reason::superseded: return "superseded";
  case close_reason::rate_limited: return "rate_limited";
  case close_reason::server_full: return "server_full";
  case close_reason::slow_reader: return "slow_reader";
  case close_reason::lease_lost: return "lease_lost";
  case close_reason::shutdown: return "shutdown";
  }
  return "unknown";
}

} // namespace hubbub
