#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// The kinds of errors in requests, on the socket and over HTTP alike (docs/api.md, "Errors").
enum class error_code : std::uint8_t {
  bad_request,   ///< malformed, missing, mistyped or out of range; the message names the field
  unauthorized,  ///< no valid token
  forbidden,     ///< not allowed by the token or in open mode
  unknown_event, ///< an event the chat does not know
  not_found,     ///< no such room or route
  method_not_allowed,     ///< the route exists, the method does not
  already_exists,         ///< the room's name is taken
  not_a_member,           ///< send or typing in a room not joined
  limit_exceeded,         ///< a quota is used up
  too_large,              ///< content or body over its limit
  unsupported_media_type, ///< a body that is compressed
  rate_limited,           ///< too many requests
  overloaded,             ///< the store's queue is full; try again
  storage_full,           ///< the disk is full; on the wire `storage_error`
  storage_error,          ///< the store failed; on the wire `storage_error`
};

/// A failed request: a code for programs and a sentence for people.
struct error {
  error_code code = error_code::bad_request;
  std::string message;
  /// With `rate_limited`, when another try is worthwhile; zero if unknown. It is
  /// `retry_after_ms` on the wire.
  std::chrono::milliseconds retry_after{0};
};

/// Returns the code's name on the wire.
[[nodiscard]] std::string_view wire_name(error_code code);

/// Returns the HTTP status of an error response with this code.
[[nodiscard]] unsigned http_status(error_code code);

} // namespace hubbub
