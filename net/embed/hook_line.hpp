#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace hubbub {

/// Counts what one actor of the host was asked and has not answered. An actor takes its
/// messages in their order, so an answer shows that everything before it has left its mailbox.
class hook_line {
 public:
  /// True if one more may be asked with `most` as the bound.
  [[nodiscard]] bool is_open(std::size_t most) const {
    return waiting_ < most && sent_ - heard_ < most;
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

  /// Begins a question to an actor that takes no more, to hear when it does again. False if one
  /// is under way.
  [[nodiscard]] bool begin_probe() {
    if (is_probed_) return false;
    return is_probed_ = true;
  }
  /// Ends it: the actor takes questions again.
  void end_probe() {
    is_probed_ = false;
    heard_ = sent_;
  }

 private:
  std::uint64_t sent_ = 0;
  std::uint64_t heard_ = 0; ///< the latest question that was answered
  std::size_t waiting_ = 0; ///< questions whose time has not passed
  bool is_probed_ = false;
};

} // namespace hubbub
