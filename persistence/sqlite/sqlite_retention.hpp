#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Removes messages by the rules of retention, in small steps. Each step looks at some rooms in
/// turn and removes some messages, a room's oldest first; or it makes the search merge a
/// portion of what earlier steps left behind.
///
/// Messages are ordered by their `seq`; their times are only what a clock said. A time ahead of
/// the clock is not believed: such a message counts as being as old as the next one of its room
/// whose time is believable. A believable time is believed, so nothing is removed early, and a
/// message that is followed by others stays at most twice as long as its rule says.
class sqlite_retention {
 public:
  sqlite_retention(sqlite::database& db, std::vector<retention_rule> rules,
                   sqlite_search_indexer& search);
  [[nodiscard]] sqlite::status prepare();
  [[nodiscard]] bool has_rules() const { return !rules_.empty(); }

  /// Runs one step, in a transaction of its own if something is due. Returns true while this
  /// round is not over.
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
  /// What one step removes: the messages up to `last`, 0 if none is due, and their bytes.
  struct portion {
    sequence last{};
    std::int64_t bytes = 0;
    bool undecided = false; ///< the room has to be looked at again
  };
  /// The oldest messages of a room, if all their times lie ahead of the clock.
  struct ahead {
    sequence next;    ///< the first message after them that was not looked at
    timestamp lowest; ///< lowest of their times: from then on it can be believed
  };
  /// The times that one pass of retention by age goes by: messages older than `oldest_kept` are
  /// due.
  struct age_rule {
    timestamp now;
    timestamp oldest_kept;
  };
  [[nodiscard]] expected<portion, store_error>
  last_due(const candidate& room, const retention_rule& rule, timestamp now);
  /// Whether the first message with a believable time is kept or due.
  enum class next_message : std::uint8_t { kept, due, unknown };
  /// Looks at some of the messages after `known` for the first one with a believable time, and
  /// returns whether it is due. Returns `unknown` if there are more to look at.
  [[nodiscard]] expected<next_message, store_error> look_behind(ahead& known, room_id room,
                                                                const age_rule& rule);
  [[nodiscard]] ahead& ahead_of(room_id room, sequence next, timestamp lowest, timestamp now);
  [[nodiscard]] sqlite::status remove(const candidate& room, const portion& due);
  [[nodiscard]] sqlite::status forget_words(const candidate& room, const portion& due);

  sqlite::database& db_;
  std::vector<retention_rule> rules_;
  sqlite_search_indexer& search_;
  room_id seen_{}; ///< last room seen in this round
  std::unordered_map<room_id, ahead> ahead_;
  sqlite::statement rooms_;
  sqlite::statement oldest_;
  sqlite::statement times_;
  sqlite::statement words_;
  sqlite::statement keep_repeats_;
  sqlite::statement remember_last_id_;
  sqlite::statement remove_;
  sqlite::statement advance_;
};

} // namespace hubbub
