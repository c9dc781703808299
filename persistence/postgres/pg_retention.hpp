#pragma once

#include "persistence/postgres/pg_connection.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub {

/// Removes messages by the rules of retention, in small steps: each looks at some rooms, one
/// after the other round and round, and removes some messages, a room's oldest first. What it
/// makes of times is what `sqlite_retention` makes of them.
class pg_retention {
 public:
  explicit pg_retention(std::vector<retention_rule> rules) : rules_(std::move(rules)) {}
  [[nodiscard]] bool has_rules() const { return !rules_.empty(); }

  /// One step, in a transaction of its own where something is due. True: this round is not
  /// over.
  [[nodiscard]] expected<bool, pg::failure> step(pg::connection& open, timestamp now);

 private:
  struct candidate {
    room_id id;
    std::string name;
    sequence first_seq;
    sequence last_seq;
    timestamp oldest_at;
  };
  [[nodiscard]] expected<std::vector<candidate>, pg::failure> next_rooms(pg::connection& open);
  [[nodiscard]] const retention_rule* rule_for(std::string_view name) const;
  /// What one step removes: up to which message, 0 where none is due.
  struct portion {
    sequence last{};
    bool undecided = false; ///< the room has to be looked at again
  };
  /// The oldest messages of a room whose times all lie ahead of the clock.
  struct ahead {
    sequence next;    ///< the first behind them that was not looked at
    timestamp lowest; ///< of their times: from then on it can be
  };
  /// Locks the room and says what of it is due.
  [[nodiscard]] expected<portion, pg::failure> last_due(pg::connection& open,
                                                        const candidate& room,
                                                        const retention_rule& rule,
                                                        timestamp now);
  /// Looks at some of the messages behind `known`: a `last` that is not 0 says that the first
  /// whose time can be is past `oldest_kept`.
  [[nodiscard]] static expected<portion, pg::failure> look_behind(pg::connection& open,
                                                                  room_id room, ahead& known,
                                                                  timestamp oldest_kept,
                                                                  timestamp now);
  /// Removes some of the room's messages; true: the same room is looked at again.
  [[nodiscard]] expected<bool, pg::failure> remove(pg::connection& open, const candidate& room,
                                                   const retention_rule& rule, timestamp now);

  std::vector<retention_rule> rules_;
  room_id seen_{}; ///< of this round
  std::unordered_map<room_id, ahead> ahead_;
};

} // namespace hubbub
