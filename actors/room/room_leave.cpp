#include "actors/room/room_leave.hpp"

#include "actors/store/store_errors.hpp"

#include <memory>
#include <utility>

namespace hubbub {

void room_leave::run(room_request& request, const command::leave_room&) {
  const auto& socket = request.socket();
  // A client that is not in the room must learn nothing by leaving.
  if (!core_.members.contains(socket.session))
    if (const auto why = permissions::may_leave(*request.who->access,
                                                core_.rights.standing_of(request.who->user_id)))
      return core_.outbox.say(socket.session, exit_room{core_.id(), socket.session,
                                                        refusal_of(socket, *why), true});
  if (request.who->recovery)
    store(std::move(request));
  else
    leave(request);
}

void room_leave::run(const room_departure& departure) {
  if (departure.reason)
    membership_.remove(departure.from, *departure.reason, nullptr, false);
  else
    membership_.drop(departure.from);
  core_.retire_if_idle();
}

/// Stores a leave. If that fails, the session stays in the room, unless it no longer has the
/// right to. Like a join it is not stored once its connection has ended.
void room_leave::store(room_request request) {
  if (core_.lanes.is_leaving(request.socket().session)) return leave(request);
  if (core_.writes.is_closed()) return refuse(request, to_error(store_error::io));
  const auto session = request.socket().session;
  const auto asked = std::make_shared<room_request>(std::move(request));
  const auto id = asked->who->recovery->identity.id;
  storage_.write_and_hold(session, op::leave_recoverable{id, core_.id()},
                          [this, asked, id](const write_outcome& outcome) {
                            const auto* failed = std::get_if<store_error>(&outcome);
                            if (failed && !core_.rights.may_read(*asked->who))
                              return refuse(*asked, to_error(*failed));
                            if (failed) storage_.forget_membership(id);
                            leave(*asked);
                          });
}

/// Refuses a leave: the session stays in the room, and its `chat` learns of it from the reply.
void room_leave::refuse(const room_request& request, const error& why) {
  const auto& socket = request.socket();
  core_.outbox.say(socket.session, reply{.session = socket.session,
                                         .what = refusal_of(socket, why),
                                         .refused = join_number{core_.id(), 0}});
}

void room_leave::leave(const room_request& request) {
  const auto& socket = request.socket();
  membership_.remove(socket.session, leave_reason::leave,
                     socket.ack ? ok_ack(*socket.ack) : nullptr, true);
  core_.retire_if_idle();
}

} // namespace hubbub
