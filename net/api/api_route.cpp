#include "net/api/api_route.hpp"

#include "net/http/http_target.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace hubbub {
namespace {

constexpr auto routes = [] {
  using enum api_operation;
  return std::array{
      api_route{"GET", "/api/rooms", list_rooms},
      api_route{"POST", "/api/rooms", create_room},
      api_route{"GET", "/api/rooms/{room_id}", show_room},
      api_route{"PATCH", "/api/rooms/{room_id}", change_room},
      api_route{"GET", "/api/rooms/{room_id}/members", list_members},
      api_route{"POST", "/api/rooms/{room_id}/kicks", kick_user},
      api_route{"GET", "/api/rooms/{room_id}/roster", list_standings},
      api_route{"PUT", "/api/rooms/{room_id}/roster/{user_id}", put_standing},
      api_route{"DELETE", "/api/rooms/{room_id}/roster/{user_id}", lift_standing},
      api_route{"GET", "/api/rooms/{room_id}/bans", list_standings},
      api_route{"PUT", "/api/rooms/{room_id}/bans/{user_id}", put_standing},
      api_route{"DELETE", "/api/rooms/{room_id}/bans/{user_id}", lift_standing},
      api_route{"GET", "/api/rooms/{room_id}/mutes", list_standings},
      api_route{"PUT", "/api/rooms/{room_id}/mutes/{user_id}", put_standing},
      api_route{"DELETE", "/api/rooms/{room_id}/mutes/{user_id}", lift_standing},
      api_route{"GET", "/api/messages/{room_id}", read_messages},
      api_route{"POST", "/api/messages/{room_id}", post_to_room},
      api_route{"GET", "/api/messages/{room_id}/search", search_room},
      api_route{"PATCH", "/api/messages/{room_id}/{seq}", edit_message},
      api_route{"DELETE", "/api/messages/{room_id}/{seq}", delete_message},
      api_route{"POST", "/messages/", post_to_any_room},
      api_route{"GET", "/api/search", search_all},
      api_route{"GET", "/api/info", info},
      api_route{"GET", "/healthz", health},
      api_route{"GET", "/readyz", readiness},
      api_route{"GET", "/metrics", metrics},
  };
}();

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

std::span<const api_route> api_routes() {
  return routes;
}

expected<route_match, route_mismatch> find_route(std::string_view method,
                                                 std::string_view path) {
  path = without_last_slash(path);
  route_mismatch mismatch;
  for (const auto& route : routes) {
    auto parameters = match(without_last_slash(route.pattern), path);
    if (!parameters) continue;
    if (route.method == method) return route_match{route.operation, std::move(*parameters)};
    if (!mismatch.allow.empty()) mismatch.allow += ", ";
    mismatch.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return unexpected(std::move(mismatch));
}

} // namespace hubbub
