#include "net/api/api_route.hpp"

#include "net/http/http_target.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace hubbub {
namespace {

std::string_view without_last_slash(std::string_view path) {
  return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

/// Removes the first segment of a path, with the slash before it, and returns it.
std::string_view take_segment(std::string_view& path) {
  const auto end = std::min(path.find('/', 1), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

/// Returns the text for each `{…}` of the pattern; nothing if the path does not match.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parameters;
  while (!pattern.empty() && !path.empty()) {
    const auto expected_segment = take_segment(pattern);
    const auto segment = take_segment(path);
    if (expected_segment.starts_with("/{"))
      parameters.push_back(segment_text(segment.substr(1)));
    else if (segment != expected_segment)
      return std::nullopt;
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parameters;
}

} // namespace

expected<route_match, route_mismatch> find_route(std::string_view method,
                                                 std::string_view path) {
  path = without_last_slash(path);
  route_mismatch mismatch;
  for (const auto& route : api_routes()) {
    auto parameters = match(without_last_slash(route.pattern), path);
    if (!parameters) continue;
    if (route.method == method) return route_match{&route, std::move(*parameters)};
    if (!mismatch.allow.empty()) mismatch.allow += ", ";
    mismatch.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return unexpected(std::move(mismatch));
}

} // namespace hubbub
