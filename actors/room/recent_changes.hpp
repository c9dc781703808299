#pragma once

#include "proto/ids.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// A room's latest edits and deletions, each with the message as it is now. A page read from
/// the store may be older than what members were told while it was on its way; this brings it
/// up to date. Bounded in number and bytes.
class recent_changes {
 public:
  static constexpr std::size_t max_changes = 200;
  static constexpr std::size_t max_bytes = 256 * 1024;

  void push(sequence seq, revision rev, std::string json) {
    bytes_ += json.size();
    items_.push_back({seq, rev, std::move(json)});
    while (items_.size() > max_changes || bytes_ > max_bytes) {
      bytes_ -= items_.front().json.size();
      forgotten_ = items_.front().rev;
      items_.pop_front();
    }
  }

  /// A page of messages rising in `seq`; the lists are parallel.
  struct page {
    const std::vector<sequence>& numbers;
    const std::vector<revision>& revisions;
    std::vector<std::string>& messages;
  };
  /// Puts the current messages into a page that was requested at `since`. Returns false if
  /// changes after that are forgotten: then the page must be read again.
  [[nodiscard]] bool update(const page& stale, revision since) const;

 private:
  struct item {
    sequence seq;
    revision rev;
    std::string json;
  };
  std::deque<item> items_;
  std::size_t bytes_ = 0;
  revision forgotten_;
};

} // namespace hubbub
