#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubbub::bench {

/// Which message that is: the sender's number, and the how-manieth of its own.
struct message_key {
  std::size_t sender = 0;
  std::size_t number = 0;
  friend bool operator==(const message_key&, const message_key&) = default;
};

/// The one order in which a room's members must see its messages. Nobody knows it beforehand:
/// the member who is first to see a `seq` settles what the others must find there.
class room_log {
 public:
  /// A member that has seen everything before `seq` sees `key` at `seq`; false if others saw
  /// another message there, or if it is not its sender's next one.
  [[nodiscard]] bool see(std::int64_t seq, const message_key& key) {
    const auto index = static_cast<std::size_t>(seq - 1);
    if (index < order_.size()) return order_[index] == key;
    if (key.sender >= sent_.size()) sent_.resize(key.sender + 1);
    if (key.number != sent_[key.sender]++) return false;
    order_.push_back(key);
    return true;
  }

 private:
  std::vector<message_key> order_;
  std::vector<std::size_t> sent_; ///< messages settled, by sender
};

} // namespace hubbub::bench
