#include "net/http/cors.hpp"

#include "proto/json/text.hpp"

#include <algorithm>

namespace hubbub {

cors_policy::cors_policy(std::string_view origins) {
  while (!origins.empty()) {
    const auto next = origins.substr(0, origins.find(','));
    origins.remove_prefix(std::min(origins.size(), next.size() + 1));
    if (const auto origin = trim(next); origin == "*")
      any_ = true;
    else if (!origin.empty())
      origins_.emplace_back(origin);
  }
}

bool cors_policy::admits(std::string_view origin) const {
  return any_ || origin.empty() || std::ranges::find(origins_, origin) != origins_.end();
}

void cors_policy::apply(std::string_view origin, http_response& response) const {
  if (any_) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  } else {
    response.headers.emplace_back("Vary", "Origin");
    if (origin.empty() || !admits(origin)) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  }
  response.headers.emplace_back("Access-Control-Expose-Headers", "ETag, Location, Retry-After");
}

http_response cors_policy::preflight(const http_request& request) {
  http_response response{204, {}, {}, {}};
  response.headers.emplace_back("Access-Control-Allow-Methods",
                                "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  // Whatever the page wants to send: no header unlocks anything that its value does not.
  const auto wanted = request.header("access-control-request-headers");
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                wanted.empty() ? "Authorization, Content-Type" : wanted);
  response.headers.emplace_back("Access-Control-Max-Age", "86400");
  return response;
}

} // namespace hubbub
