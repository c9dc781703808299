#pragma once

#include "proto/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// The newest messages of a room as JSON, from which most joins are answered without a read. A
/// run without gaps that ends with the room's last message; bounded in number and bytes.
class recent_messages {
 public:
  static constexpr std::size_t max_messages = 200;
  static constexpr std::size_t max_bytes = 256 * 1024;

  void push(sequence seq, std::string json) {
    bytes_ += json.size();
    items_.emplace_back(seq, std::move(json));
    shrink();
  }

  /// Replaces the JSON of a message that has changed, if it is kept here.
  void replace(sequence seq, const std::string& json) {
    if (items_.empty() || seq < items_.front().first || seq > items_.back().first) return;
    auto& item = items_[static_cast<std::size_t>(seq.value - items_.front().first.value)];
    bytes_ += json.size();
    bytes_ -= item.second.size();
    item.second = json;
    shrink();
  }

  void clear() {
    items_.clear();
    bytes_ = 0;
  }

  /// Forgets messages before `first`, which retention removed.
  void forget_before(sequence first) {
    while (!items_.empty() && items_.front().first < first)
      pop_front();
  }

  /// Starts with a page read from the store that ends with the room's last message, if nothing
  /// is kept yet.
  void seed(const std::vector<sequence>& numbers, const std::vector<std::string>& page) {
    if (!items_.empty()) return;
    for (std::size_t i = 0; i < page.size(); ++i)
      push(numbers[i], page[i]);
  }

  /// True if every message after `seq`, up to `last`, is here.
  [[nodiscard]] bool covers(sequence after, sequence last) const {
    if (after >= last) return true;
    return !items_.empty() && items_.front().first.value <= after.value + 1;
  }

  /// Returns the message before the first that is here, or `last` if there is none.
  [[nodiscard]] sequence before(sequence last) const {
    return items_.empty() ? last : sequence{items_.front().first.value - 1};
  }

  /// Appends every message after `seq` to `out`, in order.
  void copy_after(sequence after, std::vector<std::string>& out) const {
    for (const auto& [seq, json] : items_)
      if (seq > after) out.push_back(json);
  }

 private:
  void shrink() {
    while (items_.size() > max_messages || bytes_ > max_bytes)
      pop_front();
  }
  void pop_front() {
    bytes_ -= items_.front().second.size();
    items_.pop_front();
  }

  std::deque<std::pair<sequence, std::string>> items_;
  std::size_t bytes_ = 0;
};

} // namespace hubbub
