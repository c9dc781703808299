#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubbub::bench {

/// Which message that is: the sender's number, and the how-manieth of its own.
struct message_key {
  std::uint32_t sender = 0;
  std::uint32_t number = 0;
  friend bool operator==(const message_key&, const message_key&) = default;
};

/// The one order in which a room's members must see its messages. Nobody knows it beforehand:
/// the member who is first to see a message settles where the others must find it.
class room_log {
 public:
  enum class verdict : std::uint8_t {
    in_order,
    skipping,  ///< what comes before it is missing so far
    late,      ///< it was missing until now: another order than the others saw
    repeated,  ///< this member had it before
    unordered, ///< its sender's later message was settled before it
  };
  /// How far one member has got.
  struct reader {
    std::uint32_t next = 0;
    std::uint32_t seen = 0;             ///< different messages
    std::vector<std::uint32_t> missing; ///< places before `next`
  };

  /// A member sees a message, which must be one that was sent.
  verdict see(reader& member, message_key key) {
    if (member.next < order_.size() && order_[member.next] == key) {
      ++member.next;
      ++member.seen;
      return verdict::in_order;
    }
    return see_elsewhere(member, key);
  }

  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] message_key at(std::size_t place) const { return order_[place]; }

 private:
  verdict see_elsewhere(reader& member, message_key key);
  verdict settle(reader& member, message_key key);

  std::vector<message_key> order_;
  /// Where each sender's messages stand in `order_`, or `nowhere`.
  std::vector<std::vector<std::uint32_t>> places_;
};

} // namespace hubbub::bench
