#pragma once

#include "proto/expected.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// A message between a process and the one that is to replace it: a word, a text, and perhaps
/// descriptors, which belong to the receiver.
struct handover_message {
  std::string word;
  std::string text = {};
  std::vector<int> descriptors = {};
};

/// One end of the pair of sockets over which a process hands over to another; the other process
/// has inherited the other end. A message arrives as a whole or not at all.
class handover_channel {
 public:
  explicit handover_channel(int descriptor) : descriptor_(descriptor) {}
  ~handover_channel();
  handover_channel(handover_channel&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  handover_channel& operator=(handover_channel&&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Sends a message, whose descriptors stay the sender's too. False if the other process is
  /// gone.
  bool send(const handover_message& message) const;
  /// Waits for the next message; nothing if the other process is gone.
  [[nodiscard]] std::optional<handover_message> receive() const;

 private:
  int descriptor_;
};

/// The words of the messages, in the order in which they are sent.
namespace handover_word {
inline constexpr std::string_view offer = "offer";     ///< old: the sockets and what to check
inline constexpr std::string_view able = "able";       ///< new: it could take over
inline constexpr std::string_view refused = "refused"; ///< new: it could not, and why
inline constexpr std::string_view go = "go";           ///< old: everything is free now
inline constexpr std::string_view serving = "serving"; ///< new: it serves
inline constexpr std::string_view yours = "yours";     ///< old: the new process is the service
inline constexpr std::string_view passed_on = "passed_on"; ///< new: a third one is by now
inline constexpr std::string_view stopped = "stopped"; ///< new: it was asked to stop, and has
} // namespace handover_word

/// What an old process offers: beside its listening sockets what the new one has to check.
struct handover_offer {
  std::string database;     ///< the setting db
  bool owns_files = false;  ///< the files of sockets in the file system are the server's
  bool may_migrate = false; ///< a migration without a way back is wanted
};
[[nodiscard]] std::string encode(const handover_offer& offer);
/// Nothing if it is from a version that offers otherwise.
[[nodiscard]] std::optional<handover_offer> decode_offer(std::string_view text);

} // namespace hubbub
