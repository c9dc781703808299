#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// The findings of a check: sentences, up to a maximum number.
class check_findings {
 public:
  static constexpr std::size_t most = 100;

  void add(std::string sentence) {
    if (sentences_.size() < most) sentences_.push_back(std::move(sentence));
  }
  [[nodiscard]] bool empty() const { return sentences_.empty(); }
  [[nodiscard]] std::vector<std::string> take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

/// The counters that a room's row states about its log.
struct checked_room {
  std::int64_t first_seq = 0;
  std::int64_t last_seq = 0;
  std::int64_t last_rev = 0;
  std::int64_t latest_at = 0;
  std::int64_t clock_back_ms = 0;
};
struct checked_message {
  std::int64_t room = 0;
  std::int64_t seq = 0;
  std::int64_t id = 0;
  std::int64_t rev = 0;
  std::int64_t created_at = 0;
  bool unchanged = false;
  bool talking_tombstone = false;
};

/// Finds faults of one room, message by message.
class room_checker {
 public:
  /// `says` is empty if the room does not exist.
  room_checker(std::int64_t room, const std::optional<checked_room>& says,
               check_findings& findings)
      : findings_(findings), room_(room), known_(says.has_value()),
        says_(says.value_or(checked_room{})) {
    if (!known_) complain("has messages but is not there");
  }

  [[nodiscard]] std::int64_t room() const { return room_; }
  void add(const checked_message& each);
  void end();

 private:
  void complain(const std::string& what);
  void complain_of(const checked_message& each, const std::string& what);

  check_findings& findings_;
  std::int64_t room_;
  bool known_;
  checked_room says_;
  std::int64_t last_seq_ = 0;
  std::int64_t last_id_ = 0;
  std::int64_t last_rev_ = 0;
  std::int64_t latest_ = 0;
  std::int64_t clock_back_ = 0;
};

/// Reads all messages in order and finds faults in the logs of rooms: a gap, an `id` or `rev`
/// that does not grow, counters that are too low, a tombstone with content. Returns the number
/// of messages.
[[nodiscard]] expected<std::int64_t, store_error> check_rooms(const sqlite::database& db,
                                                              check_findings& findings);

} // namespace hubbub
