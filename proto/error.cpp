#include "proto/error.hpp"

namespace hubbub {

std::string_view wire_name(error_code code) {
  switch (code) {
  case error_code::bad_request: return "bad_request";
  case error_code::unauthorized: return "unauthorized";
  case error_code::forbidden: return "forbidden";
  case error_code::unknown_event: return "unknown_event";
  case error_code::not_found: return "not_found";
  case error_code::method_not_allowed: return "method_not_allowed";
  case error_code::already_exists: return "already_exists";
  case error_code::not_a_member: return "not_a_member";
  case error_code::limit_exceeded: return "limit_exceeded";
  case error_code::too_large: return "too_large";
  case error_code::unsupported_media_type: return "unsupported_media_type";
  case error_code::rate_limited: return "rate_limited";
  case error_code::overloaded: return "overloaded";
  case error_code::storage_full:
  case error_code::storage_error: break;
  }
  return "storage_error";
}

unsigned http_status(error_code code) {
  switch (code) {
  case error_code::bad_request:
  case error_code::unknown_event: return 400;
  case error_code::unauthorized: return 401;
  case error_code::forbidden:
  case error_code::not_a_member:
  case error_code::limit_exceeded: return 403;
  case error_code::not_found: return 404;
  case error_code::method_not_allowed: return 405;
  case error_code::already_exists: return 409;
  case error_code::too_large: return 413;
  case error_code::unsupported_media_type: return 415;
  case error_code::rate_limited: return 429;
  case error_code::overloaded: return 503;
  case error_code::storage_full: return 507;
  case error_code::storage_error: break;
  }
  return 500;
}

} // namespace hubbub
