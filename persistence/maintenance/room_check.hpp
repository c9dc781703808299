#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// What a check found: sentences, up to a number of them.
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

/// Reads all messages in their order and finds whatever a room's log may not have: a hole, an
/// `id` or a `rev` that does not grow, counters that are behind, a tombstone that still says
/// something. Returns how many messages there are.
[[nodiscard]] expected<std::int64_t, store_error> check_rooms(const sqlite::database& db,
                                                              check_findings& findings);

} // namespace hubbub
