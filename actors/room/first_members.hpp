#pragma once

#include "proto/chat/chat_event.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The first members of a room by `user_id`, as JSON, which the ack of a join shows. In a
/// crowded room the text is kept, and changes by one member at a time: to write it anew for
/// each of many who join would cost ten times as much as everything else about a join.
class first_members {
 public:
  /// From this many members on the text is kept.
  static constexpr std::size_t kept_from = 16;

  /// Makes a text of at most so many members.
  explicit first_members(std::size_t most) : most_(most) {}

  /// True if the text is kept: it holds what the last call of `show` was given, and all changes
  /// since then.
  [[nodiscard]] bool is_kept() const { return is_kept_; }
  /// Takes the first members, of which there may be more if not `are_all`.
  void show(const std::vector<member>& first, bool are_all);
  /// Notes that a user came, or is shown with something else; ignored without a text.
  void put(const member& who);
  /// Notes that a user went; ignored without a text.
  void drop(std::string_view user_id);
  /// Drops the text.
  void forget();

  /// Returns what was shown with the changes since then: members with commas between them, for
  /// the inside of an array.
  [[nodiscard]] std::string_view items() const {
    return std::string_view{text_}.substr(0, text_.empty() ? 0 : text_.size() - 1);
  }

  /// True if `items` holds this user, who is a member.
  [[nodiscard]] bool holds(std::string_view user_id) const;

 private:
  /// A member's part of the text, which ends with a comma.
  struct piece {
    std::string user_id;
    std::size_t size = 0;
  };
  using pieces = std::vector<piece>;

  [[nodiscard]] std::size_t offset_of(pieces::const_iterator which) const;

  std::size_t most_;
  std::string text_;
  pieces pieces_; ///< by `user_id`; empty if the text is not kept
  bool is_kept_ = false;
  bool are_all_ = false; ///< the room has no other members
};

} // namespace hubbub
