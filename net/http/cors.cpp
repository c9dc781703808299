#include "net/http/cors.hpp"

#include "proto/json/ascii_case.hpp"
#include "proto/json/text.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

bool is_scheme(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
  return !text.empty() && letters.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") ==
             std::string_view::npos;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of(name_characters) == std::string_view::npos;
}

/// Parses a port, which has only digits: `0443` is 443.
std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, port);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return port;
}

bool is_implied(std::string_view scheme, std::uint16_t port) {
  return (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
}

/// Removes the host, in the form that browsers write, from the front of `rest` and returns it;
/// empty if there is none.
std::string take_host(std::string_view& rest) {
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return {};
    boost::system::error_code bad;
    const auto address =
        boost::asio::ip::make_address_v6(std::string{rest.substr(1, end - 1)}, bad);
    rest.remove_prefix(end + 1);
    return bad || address.scope_id() != 0 ? std::string{} : '[' + address.to_string() + ']';
  }
  const auto host = rest.substr(0, rest.find(':'));
  rest.remove_prefix(host.size());
  return is_name(host.starts_with("*.") ? host.substr(2) : host) ? std::string{host}
                                                                 : std::string{};
}

} // namespace

bool origin_pattern::matches(std::string_view origin) const {
  if (tail.empty()) return origin == head;
  if (origin.size() <= head.size() + tail.size()) return false;
  if (!origin.starts_with(head) || !origin.ends_with(tail)) return false;
  origin.remove_prefix(head.size());
  origin.remove_suffix(tail.size());
  return is_name(origin);
}

std::optional<origin_pattern> parse_origin(std::string_view text) {
  const auto lower = lower_case(trim(text));
  if (lower == "null") return origin_pattern{lower, {}};
  const std::string_view whole{lower};
  const auto end = whole.find("://");
  if (end == std::string_view::npos || !is_scheme(whole.substr(0, end))) return std::nullopt;
  const auto scheme = whole.substr(0, end);
  auto rest = whole.substr(end + 3);
  auto host = take_host(rest);
  if (host.empty()) return std::nullopt;
  if (!rest.empty()) {
    const auto port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
    if (!port) return std::nullopt;
    if (!is_implied(scheme, *port)) host += ':' + std::to_string(*port);
  }
  auto head = std::string{scheme} + "://";
  if (host.starts_with('*')) return origin_pattern{std::move(head), host.substr(1)};
  return origin_pattern{head + host, {}};
}

cors_policy::cors_policy(std::string_view origins, bool credentials)
    : credentials_(credentials) {
  while (!origins.empty()) {
    const auto next = origins.substr(0, origins.find(','));
    origins.remove_prefix(std::min(origins.size(), next.size() + 1));
    if (trim(next) == "*")
      any_ = true;
    else if (auto origin = parse_origin(next))
      origins_.push_back(*std::move(origin));
  }
}

bool cors_policy::admits(std::string_view origin) const {
  return any_ || origin.empty() ||
         std::ranges::any_of(origins_, [&](const auto& each) { return each.matches(origin); });
}

void cors_policy::apply(std::string_view origin, http_response& response) const {
  if (any_ && !credentials_) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  } else {
    response.headers.emplace_back("Vary", "Origin");
    if (origin.empty() || !admits(origin)) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", origin);
    response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  }
  response.headers.emplace_back("Access-Control-Expose-Headers", "ETag, Location, Retry-After");
}

http_response cors_policy::preflight(const http_request& request) {
  http_response response{204, {}, {}, {}};
  response.headers.emplace_back("Access-Control-Allow-Methods",
                                "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  // Whatever header the page wants to send is allowed, since no header gives access that its
  // value does not.
  const auto wanted = request.header("access-control-request-headers");
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                wanted.empty() ? "Authorization, Content-Type" : wanted);
  response.headers.emplace_back("Access-Control-Max-Age", "86400");
  return response;
}

} // namespace hubbub
