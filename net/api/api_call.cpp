#include "net/api/api_call.hpp"

#include "proto/json/json.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hubbub {
namespace {

/// Returns the seconds after which another try is worthwhile; for an overloaded server that is
/// unknown.
std::string seconds_of(const error& why) {
  const auto known = std::chrono::ceil<std::chrono::seconds>(why.retry_after).count();
  return std::to_string(std::max<std::int64_t>(known, 1));
}

void log_refusal(const http_request& request, unsigned status, const error& why) {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  std::string path; // quoted, since a client chose it
  json::append_string(path, request.path);
  spdlog::debug("http {} {} {} {}: {}", to_string(request.client), request.method, path, status,
                why.message);
}

} // namespace

user_ptr api_call::author(std::string user_id, std::string username) const {
  return std::make_shared<const user>(
      user{std::move(user_id), std::move(username), nullptr, access_});
}

void api_call::answer(http_response response) {
  if (const auto respond = std::exchange(respond_, nullptr)) respond(std::move(response));
}

void api_call::answer_json(unsigned status, std::string body, header_list headers) {
  http_response response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  answer(std::move(response));
}

void api_call::fail(const error& why) {
  fail(why, http_status(why.code));
}

void api_call::fail(const error& why, unsigned status, header_list headers) {
  log_refusal(request_, status, why);
  if (status == 503 || status == 429) headers.emplace_back("Retry-After", seconds_of(why));
  auto response = error_response(why);
  response.status = status;
  response.headers = std::move(headers);
  answer(std::move(response));
}

} // namespace hubbub
