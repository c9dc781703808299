#include "persistence/postgres/pg_room_filter.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

namespace {

/// Converts a pattern in which only `*` is special into one for LIKE.
std::string like_pattern(std::string_view pattern) {
  std::string like;
  for (const char c : pattern) {
    if (c == '*') {
      like += '%';
      continue;
    }
    if (c == '%' || c == '_' || c == '\\') like += '\\';
    like += c;
  }
  return like;
}

} // namespace

void add_viewer(pg::parameters& arguments, const room_viewer& viewer) {
  arguments.add(viewer.user_id.empty() ? std::optional<std::string_view>{}
                                       : pg::sought(viewer.user_id));
  arguments.add(viewer.now);
  arguments.add(viewer.sees_all);
  std::optional<pg::array> patterns;
  if (viewer.patterns) {
    patterns.emplace(pg::element::text);
    for (const auto& pattern : *viewer.patterns)
      patterns->add(pg::sought(like_pattern(pattern)));
  }
  arguments.add(patterns);
}

} // namespace hubbub
