// What the log has, and how far users have read it.
#include "actors/queries.hpp"
#include "actors/room.hpp"

#include <chrono>
#include <utility>

namespace hubbub {

namespace {

/// A read that takes longer is an error to the client.
constexpr auto read_timeout = std::chrono::seconds{30};

const error too_many_marks{error_code::overloaded,
                           "too much waits to be stored; mark the room again later"};

} // namespace

const reader_actor& room::next_reader() {
  return setup_->readers[next_reader_++ % setup_->readers.size()];
}

/// Asks a reader; the session's later requests wait for the answer.
void room::read(room_request request, const room_query& query, const view_handler& handle) {
  ++lanes_[request.from].reads;
  auto asked = std::make_shared<room_request>(std::move(request));
  compat::request(this, next_reader(), read_timeout, query)
      .then(
          [this, asked, query, handle, since = last_rev_](view_outcome& outcome) {
            if (outcome && !bring_up_to_date(outcome->page, since))
              return read_again(*asked, query, handle);
            on_read(*asked, outcome, handle);
          },
          [this, asked, handle](const caf::error&) {
            view_outcome too_slow = unexpected(store_error::io);
            on_read(*asked, too_slow, handle);
          });
}

/// Members may have been told of changes while the page was on its way.
bool room::bring_up_to_date(json_page& page, revision since) const {
  return page.messages.empty() ||
         changes_.update({page.numbers, page.revisions, page.messages}, since);
}

void room::read_again(room_request& asked, const room_query& query,
                      const view_handler& handle) {
  --lanes_[asked.from].reads;
  read(std::move(asked), query, handle);
}

void room::on_read(room_request& asked, view_outcome& outcome, const view_handler& handle) {
  const auto session = asked.from;
  --lanes_[session].reads;
  handle(asked, outcome); // may read again
  advance(session);
  retire_if_idle();
  flush();
}

void room::run(room_request& request, const get_messages& command) {
  read(std::move(request), {id_, to_range(id_, command.page), std::nullopt},
       [this](room_request& asked, view_outcome& outcome) { on_page(asked, outcome); });
}

void room::on_page(const room_request& request, const view_outcome& outcome) {
  if (!outcome) return answer_error(request, to_error(outcome.error()));
  const auto& page = outcome->page;
  answer(request, request.ack ? messages_ack(*request.ack, join_json(page.messages), page.ends)
                              : nullptr);
}

void room::run(room_request& request, const set_read& command) {
  if (!members_.contains(request.from))
    return answer_error(request, to_error(store_error::not_repeated));
  // Markers leave room for messages: in a large room each message makes many of them.
  if (writes_.size() >= setup_->settings.appends_per_room / 2)
    return answer_error(request, too_many_marks);
  write(mark_read{id_, request.who->user_id, command.seq}, std::move(request));
}

void room::on_outcome(const marked& result, pending_write& origin) {
  const auto& request = *origin.request;
  if (const auto* own = members_.find(request.who->user_id)) {
    const auto event = read_event(id_, name_, result.seq);
    for (const auto session : own->sessions)
      if (session != request.from) say(session, tell{session, event});
  }
  if (!request.ack) return answer(request, nullptr);
  read(request, {id_, std::nullopt, request.who->user_id},
       [this](room_request& asked, view_outcome& outcome) { on_reading(asked, outcome); });
}

void room::on_reading(const room_request& request, const view_outcome& outcome) {
  if (outcome)
    answer(request, marked_ack(*request.ack, outcome->reading));
  else
    answer_error(request, to_error(outcome.error()));
}

} // namespace hubbub
