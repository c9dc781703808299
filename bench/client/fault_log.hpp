#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::bench {

/// The kinds of faults that a server can show.
enum class fault : std::uint8_t {
  lost,      ///< a member did not get a message that it should have got
  duplicate, ///< a member got a message twice
  reordered, ///< a member got messages in another order than other members, or than they were
             ///< sent in
  refused,   ///< an event or request was answered with an error
  protocol_error,   ///< bytes that are not valid Engine.IO, Socket.IO, WebSocket or HTTP
  unexpected_close, ///< a connection ended, or could not be made
  silence,          ///< an answer did not come
};

inline constexpr std::array<std::string_view, 7> fault_names{
    "lost",           "duplicate",        "reordered", "refused",
    "protocol_error", "unexpected_close", "silence"};

/// Returns the beginning of a text, as a fault quotes it.
inline std::string shown(std::string_view text) {
  return std::string{text.substr(0, 200)};
}

/// Counts faults, and keeps the first ones as sentences.
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
