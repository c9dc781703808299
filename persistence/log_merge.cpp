#include "persistence/log_merge.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace hubbub {

namespace {

/// Merges the parts of a room's log.
class log_merger {
 public:
  log_merger(const room_position& after, message_page fresh, message_page changed,
             order_page orders)
      : fresh_(std::move(fresh)), changed_(std::move(changed)),
        orders_(std::move(orders)), part_{{}, after, false} {
    if (!orders_.orders.empty()) find_least_revs();
  }

  log_part run(const room_position& head) {
    while (step()) {
    }
    part_.has_more = fresh_.has_more || changed_.has_more || orders_.has_more;
    auto& here = part_.up_to;
    if (!part_.has_more)
      here = {head.room, std::max(here.seq, head.seq), std::max(here.rev, head.rev)};
    return std::move(part_);
  }

 private:
  static constexpr revision none{std::numeric_limits<std::int64_t>::max()};

  /// Takes the entry that comes next; false if there is none, or if it may be missing.
  bool step() {
    const auto change =
        next_change_ < changed_.messages.size() ? changed_.messages[next_change_].rev : none;
    const auto order =
        next_order_ < orders_.orders.size() ? orders_.orders[next_order_].rev : none;
    const bool has_fresh = next_fresh_ < fresh_.messages.size();
    // A message that was changed has the place of its `seq`, unless an order may come first.
    if (has_fresh && is_changed(fresh_.messages[next_fresh_]) &&
        (order == none ? !orders_.has_more : least_[next_fresh_] < order))
      return take_fresh(part_.up_to.rev);
    const auto fresh = has_fresh && !is_changed(fresh_.messages[next_fresh_])
                           ? fresh_.messages[next_fresh_].rev
                           : none;
    // What is missing from a page that has ended may come before the rest of the others.
    if ((!has_fresh && fresh_.has_more) || (change == none && changed_.has_more) ||
        (order == none && orders_.has_more))
      return false;
    const auto first = std::min({change, order, fresh});
    if (first == none) return false;
    if (first == order) return take_order();
    if (first == fresh) return take_fresh(fresh);
    add({std::move(changed_.messages[next_change_++]), false, first});
    return true;
  }

  static bool is_changed(const message& what) { return what.edited_at || what.deleted_at; }

  bool take_fresh(revision rev) {
    auto& what = fresh_.messages[next_fresh_++];
    part_.up_to.seq = what.seq;
    add({std::move(what), true, rev});
    return true;
  }
  bool take_order() {
    auto& order = orders_.orders[next_order_++];
    const auto rev = order.rev;
    add({{}, false, rev, std::move(order)});
    return true;
  }
  void add(log_entry entry) {
    auto& here = part_.up_to.rev;
    here = std::max(here, entry.after);
    entry.after = here;
    part_.entries.push_back(std::move(entry));
  }

  /// Finds for each new message the least `rev` of it and those after it: what has a greater
  /// one came after this message.
  void find_least_revs() {
    least_.resize(fresh_.messages.size(), none);
    auto least = none;
    for (auto i = fresh_.messages.size(); i-- > 0;) {
      least = std::min(least, fresh_.messages[i].rev);
      least_[i] = least;
    }
  }

  message_page fresh_;
  message_page changed_;
  order_page orders_;
  std::vector<revision> least_; ///< parallel to the new messages; empty without orders
  std::size_t next_fresh_ = 0;
  std::size_t next_change_ = 0;
  std::size_t next_order_ = 0;
  log_part part_;
};

} // namespace

log_part merge_log(const room_position& after, const room_position& head, message_page fresh,
                   message_page changed, order_page orders) {
  return log_merger{after, std::move(fresh), std::move(changed), std::move(orders)}.run(head);
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
  auto orders = read_orders(after, head.rev, limit);
  if (!orders) return unexpected(orders.error());
  return merge_log(after, head, std::move(fresh), *std::move(changed), *std::move(orders));
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
