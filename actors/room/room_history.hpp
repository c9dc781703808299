#pragma once

#include "actors/room/recent_changes.hpp"
#include "actors/room/recent_messages.hpp"
#include "actors/store_interfaces.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// The room's position in its log, as its members were told, and the newest messages and
/// changes as JSON. The store may be ahead of it.
class room_history {
 public:
  room_history(room_id room, sequence last_seq, revision last_rev)
      : position_{room, last_seq, last_rev} {}

  /// Returns the room's position: the last message and the last change that members were told.
  [[nodiscard]] const room_position& position() const { return position_; }
  [[nodiscard]] sequence last_seq() const { return position_.seq; }
  [[nodiscard]] revision last_rev() const { return position_.rev; }
  /// Returns the message after which the newest `count` messages come.
  [[nodiscard]] sequence before_newest(std::int64_t count) const;

  /// Returns the message after which all messages are kept.
  [[nodiscard]] sequence before_kept() const { return messages_.before(position_.seq); }

  /// Moves the position to a message or, if `seq` is old, to an edit or a deletion.
  void move_to(sequence seq, revision rev) {
    if (seq > position_.seq) position_.seq = seq;
    position_.rev = rev;
  }
  /// Moves the position past messages that nobody was told of. What is kept must have no gaps.
  void skip_to(sequence seq) {
    position_.seq = seq;
    messages_.clear();
  }
  /// Keeps the room's last message.
  void keep(std::string json) { messages_.push(position_.seq, std::move(json)); }
  /// Keeps the room's last change, of an older message.
  void keep_change(sequence seq, std::string json) {
    messages_.replace(seq, json);
    changes_.push(seq, position_.rev, std::move(json));
  }

  /// True if all messages after `after` are kept.
  [[nodiscard]] bool covers(sequence after) const {
    return messages_.covers(after, position_.seq);
  }
  /// Appends the kept messages after `after` to `out`.
  void copy_after(sequence after, std::vector<std::string>& out) const {
    messages_.copy_after(after, out);
  }
  /// Forgets messages that retention removed.
  void forget_before(sequence first) { messages_.forget_before(first); }
  /// Starts with a page that ends with the room's last message, if nothing is kept yet.
  void seed(const json_page& page) { messages_.seed(page.numbers, page.messages); }
  /// Puts the current messages into a page that was requested at `since`. Returns false if the
  /// page has to be read again, since too much has changed.
  [[nodiscard]] bool bring_up_to_date(json_page& page, revision since) const;

 private:
  room_position position_;
  recent_messages messages_;
  recent_changes changes_;
};

/// Returns the newest change in a page.
[[nodiscard]] revision newest_of(const json_page& page);

} // namespace hubbub
