#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubbub::bench {

/// Identifies a message by its sender's number, and its own number among that sender's
/// messages.
struct message_key {
  std::uint32_t sender = 0;
  std::uint32_t number = 0;
  friend bool operator==(const message_key&, const message_key&) = default;
};

/// The order in which all members of a room must see its messages. It is not known beforehand:
/// the first member to see a message fixes its position for all others.
class room_log {
 public:
  enum class verdict : std::uint8_t {
    in_order,
    skipping,  ///< this member has not seen some message before it
    late,      ///< this member saw it later than others did: a different order
    repeated,  ///< this member has seen it before
    unordered, ///< a later message of its sender came before it
  };
  /// One member's position in the log.
  struct reader {
    std::uint32_t next = 0;
    std::uint32_t seen = 0;             ///< number of different messages seen
    std::vector<std::uint32_t> missing; ///< positions before `next` that were not seen
  };

  /// Notes that a member has seen a message, which must have been sent.
  verdict see(reader& member, message_key key) {
    if (member.next < order_.size() && order_[member.next] == key) {
      ++member.next;
      ++member.seen;
      return verdict::in_order;
    }
    return see_elsewhere(member, key);
  }

  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] message_key at(std::size_t position) const { return order_[position]; }

 private:
  verdict see_elsewhere(reader& member, message_key key);
  verdict settle(reader& member, message_key key);

  std::vector<message_key> order_;
  /// The position in `order_` of each sender's messages, or `nowhere`.
  std::vector<std::vector<std::uint32_t>> positions_;
};

} // namespace hubbub::bench
