#include "actors/room/room_storage.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace hubbub {

namespace {

/// How long a store that failed is left alone before it is told again which sessions it has to
/// forget, if no other write shows earlier that it works.
constexpr auto tell_again_pause = std::chrono::seconds{1};
/// A read that takes longer is an error for the client.
constexpr auto page_timeout = std::chrono::seconds{30};

const error too_many_writes{error_code::overloaded,
                            "too many messages wait to be stored; try again soon"};
const error store_is_gone{error_code::storage_error, "the store has stopped"};

} // namespace

std::optional<error> room_storage::refusal() const {
  if (core_.writes.is_closed()) return store_is_gone;
  if (!core_.writes.is_full()) return std::nullopt;
  core_.count(refused_by::appends_per_room);
  return too_many_writes;
}

void room_storage::write(write_op operation, room_request&& origin) {
  if (const auto why = refusal()) return core_.outbox.refuse(origin, *why);
  if (const auto* socket = origin.from_socket()) core_.lanes.begin_write(socket->session);
  send_to_writer(std::move(operation), pending_write{std::move(origin), {}});
}

void room_storage::write_own(write_op operation, outcome_handler handle) {
  send_to_writer(std::move(operation), pending_write{std::nullopt, std::move(handle)});
}

void room_storage::write_and_hold(session_id session, write_op operation,
                                  outcome_handler handle) {
  core_.lanes.hold(session);
  write_own(std::move(operation),
            [this, session, handle = std::move(handle)](const write_outcome& outcome) {
              core_.lanes.release(session);
              handle(outcome);
              core_.advance(session);
            });
}

void room_storage::send_to_writer(write_op operation, pending_write origin) {
  if (is_shared())
    if (auto* known = known_of(operation)) {
      *known = log_point{core_.history.last_seq(), core_.history.last_rev()};
      origin.brings_log = true;
    }
  core_.writes.push(std::move(origin));
  const auto& gates = core_.setup->gates;
  compat::anon_send(gates[static_cast<std::size_t>(core_.id().value) % gates.size()],
                    write_request{std::move(operation), write_sink{room_actor{core_.self}}});
}

const reader_actor& room_storage::next_reader() {
  const auto& readers = core_.setup->readers;
  return readers[next_reader_++ % readers.size()];
}

void room_storage::read(room_request request, const room_query& query, view_handler handle) {
  ask(std::make_shared<pending_read>(
      pending_read{std::move(request), query, std::move(handle), revision{}}));
}

/// The room watches the time itself: with CAF's timeouts every read would wake the clock's
/// thread twice.
void room_storage::ask(const pending_read_ptr& asked) {
  core_.lanes.hold(asked->request.socket().session);
  asked->since = core_.history.last_rev();
  reads_.add(core_.now() + page_timeout, asked);
  core_.tick_at(*reads_.next());
  compat::request(core_.self, next_reader(), caf::infinite, asked->query)
      .then([this, asked](view_outcome& outcome) { on_read(*asked, outcome); },
            [this, asked](const caf::error&) { give_up(*asked); });
}

/// Handles an answer. It may come after the request was told that it took too long.
void room_storage::on_read(pending_read& asked, view_outcome& outcome) {
  if (!reads_.end(asked)) return;
  const auto session = asked.request.socket().session;
  core_.lanes.release(session);
  // Brings a page up to date, since members may have been told of changes while it was on its
  // way.
  if (outcome && !core_.history.bring_up_to_date(outcome->page, asked.since)) {
    if (asked.times < pending_read::most_times)
      return ask(std::make_shared<pending_read>(
          pending_read{std::move(asked.request), asked.query, std::move(asked.handle),
                       revision{}, asked.times + 1}));
    outcome = unexpected(store_error::busy);
  }
  asked.handle(asked.request, outcome); // it may read again
  core_.advance(session);
  core_.retire_if_idle();
  core_.flush();
}

void room_storage::give_up(pending_read& asked) {
  view_outcome too_slow = unexpected(store_error::io);
  on_read(asked, too_slow);
}

void room_storage::on_tick(room_core::time_point now) {
  while (const auto late = reads_.take_late(now))
    give_up(*late);
  if (!tell_again_at_ || now < *tell_again_at_) return;
  tell_again_at_.reset();
  forget_memberships_again();
}

void room_storage::ask_for_tick() {
  if (const auto late = reads_.next()) core_.tick_at(*late);
  if (tell_again_at_) core_.tick_at(*tell_again_at_);
}

bool room_storage::is_behind(revision rev) const {
  return rev > core_.history.last_rev() && (is_shared() || !core_.writes.empty());
}

void room_storage::once_told(session_id session, revision rev, std::function<void()> then) {
  core_.lanes.hold(session);
  reads_.keep_ahead({session, rev, std::move(then)});
  if (is_shared()) core_.hear_of(rev);
}

void room_storage::go_on_with_told() {
  if (!reads_.has_ahead()) return;
  for (auto& each : reads_.take_ahead()) {
    if (is_behind(each.rev)) {
      reads_.keep_ahead(std::move(each));
      continue;
    }
    core_.lanes.release(each.session);
    each.then();
    core_.advance(each.session);
  }
}

void room_storage::forget_membership(recovery_id session) {
  left_.add(session);
  if (core_.writes.is_closed()) return;
  left_.begin_telling();
  write_own(op::leave_recoverable{session, core_.id()},
            [this, session](const write_outcome& outcome) {
              const bool is_stored = std::holds_alternative<noted>(outcome);
              left_.end_telling(session, is_stored);
              if (is_stored || tell_again_at_) return;
              tell_again_at_ = core_.now() + tell_again_pause;
              ask_for_tick();
            });
}

void room_storage::forget_memberships_again() {
  for (const auto session : left_.to_tell())
    forget_membership(session);
}

} // namespace hubbub
