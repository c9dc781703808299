#include "persistence/postgres/pg_batch.hpp"

#include "persistence/orders.hpp"
#include "persistence/postgres/pg_losses.hpp"
#include "proto/own_event.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

pg_batch::pg_batch(std::span<const write_op> ops, timestamp now, timestamp oldest_remembered,
                   std::int64_t max_rooms, std::int64_t node, pg_foreign& foreign)
    : ops_(ops), now_(now), oldest_remembered_(oldest_remembered), max_rooms_(max_rooms),
      foreign_(foreign), recovery_(node, foreign.is_shared()) {
  for (const auto& op : ops_)
    std::visit([this](const auto& each) { plan(each); }, op);
}

void pg_batch::plan(const op::append_message& op) {
  locked_.insert(op.room);
  if (op.client_id) client_ids_.try_emplace(key_of(op), &op);
}

void pg_batch::plan(const op::mark_read& op) {
  looked_at_.insert(op.room);
  marked_.insert({op.user_id, op.room});
}

void pg_batch::plan(const op::enter_recoverable& op) {
  locked_.insert(op.room);
  recovery_.plan(op);
}

void pg_batch::plan(const op::expel_user& op) {
  locked_.insert(op.room);
  recovery_.plan(op);
}

void pg_batch::plan(const op::change_room& op) {
  locked_.insert(op.room);
  if (op.owner) recovery_.plan_losses(op.room, *op.owner);
}

void pg_batch::plan(const op::set_standing& op) {
  locked_.insert(op.room);
  if (op.kind == standing_kind::ban) recovery_.plan(op::expel_user{op.room, op.user_id});
  if (op.kind == standing_kind::member) recovery_.plan_losses(op.room, op.user_id);
}

void pg_batch::plan(const op::drop_standing& op) {
  locked_.insert(op.room);
  if (op.kind == standing_kind::member) recovery_.plan_losses(op.room, op.user_id);
}

void pg_batch::plan_change(room_id id, sequence seq) {
  locked_.insert(id);
  changed_.insert({id, seq});
}

std::string pg_batch::key_of(const op::append_message& op) {
  // NUL separates the fields, since no user_id contains one.
  return std::to_string(op.room.value) + ' ' + op.user_id + '\0' + *op.client_id;
}

void pg_batch::apply() {
  outcomes_.reserve(ops_.size());
  for (const auto& op : ops_)
    outcomes_.push_back(
        std::visit([this](const auto& each) { return apply_in_order(each); }, op));
}

/// Refuses an op of a room that has yet to be told of more entries than the batch brings, and
/// an order that was judged without knowing of others.
template <class Op>
write_outcome pg_batch::apply_in_order(const Op& op) {
  if constexpr (requires { op.known; })
    if (foreign_.is_behind(op.room)) return store_error::busy;
  if constexpr (requires { op.known, op.by; })
    if (foreign_.has_orders(op.room, op.known)) return store_error::stale;
  return apply(op);
}

/// True if the log of the room is closed to the user, which its node may not know yet.
bool pg_batch::may_not_change(room_id room, const std::string& user,
                              const std::optional<log_point>& known) {
  return room_at(room).record.is_closed || foreign_.bars(room, user, known);
}

write_outcome pg_batch::apply(const op::append_message& op) {
  auto& in = room_at(op.room);
  if (!in.exists) return store_error::no_such_room;
  const bool may_not = op.only_if_repeated || may_not_change(op.room, op.user_id, op.known);
  if (!op.client_id) {
    if (may_not) return store_error::not_repeated;
    return appended{.stored = store(in, op), .repeated = false};
  }
  const auto key = key_of(op);
  if (const auto known = firsts_.find(key); known != firsts_.end()) {
    const auto here = messages_.find(known->second.where);
    return appended{.stored = here == messages_.end() ? known->second.now : here->second.now,
                    .repeated = true};
  }
  if (may_not) return store_error::not_repeated;
  auto stored = store(in, op);
  firsts_[key] = {.where = {stored.room, stored.seq}, .now = {}};
  return appended{.stored = std::move(stored), .repeated = false};
}

message pg_batch::store(room_state& in, const op::append_message& op) {
  auto& record = in.record;
  message fresh{.id = {},
                .room = op.room,
                .seq = sequence{record.last_seq.value + 1},
                .rev = revision{record.last_rev.value + 1},
                .user_id = op.user_id,
                .username = op.username,
                .content = op.content,
                .client_id = op.client_id,
                .created_at = now_};
  record.last_seq = fresh.seq;
  record.last_rev = fresh.rev;
  record.last_message_at = now_;
  if (now_ < in.latest_at) {
    in.clock_changed = true;
    in.clock_back_ms = std::max(in.clock_back_ms, in.latest_at.value - now_.value);
  } else {
    in.latest_at = now_;
  }
  const message_ref where{fresh.room, fresh.seq};
  messages_[where] = {.now = fresh, .is_new = true, .changed = false, .first_rev = fresh.rev};
  appended_.push_back(where);
  return fresh;
}

write_outcome pg_batch::apply(const op::create_room& op) {
  if (taken_names_.contains(op.name)) return store_error::already_exists;
  if (last_room_.value >= max_rooms_) return store_error::too_many_rooms;
  last_room_.value += 1;
  taken_names_.insert(op.name);
  auto& made = rooms_[last_room_];
  made = {.exists = true,
          .made = &op,
          .record = {.id = last_room_,
                     .name = op.name,
                     .created_at = now_,
                     .owner = op.owner,
                     .is_private = op.is_private}};
  return made.record;
}

expected<pg_batch::touched*, store_error> pg_batch::find(room_id id, sequence seq,
                                                         const std::string& user_id) {
  if (!room_at(id).exists) return unexpected(store_error::no_such_room);
  const auto found = messages_.find({id, seq});
  if (found == messages_.end()) return unexpected(store_error::no_such_message);
  if (found->second.now.user_id != user_id) return unexpected(store_error::not_the_author);
  return &found->second;
}

changed pg_batch::change(touched& what) {
  auto& record = room_at(what.now.room).record;
  record.last_rev.value += 1;
  what.now.rev = record.last_rev;
  what.changed = true;
  return {.now = what.now, .repeated = false};
}

write_outcome pg_batch::apply(const op::edit_message& op) {
  const auto found = find(op.room, op.seq, op.user_id);
  if (!found) return found.error();
  auto& now = (*found)->now;
  if (now.deleted_at) return store_error::no_such_message;
  if (may_not_change(op.room, op.user_id, op.known)) return store_error::not_repeated;
  auto content = with_readable_text(now.content, op.content);
  if (now.content == content) return changed{.now = now, .repeated = true};
  now.content = std::move(content);
  now.edited_at = now_;
  return change(**found);
}

write_outcome pg_batch::apply(const op::delete_message& op) {
  const auto found = find(op.room, op.seq, op.user_id);
  if (!found) return found.error();
  auto& now = (*found)->now;
  if (now.deleted_at) return changed{.now = now, .repeated = true};
  if (may_not_change(op.room, op.user_id, op.known)) return store_error::not_repeated;
  now.content.clear();
  now.deleted_at = now_;
  return change(**found);
}

write_outcome pg_batch::apply(const op::mark_read& op) {
  const auto& in = room_at(op.room);
  if (!in.exists) return store_error::no_such_room;
  const sequence read{std::clamp<std::int64_t>(op.seq.value, 0, in.record.last_seq.value)};
  // A marker at 0 is a marker too.
  const auto [found, is_new] = markers_.try_emplace({op.user_id, op.room}, read, true);
  auto& [at, moved] = found->second;
  if (!is_new && read > at) {
    at = read;
    moved = true;
  }
  return marked{at};
}

write_outcome pg_batch::apply(const op::enter_recoverable& op) {
  const auto& in = room_at(op.room);
  if (!in.exists) return store_error::no_such_room;
  return recovery_.apply(op, {op.room, in.record.last_seq, in.record.last_rev});
}

write_outcome pg_batch::apply(const op::leave_recoverable& op) {
  recovery_.apply(op);
  return noted{};
}

write_outcome pg_batch::apply(const op::end_recoverable& op) {
  recovery_.apply(op, now_);
  return noted{};
}

write_outcome pg_batch::apply(const op::resume_recoverable& op) {
  return recovery_.apply(op);
}

write_outcome pg_batch::apply(const op::owe_gaps& op) {
  recovery_.apply(op);
  return noted{};
}

write_outcome pg_batch::apply(const op::change_room& op) {
  auto& in = room_at(op.room);
  if (!in.exists) return store_error::no_such_room;
  if (op.owner) recovery_.then(pg::lose_before_known, pg::parameters::of(op.room, *op.owner));
  const bool is_loss = op.is_private.value_or(false) && !in.record.is_private;
  if (op.is_private) in.record.is_private = *op.is_private;
  if (op.owner) in.record.owner = op.owner;
  const bool is_closing = op.is_closed.value_or(false) && !in.record.is_closed;
  if (op.is_closed) in.record.is_closed = *op.is_closed;
  then_change_policy(in.record, is_loss, is_closing);
  return enter_order(op.known, carried_out(order_of(op), in.record), in.record);
}

write_outcome pg_batch::apply(const op::set_standing& op) {
  if (!room_at(op.room).exists) return store_error::no_such_room;
  switch (op.kind) {
  case standing_kind::member:
    recovery_.then(pg::lose_before_known, pg::parameters::of(op.room, op.user_id));
    break;
  case standing_kind::ban:
    std::ignore = recovery_.apply(op::expel_user{op.room, op.user_id});
    break;
  case standing_kind::mute: break;
  }
  standing fresh{.kind = op.kind,
                 .user_id = op.user_id,
                 .by = op.by,
                 .at = now_,
                 .until = op.until,
                 .reason = op.reason};
  then_put(op.room, fresh);
  return enter_order(op.known, carried_out(order_of(op), fresh), fresh);
}

write_outcome pg_batch::apply(const op::drop_standing& op) {
  if (op.kind == standing_kind::member)
    recovery_.then(pg::lose_before_unknown, pg::parameters::of(op.room, op.user_id));
  then_drop(op);
  return enter_order(op.known, order_of(op), noted{});
}

write_outcome pg_batch::apply(const op::expel_user& op) {
  auto gone = recovery_.apply(op);
  return enter_order(op.known, order_of(op), std::move(gone));
}

/// Makes an order an entry of the room's log, where other nodes follow it.
write_outcome pg_batch::enter_order(const std::optional<log_point>& known, room_order order,
                                    write_outcome otherwise) {
  auto& in = room_at(order.room);
  if (!known || !in.exists) return otherwise;
  in.record.last_rev.value += 1;
  order.rev = in.record.last_rev;
  order.about.at = now_;
  then_enter(order);
  return order;
}

std::vector<write_outcome> pg_batch::take_outcomes() {
  // The outcomes hold messages as they were at their op, before their ids were assigned.
  for (auto& outcome : outcomes_) {
    auto* fresh = std::get_if<appended>(&outcome);
    auto* change = std::get_if<changed>(&outcome);
    message* what = fresh ? &fresh->stored : change ? &change->now : nullptr;
    if (!what || what->id.value != 0) continue;
    const auto stored = messages_.find({what->room, what->seq});
    if (stored != messages_.end()) what->id = stored->second.now.id;
  }
  return std::move(outcomes_);
}

} // namespace hubbub
