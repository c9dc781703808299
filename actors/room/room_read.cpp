#include "actors/room/room_read.hpp"

#include "actors/store/queries.hpp"
#include "actors/store/store_errors.hpp"

#include <utility>

namespace hubbub {

namespace {

const error too_many_marks{error_code::overloaded,
                           "too much waits to be stored; mark the room again later"};
const error too_many_changes{error_code::overloaded,
                             "messages are changed faster than they are read; try again soon"};

} // namespace

void room_read::run(room_request& request, const command::get_messages& command) {
  const room_query query{core_.id(), to_range(core_.id(), command.page), std::nullopt};
  storage_.read(std::move(request), query, [this](room_request& asked, view_outcome& outcome) {
    on_page(asked, outcome);
  });
}

void room_read::on_page(const room_request& request, const view_outcome& outcome) {
  if (!outcome)
    return core_.outbox.refuse(request, outcome.error() == store_error::busy
                                            ? too_many_changes
                                            : to_error(outcome.error()));
  const auto& page = outcome->page;
  const auto& socket = request.socket();
  core_.outbox.answer(
      socket,
      socket.ack ? messages_ack(*socket.ack, join_json(page.messages), page.ends) : nullptr);
}

void room_read::run(room_request& request, const command::mark_read& command) {
  // A closed room has no members, and whoever reads it may say how far.
  if (!core_.members.contains(request.socket().session) && !core_.rights.is_closed())
    return core_.outbox.refuse(request, to_error(store_error::not_repeated));
  if (core_.writes.is_half_full()) {
    core_.count(refused_by::appends_per_room);
    return core_.outbox.refuse(request, too_many_marks);
  }
  storage_.write(op::mark_read{core_.id(), request.who->user_id, command.seq},
                 std::move(request));
}

void room_read::on_outcome(const marked& result, const room_request& request) {
  const auto& socket = request.socket();
  const auto& user_id = request.who->user_id;
  if (core_.members.find(user_id))
    core_.outbox.say_user(user_id, event::read(core_.id(), core_.name(), result.seq),
                          socket.session);
  core_.say_elsewhere({bus_read{core_.id(), user_id, result.seq}});
  if (!socket.ack) return core_.outbox.answer(socket, nullptr);
  storage_.read(
      request, {core_.id(), std::nullopt, user_id},
      [this](room_request& asked, view_outcome& outcome) { on_reading(asked, outcome); });
}

void room_read::hear(const bus_read& read) {
  if (core_.members.find(read.user_id))
    core_.outbox.say_user(read.user_id, event::read(core_.id(), core_.name(), read.seq));
}

void room_read::on_reading(const room_request& request, const view_outcome& outcome) {
  if (outcome)
    core_.outbox.answer(request.socket(), marked_ack(*request.socket().ack, outcome->reading));
  else
    core_.outbox.refuse(request, to_error(outcome.error()));
}

} // namespace hubbub
