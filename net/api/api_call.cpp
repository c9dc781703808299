#include "net/api/api_call.hpp"

#include "net/compression/gzip.hpp"
#include "net/front/access_note.hpp"
#include "net/http/accept_encoding.hpp"
#include "net/log/log.hpp"

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

/// Size above which an answer is compressed: a smaller one fits into a packet or two as it is.
constexpr std::size_t worth_compressing = 1'024;

/// Compresses a large answer for a client that takes gzip.
void compress(http_response& response, const http_request& request) {
  if (response.body.size() <= worth_compressing) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(request.header("accept-encoding"))) return;
  auto shorter = gzip(response.body);
  if (shorter.empty()) return;
  response.body = std::move(shorter);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

/// True for a probe that is told on purpose that the server is not ready, which the log has
/// said once (`not_ready`).
bool is_probe(const http_request& request) {
  return request.path == "/readyz";
}

void log_refusal(const http_request& request, unsigned status, const error& why) {
  constexpr unsigned servers_fault = 500;
  const bool failed = status >= servers_fault;
  if (failed && is_probe(request)) return;
  const auto kind = failed ? log_event::http_failed : log_event::http_refused;
  if (!logs(kind)) return;
  log(kind, failed ? "a request could not be answered" : "a request was refused",
      {{"client", to_string(request.client)},
       {"method", request.method},
       {"path", request.path},
       {"status", std::uint64_t{status}},
       {"code", wire_name(why.code)},
       {"why", why.message},
       {"trace_id", trace_id_of(request)}});
}

} // namespace

user_ptr api_call::author(std::string user_id, std::string username) const {
  return std::make_shared<const user>(
      user{std::move(user_id), std::move(username), nullptr, access_});
}

void api_call::answer(http_response response) {
  const auto respond = std::exchange(respond_, nullptr);
  if (!respond) return;
  measure(response.status);
  compress(response, request_);
  response.user_id = access_->user_id;
  respond(std::move(response));
}

void api_call::measure(unsigned status) {
  if (!counter_) return;
  auto& routes = counter_->measures().http;
  if (routes.size() <= route_) routes.resize(route_ + 1);
  const auto kind = std::min<std::size_t>(status / 100 - 1, routes[route_].size() - 1);
  const auto took = std::chrono::steady_clock::now() - begun_;
  routes[route_][kind].observe(took);
  if (const auto trace = trace_id_of(request_); !trace.empty())
    counter_->measures().http_traces.note(
        route_series(route_, kind), took, trace,
        std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now().time_since_epoch()));
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
  if (counter_ && respond_)
    ++counter_->measures().http_errors[static_cast<std::size_t>(why.code)];
  if (why.code == error_code::rate_limited && logs(log_event::rate_limited))
    log(log_event::rate_limited, "an HTTP client is too fast, and its requests are refused",
        {{"what", std::string_view{"requests"}},
         {"user", access_->user_id},
         {"client", to_string(request_.client)},
         {"trace_id", trace_id_of(request_)}});
  if (status == 503 || status == 429) headers.emplace_back("Retry-After", seconds_of(why));
  auto response = error_response(why);
  response.status = status;
  response.headers = std::move(headers);
  answer(std::move(response));
}

} // namespace hubbub
