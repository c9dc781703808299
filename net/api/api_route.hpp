#pragma once

#include "proto/expected.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The operations of the HTTP API.
enum class api_operation : std::uint8_t {
  list_rooms,
  create_room,
  show_room,
  list_members,
  read_messages,
  post_to_room, ///< the path names the room
  edit_message,
  delete_message,
  post_to_any_room, ///< the body names the room
  change_room,
  kick_user,
  list_standings, ///< the path names the list: roster, bans or mutes
  put_standing,
  lift_standing,
  search_room,
  search_all,
  health,
  readiness,
  metrics,
  info,
};

/// One route of the API: `{…}` in a pattern stands for one segment of the path.
struct api_route {
  std::string_view method;
  std::string_view pattern;
  api_operation operation;
};

/// Returns all routes of the API, except for embedded files.
[[nodiscard]] std::span<const api_route> api_routes();

struct route_match {
  api_operation operation;
  std::vector<std::string> parameters; ///< the text for each `{…}`, decoded
};
/// The reason why there is no match: an unknown path, or a known one with other methods.
struct route_mismatch {
  std::string allow; ///< the value of the `Allow` header; empty: no such path
};

/// Finds a route. `path` is that of an `http_target`; a slash at its end makes no difference.
[[nodiscard]] expected<route_match, route_mismatch> find_route(std::string_view method,
                                                               std::string_view path);

} // namespace hubbub
