#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_merges.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hubbub {

/// Removes messages by the rules of retention, in small steps: each looks at some rooms, one
/// after the other round and round, and removes some messages, a room's oldest first; or has
/// the search merge a portion of what the steps before left it.
class sqlite_retention {
 public:
  sqlite_retention(sqlite::database& db, std::vector<retention_rule> rules);
  [[nodiscard]] sqlite::status prepare();
  [[nodiscard]] bool has_rules() const { return !rules_.empty(); }

  /// One step, in a transaction of its own where something is due. True: this round is not
  /// over.
  [[nodiscard]] expected<bool, store_error> step(timestamp now);

 private:
  struct candidate {
    room_id id;
    std::string name;
    sequence first_seq;
    sequence last_seq;
  };

  [[nodiscard]] expected<std::vector<candidate>, store_error> next_rooms();
  [[nodiscard]] const retention_rule* rule_for(std::string_view name) const;
  /// What one step removes: up to which message, 0 where none is due, and how much text.
  struct portion {
    sequence last{};
    std::int64_t bytes = 0;
  };
  [[nodiscard]] expected<portion, store_error>
  last_due(const candidate& room, const retention_rule& rule, timestamp now);
  [[nodiscard]] sqlite::status remove(const candidate& room, const portion& due);
  [[nodiscard]] sqlite::status merge();

  sqlite::database& db_;
  std::vector<retention_rule> rules_;
  room_id seen_{}; ///< of this round
  sqlite::statement rooms_;
  sqlite::statement oldest_;
  sqlite::statement keep_repeats_;
  sqlite::statement remove_;
  sqlite::statement advance_;
  sqlite_search_merges merges_;
};

} // namespace hubbub
