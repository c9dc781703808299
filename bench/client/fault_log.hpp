#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::bench {

/// What a server may do wrong.
enum class fault : std::uint8_t {
  lost,             ///< a message that a member should have got and did not
  duplicate,        ///< a message that a member got again
  reordered,        ///< a message in another order than others saw, or than it was sent in
  refused,          ///< an event or request that was answered with an error
  protocol_error,   ///< bytes that are no Engine.IO, Socket.IO, WebSocket or HTTP
  unexpected_close, ///< a connection that ended, or could not be made
  silence,          ///< an answer that did not come
};

inline constexpr std::array<std::string_view, 7> fault_names{
    "lost",           "duplicate",        "reordered", "refused",
    "protocol_error", "unexpected_close", "silence"};

/// What a fault tells of a text: how it begins.
inline std::string shown(std::string_view text) {
  return std::string{text.substr(0, 200)};
}

/// Counts what went wrong, and keeps the first of it in words.
class fault_log {
 public:
  void add(fault kind, std::string why, std::uint64_t count = 1) {
    if (count == 0) return;
    counts_[static_cast<std::size_t>(kind)] += count;
    total_ += count;
    if (examples_.size() < examples_kept) examples_.push_back(std::move(why));
  }

  [[nodiscard]] std::uint64_t count(fault kind) const {
    return counts_[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] const std::vector<std::string>& examples() const { return examples_; }

 private:
  static constexpr std::size_t examples_kept = 5;
  std::array<std::uint64_t, fault_names.size()> counts_{};
  std::uint64_t total_ = 0;
  std::vector<std::string> examples_;
};

} // namespace hubbub::bench
