#include "persistence/sqlite/sqlite_room_filter.hpp"

#include "proto/access/name_pattern.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

namespace {

using room_patterns = std::vector<std::string>;

constexpr auto patterns_kind = "room_patterns";

void is_named(sqlite3_context* result, int, sqlite3_value** values) {
  const auto* allowed =
      static_cast<const room_patterns*>(sqlite3_value_pointer(values[1], patterns_kind));
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  const auto length = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
  const auto name = bytes ? std::string_view{bytes, length} : std::string_view{};
  const bool named = !allowed || std::ranges::any_of(*allowed, [&](const std::string& pattern) {
    return matches_pattern(pattern, name);
  });
  sqlite3_result_int(result, named ? 1 : 0);
}

} // namespace

sqlite::status add_room_filter(const sqlite::database& db) {
  const int code = sqlite3_create_function(db.handle(), "is_named", 2, SQLITE_UTF8, nullptr,
                                           is_named, nullptr, nullptr);
  if (code != SQLITE_OK) return unexpected(sqlite::error_of(code));
  return {};
}

sqlite::pointer patterns_of(const room_viewer& viewer) {
  return {viewer.patterns ? &*viewer.patterns : nullptr, patterns_kind};
}

} // namespace hubbub
