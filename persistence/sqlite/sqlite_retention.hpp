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

/// Removes messages by the rules of retention, in small steps: each looks at some rooms, one
/// after the other round and round, and removes some messages, a room's oldest first; or has
/// the search merge a portion of what the steps before left it.
///
/// The order of messages is their `seq`, and their times are only what a clock said. A time
/// that lies ahead of the clock is not believed: such a message is as old as the next one of
/// its room whose time can be. A time that can be is believed, so nothing goes early, and
/// whatever is followed by other messages stays at most twice as long as its rule says.
class sqlite_retention {
 public:
  sqlite_retention(sqlite::database& db, std::vector<retention_rule> rules,
                   sqlite_search_indexer& search);
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
    bool undecided = false; ///< the room has to be looked at again
  };
  /// The oldest messages of a room whose times all lie ahead of the clock.
  struct ahead {
    sequence next;    ///< the first behind them that was not looked at
    timestamp lowest; ///< of their times: from then on it can be
  };
  /// What a rule by age says of one room.
  struct age_rule {
    timestamp now;
    timestamp oldest_kept;
  };
  [[nodiscard]] expected<portion, store_error>
  last_due(const candidate& room, const retention_rule& rule, timestamp now);
  /// What is known of the first message whose time can be true.
  enum class next_message : std::uint8_t { kept, due, unknown };
  /// Looks at some of the messages behind `known` for the first one whose time can be true, and
  /// says whether it is due. The answer is `unknown` if there are more to look at.
  [[nodiscard]] expected<next_message, store_error> look_behind(ahead& known, room_id room,
                                                                const age_rule& rule);
  [[nodiscard]] ahead& ahead_of(room_id room, sequence next, timestamp lowest, timestamp now);
  [[nodiscard]] sqlite::status remove(const candidate& room, const portion& due);
  [[nodiscard]] sqlite::status forget_words(const candidate& room, const portion& due);

  sqlite::database& db_;
  std::vector<retention_rule> rules_;
  sqlite_search_indexer& search_;
  room_id seen_{}; ///< of this round
  std::unordered_map<room_id, ahead> ahead_;
  sqlite::statement rooms_;
  sqlite::statement oldest_;
  sqlite::statement times_;
  sqlite::statement words_;
  sqlite::statement keep_repeats_;
  sqlite::statement remove_;
  sqlite::statement advance_;
};

} // namespace hubbub
