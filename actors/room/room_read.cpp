// What the log has, and how far users have read it.
#include "actors/room/room.hpp"
#include "actors/store/queries.hpp"

#include <chrono>
#include <utility>

namespace hubbub {

namespace {

/// A read that takes longer is an error to the client.
constexpr auto page_timeout = std::chrono::seconds{30};

const error too_many_marks{error_code::overloaded,
                           "too much waits to be stored; mark the room again later"};

} // namespace

const reader_actor& room::next_reader() {
  return setup_->readers[next_reader_++ % setup_->readers.size()];
}

/// Asks a reader; the session's later requests wait for the answer. The room watches the time
/// itself: with CAF's timeouts every read would wake the clock's thread, twice.
void room::read(room_request request, const room_query& query, view_handler handle) {
  lanes_.hold(request.from);
  auto asked = std::make_shared<pending_read>(
      pending_read{std::move(request), query, std::move(handle), last_rev_});
  reads_.emplace_back(clock().now() + page_timeout, asked);
  tick_at(reads_.front().first);
  compat::request(this, next_reader(), caf::infinite, query)
      .then([this, asked](view_outcome& outcome) { on_read(*asked, outcome); },
            [this, asked](const caf::error&) { give_up(*asked); });
}

/// An answer may come too late, after the request was told that it took too long.
void room::on_read(pending_read& asked, view_outcome& outcome) {
  if (std::exchange(asked.done, true)) return;
  while (!reads_.empty() && reads_.front().second->done)
    reads_.pop_front();
  const auto session = asked.request.from;
  lanes_.release(session);
  if (outcome && !bring_up_to_date(outcome->page, asked.since))
    return read(std::move(asked.request), asked.query, std::move(asked.handle));
  asked.handle(asked.request, outcome); // may read again
  advance(session);
  retire_if_idle();
  flush();
}

void room::give_up(pending_read& asked) {
  view_outcome too_slow = unexpected(store_error::io);
  on_read(asked, too_slow);
}

void room::give_up_reads(time_point now) {
  while (!reads_.empty() && reads_.front().first <= now) {
    const auto asked = reads_.front().second;
    reads_.pop_front();
    give_up(*asked);
  }
}

/// Members may have been told of changes while the page was on its way.
bool room::bring_up_to_date(json_page& page, revision since) const {
  return page.messages.empty() ||
         changes_.update({page.numbers, page.revisions, page.messages}, since);
}

/// True if the store has a change that the room will tell its members of.
bool room::is_behind(revision rev) const {
  return rev > last_rev_ && !writes_.empty();
}

/// A page that the store read ahead of the room waits, so that whoever it is for is not told of
/// its changes a second time: `then` runs when the room has told of all up to `rev`. Until then
/// the session's later requests wait.
void room::once_told(session_id session, revision rev, std::function<void()> then) {
  lanes_.hold(session);
  ahead_.push_back({session, rev, std::move(then)});
}

void room::go_on_with_told() {
  if (ahead_.empty()) return;
  for (auto& each : std::exchange(ahead_, {})) {
    if (is_behind(each.rev)) {
      ahead_.push_back(std::move(each));
      continue;
    }
    lanes_.release(each.session);
    each.then();
    advance(each.session);
  }
}

void room::run(room_request& request, const get_messages& command) {
  const room_query query{id_, to_range(id_, command.page), std::nullopt};
  read(std::move(request), query,
       [this](room_request& asked, view_outcome& outcome) { on_page(asked, outcome); });
}

void room::on_page(const room_request& request, const view_outcome& outcome) {
  if (!outcome) return outbox_.refuse(request, to_error(outcome.error()));
  const auto& page = outcome->page;
  outbox_.answer(request, request.ack
                              ? messages_ack(*request.ack, join_json(page.messages), page.ends)
                              : nullptr);
}

void room::run(room_request& request, const set_read& command) {
  if (!members_.contains(request.from))
    return outbox_.refuse(request, to_error(store_error::not_repeated));
  // Markers leave room for messages: in a large room each message makes many of them.
  if (writes_.size() >= setup_->settings.appends_per_room / 2) {
    count(refused_by::appends_per_room);
    return outbox_.refuse(request, too_many_marks);
  }
  write(mark_read{id_, request.who->user_id, command.seq}, std::move(request));
}

void room::on_outcome(const marked& result, pending_write& origin) {
  const auto& request = *origin.request;
  if (members_.find(request.who->user_id))
    outbox_.say_user(request.who->user_id, read_event(id_, name_, result.seq), request.from);
  if (!request.ack) return outbox_.answer(request, nullptr);
  read(request, {id_, std::nullopt, request.who->user_id},
       [this](room_request& asked, view_outcome& outcome) { on_reading(asked, outcome); });
}

void room::on_reading(const room_request& request, const view_outcome& outcome) {
  if (outcome)
    outbox_.answer(request, marked_ack(*request.ack, outcome->reading));
  else
    outbox_.refuse(request, to_error(outcome.error()));
}

} // namespace hubbub
