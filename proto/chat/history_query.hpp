#pragma once

#include "proto/ids.hpp"
#include "proto/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// Queries of the log, the same over the socket and over HTTP (docs/api.md, "History").
namespace hubbub {

/// A page of history. `before` and `after` are exclusive; `around` excludes both.
struct history_query {
  std::optional<sequence> before = std::nullopt;
  std::optional<sequence> after = std::nullopt;
  std::optional<sequence> around = std::nullopt;
  std::int64_t limit = default_page;
  // Filters: only messages of this user, created from (inclusive) until (exclusive) these
  // times.
  std::optional<std::string> user_id = std::nullopt;
  std::optional<timestamp> from = std::nullopt;
  std::optional<timestamp> until = std::nullopt;
};

/// A search for the words of `q`, which has 1 to `max_search` characters and is trimmed.
struct search_terms {
  std::string q;
  std::optional<std::string> user_id = std::nullopt;
  std::int64_t offset = 0;
  std::int64_t limit = default_search_page;
};

} // namespace hubbub
