#pragma once

#include "net/http/http_exchange.hpp"
#include "proto/close_reason.hpp"
#include "proto/engine/engine_packet.hpp"
#include "proto/engine/engine_session.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// The code of an Engine.IO error, which clients read in the body of a status 400.
enum class engine_http_error : std::uint8_t {
  unknown_transport = 0,
  unknown_sid = 1,
  bad_method = 2,
  bad_request = 3,
  unsupported_version = 5,
};
[[nodiscard]] http_response to_response(engine_http_error error);
/// Returns the answer to a request that the session did not accept.
[[nodiscard]] http_response to_response(request_verdict verdict);

/// Returns the answer to a poll that was waiting when its session ended for this reason.
[[nodiscard]] http_response end_of_session(close_reason reason);

/// Returns the answer to a poll.
[[nodiscard]] http_response poll_answer(std::string payload);
/// Returns the answer to an accepted POST.
[[nodiscard]] http_response post_answer();

/// Returns a text packet in the form for a payload or a WebSocket message.
[[nodiscard]] std::string encode_packet(engine_type type, std::string_view data = {});

} // namespace hubbub
