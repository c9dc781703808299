#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace hubbub {

/// Counts what one actor of the host was asked and has not answered. An actor takes its
/// messages in their order, so an answer shows that everything before it has left its mailbox.
/// An actor that takes no more is asked one question at a time, until it answers one in time.
class hook_line {
 public:
  /// True if one more may be asked with `most` as the bound.
  [[nodiscard]] bool is_open(std::size_t most) const {
    return !is_gone_ && waiting_ < most && (waiting_ == 0 || sent_ - heard_ < most);
  }
  /// Counts a question, and returns its number.
  [[nodiscard]] std::uint64_t begin() {
    ++waiting_;
    return ++sent_;
  }
  /// Ends a question; with `is_heard` the actor has answered it.
  void end(std::uint64_t number, bool is_heard) {
    --waiting_;
    if (is_heard) heard_ = std::max(heard_, number);
  }
  /// Says that the actor has ended: it is never asked again.
  void close() { is_gone_ = true; }

 private:
  std::uint64_t sent_ = 0;
  std::uint64_t heard_ = 0; ///< the latest question that was answered
  std::size_t waiting_ = 0; ///< questions whose time has not passed
  bool is_gone_ = false;
};

} // namespace hubbub
