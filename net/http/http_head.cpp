#include "net/http/http_head.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

namespace hubbub {
namespace {

constexpr std::string_view caching = "Cache-Control";
constexpr std::string_view no_guessing = "X-Content-Type-Options";

/// Returns the time in HTTP's format (RFC 9110, 5.6.7), formatted once a second.
const std::string& http_date() {
  thread_local std::time_t made_for = -1;
  thread_local std::string text;
  const auto now = std::time(nullptr);
  if (now != made_for) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 32> space{};
    text.assign(space.data(),
                std::strftime(space.data(), space.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc));
    made_for = now;
  }
  return text;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool names(const http_response& response, std::string_view field) {
  return std::ranges::any_of(response.headers,
                             [field](const auto& each) { return each.first == field; });
}

} // namespace

std::string response_head(const http_response& response, http_version version,
                          bool keep_alive) {
  namespace http = boost::beast::http;
  std::string head = version == http_version::v1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head.reserve(256);
  const std::string_view reason = http::obsolete_reason(http::int_to_status(response.status));
  head.append(std::to_string(response.status)).append(" ").append(reason).append("\r\n");
  append_field(head, "Date", http_date());
  if (may_have_body(response.status)) {
    append_field(head, "Content-Length", std::to_string(response.content().size()));
    if (!response.content_type.empty())
      append_field(head, "Content-Type", response.content_type);
    if (!names(response, no_guessing)) append_field(head, no_guessing, "nosniff");
  }
  // Whoever knows better says so; a proxy that keeps a history or a readiness shows a stale
  // one.
  if (!names(response, caching)) append_field(head, caching, "no-store");
  for (const auto& [name, value] : response.headers)
    append_field(head, name, value);
  if (!keep_alive)
    append_field(head, "Connection", "close");
  else if (version == http_version::v1_0)
    append_field(head, "Connection", "keep-alive");
  head += "\r\n";
  return head;
}

bool may_have_body(unsigned status) {
  return status != 204 && status != 304;
}

} // namespace hubbub
