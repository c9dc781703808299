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
/// Maximum number of messages of the bus that are kept until what comes before them is told,
/// which is on its way from the store. The log has the rest.
constexpr std::size_t kept_ahead = 64;

} // namespace

void room_follow::tell(const log_part& part, foreign_source from) {
  const auto& history = core_.history;
  std::uint64_t told = 0;
  for (const auto& entry : part.entries) {
    if (entry.is_new ? entry.what.seq <= history.last_seq() : entry.after <= history.last_rev())
      continue;
    if (entry.order)
      core_.obey(*entry.order);
    else
      publish_.tell_foreign(entry);
    ++told;
  }
  if (auto* measures = core_.measures())
    measures->foreign_entries[static_cast<std::size_t>(from)] += told;
  if (part.up_to.seq > history.last_seq()) publish_.skip_to(part.up_to.seq);
  if (part.up_to.rev > history.last_rev())
    core_.history.move_to(part.up_to.seq, part.up_to.rev);
}

void room_follow::hear_of(revision rev) {
  heard_ = std::max(heard_, rev);
  go_on();
}

void room_follow::hear(bus_news&& news) {
  if (news.part.up_to.rev <= core_.history.last_rev()) return;
  heard_ = std::max(heard_, news.part.up_to.rev);
  if (!news.part.entries.empty() && ahead_.size() < kept_ahead)
    ahead_.push_back(std::move(news));
  go_on();
}

/// True if these entries begin at or before the room's position and lead on from it without a
/// hole. The bus may carry anything, so it is checked entry by entry.
bool room_follow::comes_next(const bus_news& news) const {
  const auto& at = core_.history.position();
  if (news.from > at.rev) return false;
  auto seq = at.seq;
  for (const auto& entry : news.part.entries) {
    if (entry.what.rev <= at.rev) continue;
    if (entry.is_new ? entry.what.seq.value != seq.value + 1 : entry.what.seq > seq)
      return false;
    if (entry.is_new) seq = entry.what.seq;
  }
  return true;
}

/// Tells what came over the bus as far as it comes next, and drops what the room knows by now.
/// Returns true if it told something.
bool room_follow::take_ahead() {
  bool told = false;
  for (auto next = ahead_.begin(); next != ahead_.end();) {
    const bool is_news = next->part.up_to.rev > core_.history.last_rev();
    if (is_news && !comes_next(*next)) {
      ++next;
      continue;
    }
    if (is_news) tell(next->part, foreign_source::bus);
    told = told || is_news;
    ahead_.erase(next);
    next = ahead_.begin();
  }
  return told;
}

void room_follow::once_current(session_id session, const log_point& wanted,
                               std::function<void()> then) {
  core_.lanes.hold(session);
  waiting_.push_back({session, wanted, core_.writes.next_number(), std::move(then)});
  go_on();
}

void room_follow::on_written(const pending_write& origin, const write_outcome& outcome) {
  const auto* failed = std::get_if<store_error>(&outcome);
  // One that was not attempted brings nothing, or only a part. One that failed lets go of those
  // who wait, as a log that cannot be read does: they must not wait for a store that fails.
  const bool is_busy = failed != nullptr && *failed == store_error::busy;
  if (origin.brings_log && !is_busy) brought_ = origin.number;
}

bool room_follow::is_current(const waiting& each) const {
  const auto& at = core_.history.position();
  return each.next_write <= brought_ ||
         (at.seq >= each.wanted.seq && at.rev >= each.wanted.rev);
}

/// Releases what waits no longer for a read of the log.
void room_follow::release_current() {
  std::vector<waiting> current;
  for (auto* all : {&served_, &waiting_}) {
    const auto first = std::stable_partition(
        all->begin(), all->end(), [this](const waiting& each) { return !is_current(each); });
    std::move(first, all->end(), std::back_inserter(current));
    all->erase(first, all->end());
  }
  release(current);
}

void room_follow::go_on() {
  if (!ahead_.empty() && take_ahead()) storage_.go_on_with_told();
  release_current();
  if (asking_ || paused_ || !storage_.is_shared() || core_.writes.bring_log()) return;
  if (heard_ > core_.history.last_rev() || !waiting_.empty()) ask();
}

void room_follow::on_tick() {
  paused_ = false;
  go_on();
}

void room_follow::ask() {
  asking_ = true;
  if (auto* measures = core_.measures()) ++measures->log_reads;
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
  tell(*outcome, foreign_source::log);
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
  ahead_.clear();
}

} // namespace hubbub
