#include "net/embed/subscription.hpp"

#include "actors/room/room_lease.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {
namespace {

/// Maximum number of entries that are read from a log at once: they are in memory until they
/// have been told.
constexpr std::int64_t most_entries = 256;
/// Maximum number of events that a subscription may be granted at a time.
constexpr std::int64_t most_credit = 100'000;

api::cursor to_cursor(const room_position& at) {
  return {at.seq.value, at.rev.value};
}

api::room_event event_of(const log_entry& entry, const std::string& room) {
  api::room_event made;
  made.kind = entry.is_new            ? api::event_kind::message
              : entry.what.deleted_at ? api::event_kind::deleted
                                      : api::event_kind::edited;
  made.room_id = entry.what.room.value;
  made.room = room;
  made.what = to_public(entry.what, room);
  return made;
}

} // namespace

subscription::subscription(subscription_host& host, std::uint64_t serial, api::start from,
                           std::int64_t credit)
    : host_(&host), serial_(serial), from_(from),
      credit_(std::clamp<std::int64_t>(credit, 0, most_credit)) {}

void subscription::send(const frame_ptr& what) {
  if (host_ != nullptr) host_->on_arrival(serial_, what);
}

void subscription::on_entered(const room_position& at) {
  if (host_ != nullptr) host_->on_arrival(serial_, at);
}

bool subscription::expect(const room_lease_ptr& room,
                          const std::optional<room_position>& known) {
  auto [found, is_new] = seats_.try_emplace(room->id());
  auto& here = found->second;
  // A room that has slept is another actor.
  if (std::exchange(here.actor, room->room()->id()) == room->room()->id()) return false;
  here.room = room;
  here.is_entered = false;
  if (!is_new) return true;
  here.name = room->name();
  here.at.room = room->id();
  if (known)
    here.at = *known;
  else if (from_.where == api::start::at::after)
    here.at = {room->id(), sequence{from_.position.seq}, revision{from_.position.rev}};
  else if (from_.where == api::start::at::newest)
    here.newest = std::clamp<std::int64_t>(from_.count, 0, max_page);
  if (from_.where == api::start::at::now && !known) here.is_live = true; // from where it enters
  return true;
}

api::cursor subscription::enter(const room_position& at) {
  const auto found = seats_.find(at.room);
  if (found == seats_.end()) return {};
  auto& here = found->second;
  here.is_entered = true;
  const bool is_first = !std::exchange(here.has_begun, true);
  here.head = std::max(here.head, at.rev);
  const bool starts_here = is_first && (here.is_live || here.newest);
  // A position beyond the end is of another store, or of another node that is ahead.
  if (starts_here || (is_first && here.at.seq > at.seq))
    here.at = at;
  else if (is_first && here.at.rev > at.rev) // the messages after it are read all the same
    here.at.rev = here.at.seq < at.seq ? revision{at.rev.value - 1} : at.rev;
  here.is_live = false;
  fall_behind(here);
  return to_cursor(here.at);
}

api::cursor subscription::where(room_id room) const {
  const auto found = seats_.find(room);
  if (found == seats_.end() || !found->second.has_begun) return from_.position;
  const auto& here = found->second;
  auto at = to_cursor(here.at);
  if (here.first.empty() && here.newest.value_or(0) == 0) return at;
  // The last messages that it began with have not all been told: those that were not, come.
  at.seq = here.newest ? std::max<std::int64_t>(at.seq - *here.newest, 0)
                       : here.first.front().what.seq - 1;
  at.rev = std::max<std::int64_t>(at.rev - 1, 0);
  return at;
}

void subscription::release(room_id room) {
  const auto found = seats_.find(room);
  if (found != seats_.end()) found->second.room = nullptr;
}

void subscription::hear(const said& what) {
  for (const auto& event : what.events) {
    const auto found = seats_.find(room_id{event.room_id});
    if (found == seats_.end() || !found->second.is_entered) continue;
    if (what.is_logged)
      hear_logged(found->second, event);
    else
      hear_other(found->second, event);
  }
}

void subscription::hear_logged(seat& in, const api::room_event& event) {
  const revision rev{event.at.rev};
  in.head = std::max(in.head, rev);
  if (!in.is_live || rev <= in.at.rev) return;
  if (rev.value != in.at.rev.value + 1 || credit_ == 0) {
    fall_behind(in);
    return go_on();
  }
  in.at.rev = rev;
  if (event.kind == api::event_kind::message) {
    in.at.seq = sequence{event.at.seq};
    return tell(event);
  }
  auto told = event; // an event of an earlier message does not move back to it
  told.at = to_cursor(in.at);
  tell(told);
}

void subscription::hear_other(seat& in, const api::room_event& event) {
  using api::event_kind;
  if (in.is_live && credit_ > 0) {
    auto told = event;
    told.at = to_cursor(in.at);
    return tell(told);
  }
  if (event.kind == event_kind::typing || event.kind == event_kind::stopped) return;
  in.has_lost_users = true;
  if (in.is_live) fall_behind(in);
}

void subscription::fall_behind(seat& in) {
  in.is_live = false;
  if (!std::exchange(in.waits, true)) behind_.push_back(in.at.room);
}

void subscription::grant(std::int64_t credit) {
  credit_ = std::clamp<std::int64_t>(credit_ + std::clamp<std::int64_t>(credit, 0, most_credit),
                                     0, most_credit);
  go_on();
}

void subscription::try_again() {
  is_paused_ = false;
  go_on();
}

void subscription::go_on() {
  while (!is_reading_ && !is_paused_ && !behind_.empty()) {
    auto& next = seats_.at(behind_.front());
    if (!serve(next)) return;
  }
}

bool subscription::serve(seat& in) {
  const auto done = [this, &in] {
    in.is_live = true;
    in.waits = false;
    behind_.pop_front();
    return true;
  };
  if (in.newest) {
    if (*in.newest == 0) {
      in.newest.reset();
      return true;
    }
    is_reading_ = true; // `newest` stays: until they are read they are owed
    host_->read_newest(serial_, in.at, *in.newest);
    return false;
  }
  const bool has_all = in.first.empty() && in.head <= in.at.rev && !in.has_lost_users;
  if (has_all) return done();
  if (credit_ == 0) return false;
  if (!in.first.empty()) {
    tell(in.first.front());
    in.first.pop_front();
    return true;
  }
  if (in.head > in.at.rev) {
    is_reading_ = true;
    host_->read_log(serial_, in.at, std::min(credit_, most_entries));
    return false;
  }
  in.has_lost_users = false;
  api::room_event gap;
  gap.kind = api::event_kind::gap;
  gap.room_id = in.at.room.value;
  gap.room = in.name;
  gap.at = to_cursor(in.at);
  tell(gap);
  return done();
}

void subscription::on_log(room_id room, const log_outcome& outcome) {
  is_reading_ = false;
  const auto found = seats_.find(room);
  if (found == seats_.end()) return go_on();
  auto& here = found->second;
  if (!outcome) {
    is_paused_ = true;
    return host_->pause(serial_);
  }
  if (tell_entries(here, *outcome)) {
    here.at.seq = std::max(here.at.seq, outcome->up_to.seq);
    here.at.rev = std::max(here.at.rev, outcome->up_to.rev);
    // The store has lost what was once heard of, or there would be more.
    if (!outcome->has_more && outcome->entries.empty()) here.head = here.at.rev;
  }
  // The others have their turn.
  if (behind_.size() > 1 && behind_.front() == room) {
    behind_.pop_front();
    behind_.push_back(room);
  }
  go_on();
}

bool subscription::tell_entries(seat& in, const log_part& part) {
  for (const auto& entry : part.entries) {
    if (entry.is_new ? entry.what.seq <= in.at.seq : entry.what.rev <= in.at.rev) continue;
    if (entry.is_new && !tell_gap(in, sequence{entry.what.seq.value - 1})) return false;
    if (credit_ == 0) return false;
    if (entry.is_new) in.at.seq = entry.what.seq;
    in.at.rev = std::max(in.at.rev, entry.after);
    auto event = event_of(entry, in.name);
    event.at = to_cursor(in.at);
    tell(event);
  }
  // The newest messages may have been removed, too.
  return part.has_more || tell_gap(in, part.up_to.seq);
}

bool subscription::tell_gap(seat& in, sequence up_to) {
  if (up_to <= in.at.seq) return true;
  if (credit_ == 0) return false;
  api::room_event gap;
  gap.kind = api::event_kind::gap;
  gap.room_id = in.at.room.value;
  gap.room = in.name;
  gap.from = in.at.seq.value + 1;
  gap.to = up_to.value;
  in.at.seq = up_to;
  gap.at = to_cursor(in.at);
  tell(gap);
  return true;
}

void subscription::on_newest(room_id room, const read_outcome& outcome) {
  is_reading_ = false;
  const auto found = seats_.find(room);
  if (found == seats_.end()) return go_on();
  auto& here = found->second;
  if (!outcome) {
    is_paused_ = true;
    return host_->pause(serial_);
  }
  here.newest.reset();
  for (const auto& text : outcome->messages) {
    const auto parsed = json::parse(text, max_json_depth);
    if (!parsed) continue;
    api::room_event event;
    event.what = read_message(parsed->root());
    event.room_id = room.value;
    event.room = here.name;
    // Whoever comes back to here gets the rest of these messages.
    event.at = {event.what.seq, std::max<std::int64_t>(here.at.rev.value - 1, 0)};
    here.first.push_back(std::move(event));
  }
  if (!here.first.empty()) here.first.back().at = to_cursor(here.at);
  go_on();
}

void subscription::tell(const api::room_event& event) {
  --credit_;
  host_->tell(serial_, event);
}

} // namespace hubbub
