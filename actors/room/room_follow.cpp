#include "actors/room/room_follow.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace hubbub {

namespace {

/// Maximum number of messages, and of changes, in one read of the log.
constexpr std::int64_t entries_a_read = 1'000;
constexpr auto log_timeout = std::chrono::seconds{30};
/// How long a store that failed is left alone.
constexpr auto log_pause = std::chrono::seconds{1};

} // namespace

void room_follow::tell(const log_part& part) {
  const auto& history = core_.history;
  for (const auto& entry : part.entries)
    if (entry.is_new ? entry.what.seq > history.last_seq()
                     : entry.what.rev > history.last_rev())
      publish_.tell_foreign(entry);
  if (part.up_to.seq > history.last_seq()) publish_.skip_to(part.up_to.seq);
  if (part.up_to.rev > history.last_rev())
    core_.history.move_to(part.up_to.seq, part.up_to.rev);
}

void room_follow::hear_of(revision rev) {
  heard_ = std::max(heard_, rev);
  go_on();
}

void room_follow::once_current(session_id session, std::function<void()> then) {
  core_.lanes.hold(session);
  waiting_.push_back({session, std::move(then)});
  go_on();
}

void room_follow::go_on() {
  if (asking_ || paused_ || !storage_.is_shared() || core_.writes.bring_log()) return;
  if (heard_ > core_.history.last_rev() || !waiting_.empty()) ask();
}

void room_follow::on_tick() {
  paused_ = false;
  go_on();
}

void room_follow::ask() {
  asking_ = true;
  core_.life.begin_work();
  served_ = std::exchange(waiting_, {});
  compat::request(core_.self, core_.setup->log_reader, log_timeout,
                  ask_log{core_.history.position(), entries_a_read})
      .then([this](const log_outcome& outcome) { on_read(outcome); },
            [this](const caf::error&) { on_read(unexpected(store_error::io)); });
}

void room_follow::on_read(const log_outcome& outcome) {
  asking_ = false;
  core_.life.end_work();
  auto served = std::exchange(served_, {});
  if (take(outcome))
    release(served);
  else
    waiting_.insert(waiting_.begin(), std::make_move_iterator(served.begin()),
                    std::make_move_iterator(served.end()));
  go_on();
  core_.retire_if_idle();
  core_.flush();
}

/// Returns true if the room has come to the end of the log, as it was, or cannot.
bool room_follow::take(const log_outcome& outcome) {
  if (!outcome) {
    pause();
    return true;
  }
  // The part may hold entries of the room's own whose outcomes are on their way. Those come in
  // order, with everything before them.
  if (core_.writes.bring_log()) return false;
  const auto before = core_.history.last_rev();
  tell(*outcome);
  storage_.go_on_with_told();
  if (outcome->has_more) return false;
  // The store lost what it once had, or this would bring the room on.
  if (core_.history.last_rev() == before && heard_ > before) pause();
  return true;
}

void room_follow::pause() {
  paused_ = true;
  core_.tick_at(core_.now() + log_pause);
}

void room_follow::release(const std::vector<waiting>& served) {
  for (const auto& each : served) {
    core_.lanes.release(each.session);
    each.then();
    core_.advance(each.session);
  }
}

void room_follow::clear() {
  waiting_.clear();
  served_.clear();
}

} // namespace hubbub
