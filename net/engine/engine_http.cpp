#include "net/engine/engine_http.hpp"

#include "proto/json/json.hpp"

#include <utility>

namespace hubbub {
namespace {

std::string_view message_of(engine_http_error error) {
  switch (error) {
  case engine_http_error::unknown_transport: return "Transport unknown";
  case engine_http_error::unknown_sid: return "Session ID unknown";
  case engine_http_error::bad_method: return "Bad handshake method";
  case engine_http_error::bad_request: return "Bad request";
  case engine_http_error::unsupported_version: return "Unsupported protocol version";
  }
  return "Bad request";
}

} // namespace

http_response to_response(engine_http_error error) {
  std::string body;
  json::writer{body}
      .begin_object()
      .field("code", static_cast<std::int64_t>(error))
      .field("message", message_of(error))
      .end_object();
  return {400, "application/json", std::move(body), {}};
}

http_response to_response(request_verdict verdict) {
  if (verdict == request_verdict::too_large)
    return error_response({error_code::too_large, "a message is larger than max_payload"});
  return to_response(verdict == request_verdict::unknown ? engine_http_error::unknown_sid
                                                         : engine_http_error::bad_request);
}

http_response end_of_session(close_reason reason) {
  // Proxies may count a 503 as the server's fault, so it is used only where it is one.
  const bool is_lost = reason == close_reason::lease_lost;
  if (reason != close_reason::shutdown && !is_lost)
    return to_response(engine_http_error::unknown_sid);
  auto response =
      error_response({error_code::overloaded,
                      is_lost ? "the server has lost its database" : "the server is stopping"});
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

http_response poll_answer(std::string payload) {
  return {
      200, "text/plain; charset=UTF-8", std::move(payload), {{"Cache-Control", "no-store"}}};
}

http_response post_answer() {
  return {200, "text/html", "ok", {}};
}

std::string encode_packet(engine_type type, std::string_view data) {
  std::string packet{to_digit(type)};
  packet += data;
  return packet;
}

} // namespace hubbub
