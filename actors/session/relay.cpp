#include "actors/session/relay.hpp"

#include "proto/chat/chat_event.hpp"
#include "proto/overloaded.hpp"
#include "proto/socket/recovery_offset.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

namespace hubbub {
namespace {

bool is_excepted(session_id session, const fan_out& event) {
  return !event.except.empty() &&
         std::ranges::find(event.except, session) != event.except.end();
}

} // namespace

relay::relay(caf::actor_config& config, pass_clock_ptr passes)
    : relay_actor::base(config), passes_(std::move(passes)) {}

relay::behavior_type relay::make_behavior() {
  return {
      [this](const relay_orders& orders) { on_orders(orders); },
      [this](const attach_connection& request) { on_attach(request); },
      [this](const detach_connection& request) { on_detach(request.session); },
      [this](const wide_events& events) { return on_wide(events); },
      [this](send_wide_events) { send_wide(); },
      [this](send_owed_offsets) { send_offsets(); },
      [this](close_connections) {
        for (const auto& [session, each] : subscribers_)
          each.to->close(close_reason::lease_lost);
      },
      [this](ask_relay_stats) {
        return relay_stats{delivered_, subscribers_.size(), compat::waiting_messages(*this)};
      },
  };
}

void relay::on_exit() {
  audiences_.clear();
  subscribers_.clear();
  sids_.clear();
  owed_.clear();
  wide_.clear();
}

/// Carries out orders, in order. Events that follow one another, with nothing but answers
/// between them, reach each member in one go.
void relay::on_orders(const relay_orders& orders) {
  for (auto rest = std::span<const relay_order>{orders}; !rest.empty();) {
    const auto end = std::ranges::find_if(rest, [](const relay_order& each) {
      return std::holds_alternative<enter_room>(each) ||
             std::holds_alternative<exit_room>(each);
    });
    const auto size = std::max(static_cast<std::size_t>(end - rest.begin()), std::size_t{1});
    const auto some = rest.first(size);
    rest = rest.subspan(size);
    const auto events = std::ranges::count_if(
        some, [](const relay_order& each) { return std::holds_alternative<fan_out>(each); });
    if (events > 1)
      tell_together(some);
    else
      for (const auto& order : some)
        std::visit([this](const auto& o) { apply(o); }, order);
  }
}

/// Carries out events of one room, and answers between them. A member that gets an answer, or
/// not all events, gets its share in order; all others get the events alone.
void relay::tell_together(std::span<const relay_order> orders) {
  std::vector<const fan_out*> events;
  std::vector<session_id> special;
  const overloaded sort_out{
      [&](const fan_out& event) {
        events.push_back(&event);
        special.insert(special.end(), event.except.begin(), event.except.end());
      },
      [&](const auto& order) { special.push_back(order.session); },
  };
  for (const auto& order : orders)
    std::visit(sort_out, order);
  std::ranges::sort(special);
  special.erase(std::unique(special.begin(), special.end()), special.end());
  // Those of other threads hear of nothing here.
  std::erase_if(special,
                [this](const session_id& each) { return !subscribers_.contains(each); });
  if (const auto here = audiences_.find(events.front()->room); here != audiences_.end())
    tell_members(here->second, events, special);
  for (const auto session : special)
    for (const auto& order : orders)
      tell_one(session, order);
}

/// Sends events to all members but those that are `special`.
void relay::tell_members(const audience& here, std::span<const fan_out* const> events,
                         std::span<const session_id> special) {
  for (const auto* const event : events)
    passes_->note(event->since);
  std::vector<std::size_t> passed_over;
  for (const auto session : special)
    if (const auto at = here.indexes.find(session); at != here.indexes.end())
      passed_over.push_back(at->second);
  std::ranges::sort(passed_over);
  auto next = passed_over.begin();
  for (std::size_t at = 0; at < here.members.size(); ++at) {
    if (next != passed_over.end() && *next == at) {
      ++next;
      continue;
    }
    for (const auto* const event : events)
      deliver(here.members[at], *event);
  }
}

/// Carries out an order as far as it concerns one session.
void relay::tell_one(session_id session, const relay_order& order) {
  const overloaded carry_out{
      [&](const fan_out& event) {
        const auto here = audiences_.find(event.room);
        if (here == audiences_.end()) return;
        const auto& [members, indexes] = here->second;
        if (const auto at = indexes.find(session);
            at != indexes.end() && !is_excepted(session, event))
          deliver(members[at->second], event);
      },
      [&](const auto& o) {
        if (o.session == session) apply(o);
      },
  };
  std::visit(carry_out, order);
}

void relay::apply(const fan_out& order) {
  const auto found = audiences_.find(order.room);
  if (found == audiences_.end()) return;
  passes_->note(order.since);
  for (const auto& member : found->second.members)
    if (!is_excepted(member.session, order)) deliver(member, order);
}

/// Sends an event to a member, unless that is about to leave.
void relay::deliver(const audience::member& member, const fan_out& order) {
  if (member.session.life != member.to->life) return;
  ++delivered_;
  if (member.tail != nullptr && order.at)
    send_with_offset(member, order);
  else if (order.is_volatile)
    member.to->send_volatile(order.what);
  else
    member.to->send(order.what);
}

/// Sends an event to a session that can be recovered. One that may be lost says where the
/// session is, and moves nothing.
void relay::send_with_offset(const audience::member& member, const fan_out& order) {
  if (order.is_volatile)
    member.to->send_volatile(with_last_argument(
        order.what, seal_->close(member.tail->session, member.tail->positions)));
  else
    send_logged(member.session, *member.to, *member.tail, order.what, *order.at);
}

void relay::apply(const reply& order) {
  const auto found = subscribers_.find(order.session);
  if (found == subscribers_.end()) return;
  auto& who = found->second;
  move(order.session, who.tail.get(), order.at);
  if (order.refused) {
    const auto [room, number] = *order.refused;
    const bool is_in = std::ranges::find(who.rooms, room) != who.rooms.end();
    note_join(*who.to, order.session, {room, number, is_in});
  }
  answer(*who.to, order.session, order.what);
}

void relay::apply(const enter_room& order) {
  const auto found = subscribers_.find(order.session);
  if (found == subscribers_.end()) return;
  auto& who = found->second;
  move(order.session, who.tail.get(), order.at);
  if (order.join > 0) note_join(*who.to, order.session, {order.room, order.join, true});
  if (order.answers) answer(*who.to, order.session, order.what);
  if (order.at) who.to->on_entered(*order.at);
  auto& [members, indexes] = audiences_[order.room];
  if (!indexes.try_emplace(order.session, members.size()).second) return;
  members.push_back({order.session, who.to.get(), who.tail.get()});
  who.rooms.push_back(order.room);
}

void relay::apply(const tell& order) {
  const auto found = subscribers_.find(order.session);
  if (found == subscribers_.end() || order.session.life != found->second.to->life) return;
  auto& who = found->second;
  if (who.tail && order.at)
    send_logged(order.session, *who.to, *who.tail, order.what, *order.at);
  else
    who.to->send(order.what);
}

void relay::apply(const exit_room& order) {
  const auto found = subscribers_.find(order.session);
  if (found == subscribers_.end()) return;
  auto& who = found->second;
  if (std::erase(who.rooms, order.room) > 0) leave(order.room, order.session);
  if (who.tail) who.tail->leave(order.room);
  if (who.tail || !order.answers) note_join(*who.to, order.session, {order.room, 0, false});
  if (order.answers) return answer(*who.to, order.session, order.what);
  // It did not ask for it, so nothing else may ever have it give up its seat.
  who.to->wake_session_at(std::chrono::steady_clock::now());
}

caf::result<bool> relay::on_wide(const wide_events& events) {
  auto taken = make_response_promise<bool>();
  wide_.push_back({events, 0, taken});
  if (wide_.size() == 1) send_wide(); // else a portion is due
  return taken;
}

/// Sends a portion of the wide events. A message to itself would be handled in the same pass,
/// so the next portion comes after a pause.
void relay::send_wide() {
  for (std::size_t receivers = 0; !wide_.empty() && receivers < wide_portion;) {
    auto& [events, sent, taken] = wide_.front();
    if (sent < events.size()) receivers += apply(*events[sent++]) + 1;
    if (sent < events.size()) continue;
    taken.deliver(true);
    wide_.pop_front();
  }
  if (!wide_.empty())
    compat::delayed_send(this, relay_actor{this}, wide_pause, send_wide_events{});
}

std::size_t relay::apply(const wide_event& order) {
  const auto before = delivered_;
  for (const auto session : receivers(order)) {
    const auto found = subscribers_.find(session);
    if (found == subscribers_.end() || session.life != found->second.to->life) continue;
    send_unlogged(session, found->second, order);
    ++delivered_;
  }
  return delivered_ - before;
}

std::vector<session_id> relay::receivers(const wide_event& order) const {
  std::vector<session_id> found;
  if (order.to_everybody) {
    for (const auto& [session, each] : subscribers_)
      found.push_back(session);
  } else {
    found = sessions_of(order.rooms, order.sids);
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
  }
  auto except = sessions_of(order.except_rooms, order.except_sids);
  if (except.empty()) return found;
  std::ranges::sort(except);
  std::erase_if(
      found, [&except](session_id each) { return std::ranges::binary_search(except, each); });
  return found;
}

std::vector<session_id> relay::sessions_of(const std::vector<room_id>& rooms,
                                           const std::vector<std::string>& sids) const {
  std::vector<session_id> found;
  for (const auto room : rooms)
    if (const auto here = audiences_.find(room); here != audiences_.end())
      for (const auto& member : here->second.members)
        found.push_back(member.session);
  for (const auto& sid : sids)
    if (const auto named = sids_.find(sid); named != sids_.end())
      found.push_back(named->second);
  return found;
}

/// Sends an event that is in no log. To a recoverable session it says where that stands.
void relay::send_unlogged(session_id session, subscriber& who, const wide_event& order) {
  auto* tail = who.tail.get();
  const auto what =
      tail == nullptr
          ? order.what
          : with_last_argument(order.what, seal_->close(tail->session, tail->positions));
  if (order.is_volatile) return who.to->send_volatile(what);
  who.to->send(what);
  if (tail == nullptr) return;
  tail->owed = false;
  // A gap has replaced messages that carried offsets.
  if (std::exchange(who.to->has_skipped, false)) owe_offset(session, *tail);
}

void relay::send_logged(session_id session, connection& to, offset_tail& tail,
                        const frame_ptr& event, const room_position& at) {
  tail.stand(at);
  tail.owed = false;
  to.send(with_last_argument(event, seal_->close(tail.session, tail.positions)));
  // A gap has replaced messages that carried offsets.
  if (std::exchange(to.has_skipped, false)) owe_offset(session, tail);
}

void relay::move(session_id session, offset_tail* tail,
                 const std::optional<room_position>& at) {
  if (tail != nullptr && at && tail->stand(*at)) owe_offset(session, *tail);
}

/// Notes that a session is owed an offset. The first one of a pass requests the sending, which
/// happens after everything that is queued already.
void relay::owe_offset(session_id session, offset_tail& tail) {
  if (std::exchange(tail.owed, true)) return;
  owed_.push_back(session);
  if (owed_.size() == 1) compat::send(this, relay_actor{this}, send_owed_offsets{});
}

/// Sends the owed offsets. If an event of the log has followed, its offset already says
/// everything.
void relay::send_offsets() {
  for (const auto session : std::exchange(owed_, {})) {
    const auto found = subscribers_.find(session);
    if (found == subscribers_.end() || !found->second.tail) continue;
    auto& [to, rooms, tail, sid] = found->second;
    if (!std::exchange(tail->owed, false) || session.life != to->life) continue;
    to->send(event::offset(seal_->close(tail->session, tail->positions)));
  }
}

relay::offset_tail::offset_tail(const recovery_identity& who, std::vector<room_position> from)
    : session(who), positions(std::move(from)) {
  normalize(positions);
}

bool relay::offset_tail::stand(const room_position& at) {
  const auto at_room = std::ranges::lower_bound(positions, at.room, {}, &room_position::room);
  if (at_room == positions.end() || at_room->room != at.room)
    positions.insert(at_room, at);
  else if (*at_room == at)
    return false;
  else
    *at_room = at;
  return true;
}

void relay::offset_tail::leave(room_id room) {
  std::erase_if(positions, [room](const room_position& at) { return at.room == room; });
}

void relay::on_attach(const attach_connection& request) {
  subscriber who{request.to, {}, nullptr};
  if (request.recovery) {
    if (!seal_) seal_.emplace(request.secret);
    who.tail = std::make_unique<offset_tail>(*request.recovery, request.positions);
  }
  const auto [added, is_new] = subscribers_.try_emplace(request.session, std::move(who));
  if (is_new && !request.sid.empty()) {
    sids_.insert_or_assign(request.sid, request.session);
    added->second.sid = std::make_unique<const std::string>(request.sid);
  }
  const auto& tail = added->second.tail;
  if (is_new && tail && request.tells_offset) owe_offset(request.session, *tail);
}

void relay::on_detach(session_id session) {
  const auto found = subscribers_.find(session);
  if (found == subscribers_.end()) return;
  for (const auto room : found->second.rooms)
    leave(room, session);
  forget_sid(session, found->second);
  subscribers_.erase(found);
}

/// Forgets a session's id, unless another session of its client has it by now.
void relay::forget_sid(session_id session, const subscriber& who) {
  if (!who.sid) return;
  const auto named = sids_.find(*who.sid);
  if (named != sids_.end() && named->second == session) sids_.erase(named);
}

void relay::leave(room_id room, session_id session) {
  const auto found = audiences_.find(room);
  if (found == audiences_.end()) return;
  auto& [members, indexes] = found->second;
  const auto found_at = indexes.find(session);
  if (found_at == indexes.end()) return;
  // The last member moves into the gap, so that the others stay dense.
  const auto index = found_at->second;
  indexes.erase(found_at);
  if (index + 1 != members.size()) {
    members[index] = members.back();
    indexes[members[index].session] = index;
  }
  members.pop_back();
  if (members.empty()) audiences_.erase(found);
}

void relay::note_join(connection& to, session_id session, const join_outcome& outcome) {
  if (session.life == to.life) to.join_outcomes.push_back(outcome);
}

void relay::answer(connection& to, session_id session, const frame_ptr& what) {
  if (session.life != to.life) return;
  if (to.requests_in_flight > 0) --to.requests_in_flight;
  if (what) to.send(what);
}

} // namespace hubbub
