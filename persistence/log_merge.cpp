#include "persistence/log_merge.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

log_part merge_log(const room_position& after, const room_position& head, message_page fresh,
                   message_page changed) {
  log_part part{{}, after, false};
  auto& here = part.up_to;
  auto next = fresh.messages.begin();
  auto change = changed.messages.begin();
  const auto add = [&](message&& what, bool is_new, revision rev) {
    if (is_new) here.seq = what.seq;
    here.rev = std::max(here.rev, rev);
    part.entries.push_back({std::move(what), is_new, here.rev});
  };
  while (next != fresh.messages.end() || change != changed.messages.end()) {
    if (next != fresh.messages.end() && (next->edited_at || next->deleted_at)) {
      add(std::move(*next++), true, here.rev);
      continue;
    }
    // What is missing from the page that ends first may come before the rest of the other.
    if (next == fresh.messages.end() ? fresh.has_more
                                     : change == changed.messages.end() && changed.has_more)
      break;
    if (next == fresh.messages.end() ||
        (change != changed.messages.end() && change->rev < next->rev)) {
      const auto rev = change->rev;
      add(std::move(*change++), false, rev);
    } else {
      const auto rev = next->rev;
      add(std::move(*next++), true, rev);
    }
  }
  part.has_more = fresh.has_more || changed.has_more;
  if (!part.has_more)
    here = {head.room, std::max(here.seq, head.seq), std::max(here.rev, head.rev)};
  return part;
}

expected<log_part, store_error> store_reader::read_log(const room_position& after,
                                                       std::int64_t limit) {
  // The end of the log is read first, so that what follows is at least as new.
  const auto room = find_room(after.room);
  if (!room) return unexpected(room.error());
  const room_position head{room->id, room->last_seq, room->last_rev};
  if (head.rev <= after.rev) return log_part{{}, after, false};
  message_page fresh;
  if (head.seq > after.seq) {
    auto page = read_messages(
        {.room = head.room, .after = after.seq, .up_to = head.seq, .limit = limit});
    if (!page) return unexpected(page.error());
    fresh = *std::move(page);
  }
  auto changed = read_changes({head.room, head.seq, after.rev, limit});
  if (!changed) return unexpected(changed.error());
  // A change beyond the end belongs to the next part.
  auto& changes = changed->messages;
  const auto beyond = std::ranges::upper_bound(changes, head.rev, {}, &message::rev);
  if (beyond != changes.end()) {
    changes.erase(beyond, changes.end());
    changed->has_more = false;
  }
  return merge_log(after, head, std::move(fresh), *std::move(changed));
}

expected<std::vector<room_position>, store_error>
store_reader::read_heads(std::span<const room_id> rooms) {
  std::vector<room_position> heads;
  for (const auto id : rooms) {
    const auto room = find_room(id);
    if (room)
      heads.push_back({id, room->last_seq, room->last_rev});
    else if (room.error() != store_error::no_such_room)
      return unexpected(room.error());
  }
  return heads;
}

} // namespace hubbub
