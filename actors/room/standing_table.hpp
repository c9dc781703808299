#pragma once

#include "proto/access/standing.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// One page of a list, by user_id.
struct standings_page {
  std::vector<standing> standings;
  std::string next; ///< empty at the end
};

/// A room's standings of users: its lists of members, bans and mutes. An expired entry counts
/// as absent.
class standing_table {
 public:
  standing_table() = default;
  explicit standing_table(std::vector<standing> all);

  void set(standing each);
  void drop(standing_kind kind, const std::string& user_id);
  void forget_expired(timestamp now);

  [[nodiscard]] bool empty() const { return size() == 0; }
  /// Returns the number of entries, including expired ones that were not forgotten yet.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool contains(standing_kind kind, const std::string& user_id) const;
  /// Returns an entry that holds; null if there is none.
  [[nodiscard]] const standing* find(standing_kind kind, const std::string& user_id,
                                     timestamp now) const;
  /// Returns a user's standing; `owner` is not set here.
  [[nodiscard]] user_standing of(const std::string& user_id, timestamp now) const;
  /// Returns up to `limit` entries, after `after` if given.
  [[nodiscard]] standings_page page(standing_kind kind, const std::optional<std::string>& after,
                                    std::int64_t limit, timestamp now) const;

 private:
  using list = std::map<std::string, standing>;
  [[nodiscard]] list& of(standing_kind kind) { return lists_[index(kind)]; }
  [[nodiscard]] const list& of(standing_kind kind) const { return lists_[index(kind)]; }
  [[nodiscard]] static std::size_t index(standing_kind kind) {
    return static_cast<std::size_t>(kind) - 1;
  }

  std::array<list, all_standing_kinds.size()> lists_;
};

} // namespace hubbub
