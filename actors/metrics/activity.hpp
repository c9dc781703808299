#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Something that happens often: a room or a user, and how many messages were counted for it.
struct busy_entry {
  std::uint64_t key = 0;   ///< a room's id, or a hash of a user's id
  std::string name;        ///< the room's name or the user's id
  std::uint64_t count = 0; ///< at least the messages that there were, at most `excess` more
  std::uint64_t excess = 0;
};

/// Finds what happens most often, in memory that does not grow: Space-Saving in sets of a few
/// entries. A key belongs to one set; where the set is full, it takes the place of the one that
/// was counted least and inherits its count, so that what is frequent is never missed.
class busy_table {
 public:
  void note(std::uint64_t key, std::string_view name);
  /// Adds what was counted to `sum`, where each key stands once.
  void add_to(std::vector<busy_entry>& sum) const;

 private:
  static constexpr std::size_t sets = 32;
  static constexpr std::size_t entries_per_set = 8;
  std::array<busy_entry, sets * entries_per_set> entries_; ///< unused ones have the count 0
};

/// What one or several io threads counted, the busiest first.
struct busy_report {
  std::vector<busy_entry> rooms;
  std::vector<busy_entry> users;
  std::chrono::milliseconds span{0}; ///< the time in which it was counted

  /// Adds what another thread counted.
  void add(const busy_report& more);
  /// Leaves the `most` busiest of each kind.
  void cut(std::size_t most);
};

/// Counts the messages of rooms and users on one io thread, while somebody wants to know: each
/// question keeps it counting for a while, and without questions it keeps and counts nothing.
/// A report covers the current window of time and the one before.
class activity_counter {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds window{20};
  /// How long it goes on counting after a question.
  static constexpr std::chrono::seconds patience{60};

  /// True while messages are counted.
  [[nodiscard]] bool is_on() const { return !windows_.empty(); }
  /// Counts a message. Only while it is on.
  void note(std::uint64_t room, std::string_view room_name, std::string_view user_id,
            time_point now);
  /// Returns what was counted, and has messages counted from now on.
  [[nodiscard]] busy_report look(time_point now);

 private:
  struct tables {
    busy_table rooms;
    busy_table users;
  };
  void roll(time_point now);

  std::vector<tables> windows_; ///< none while it is off; else the current one and the last one
  time_point begun_{};          ///< when the current window began
  bool has_last_ = false;       ///< the last window was counted as a whole
  time_point until_{};          ///< when it stops counting
};

} // namespace hubbub
