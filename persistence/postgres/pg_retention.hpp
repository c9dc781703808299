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

/// Removes messages by the rules of retention, in small steps. Each step looks at some rooms in
/// turn and removes some messages, a room's oldest first. It judges times as `sqlite_retention`
/// does.
class pg_retention {
 public:
  explicit pg_retention(std::vector<retention_rule> rules) : rules_(std::move(rules)) {}
  [[nodiscard]] bool has_rules() const { return !rules_.empty(); }

  /// Runs one step, in a transaction of its own if something is due. Returns true while this
  /// round is not over.
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
  /// What one step removes: the messages up to `last`, 0 if none is due.
  struct portion {
    sequence last{};
    bool undecided = false; ///< the room has to be looked at again
  };
  /// The oldest messages of a room, if all their times lie ahead of the clock.
  struct ahead {
    sequence next;    ///< the first message after them that was not looked at
    timestamp lowest; ///< lowest of their times: from then on it can be believed
  };
  /// Locks the room and returns what is due in it.
  [[nodiscard]] expected<portion, pg::failure> last_due(pg::connection& open,
                                                        const candidate& room,
                                                        const retention_rule& rule,
                                                        timestamp now);
  /// Looks at some of the messages after `known`. A `last` other than 0 says that the first
  /// believable time is past `oldest_kept`.
  [[nodiscard]] static expected<portion, pg::failure> look_behind(pg::connection& open,
                                                                  room_id room, ahead& known,
                                                                  timestamp oldest_kept,
                                                                  timestamp now);
  /// Removes some of the room's messages; true if the same room must be looked at again.
  [[nodiscard]] expected<bool, pg::failure> remove(pg::connection& open, const candidate& room,
                                                   const retention_rule& rule, timestamp now);

  std::vector<retention_rule> rules_;
  room_id seen_{}; ///< last room seen in this round
  std::unordered_map<room_id, ahead> ahead_;
};

} // namespace hubbub
