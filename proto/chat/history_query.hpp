#pragma once

#include "proto/ids.hpp"
#include "proto/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// What clients ask of the log, over the socket and over HTTP alike (docs/api.md, "History").
namespace hubbub {

/// A page of history. `before` and `after` are exclusive; `around` excludes both.
struct history_query {
  std::optional<sequence> before = std::nullopt;
  std::optional<sequence> after = std::nullopt;
  std::optional<sequence> around = std::nullopt;
  std::int64_t limit = default_page;
  // Only messages of this user, and created from (inclusive) until (exclusive) these times.
  std::optional<std::string> user_id = std::nullopt;
  std::optional<timestamp> from = std::nullopt;
  std::optional<timestamp> until = std::nullopt;
};

/// A search for the words of `q`, 1 to `max_search` characters, trimmed.
struct search_terms {
  std::string q;
  std::optional<std::string> user_id = std::nullopt;
  std::int64_t offset = 0;
  std::int64_t limit = default_search_page;
};

} // namespace hubbub
