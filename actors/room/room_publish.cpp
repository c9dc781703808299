#include "actors/room/room_publish.hpp"

#include "actors/store/store_errors.hpp"

#include <utility>
#include <vector>

namespace hubbub {

void room_publish::run(room_request& request, command::send_message& command) {
  const bool may_write = core_.members.contains(request.from);
  if (!may_write && !command.client_id)
    return core_.outbox.refuse(request, to_error(store_error::not_repeated));
  // A repeat is answered before membership is checked, since a client repeats before it has
  // joined again.
  op::append_message message{core_.id(),
                             request.who->user_id,
                             request.who->username,
                             std::move(command.content),
                             std::move(command.client_id),
                             !may_write};
  storage_.write(std::move(message), std::move(request));
}

caf::result<post_outcome> room_publish::post(room_post& message) {
  if (const auto why =
          policy::may_send(*message.access, core_.rights.standing_of(message.user_id)))
    return post_outcome{unexpected(*why)};
  return storage_.write(
      op::append_message{core_.id(), std::move(message.user_id), std::move(message.username),
                         std::move(message.content), std::move(message.client_id), false});
}

void room_publish::on_outcome(const appended& result, pending_write& origin) {
  if (result.repeated)
    answer(origin, message_json(result.stored, core_.name()), true);
  else
    on_stored(result.stored, origin);
}

void room_publish::on_stored(const message& stored, pending_write& origin) {
  auto json = message_json(stored, core_.name());
  presence_.stop_typing(stored.user_id);
  tell(new_message_event(json, {core_.label, stored.seq, stored.seq}), stored, json, origin);
  core_.history.keep(std::move(json));
}

/// The ack comes first, since it is the sender's copy.
void room_publish::tell(const frame_ptr& event, const message& what, const std::string& json,
                        pending_write& origin) {
  core_.history.move_to(what.seq, what.rev);
  const auto& place = core_.history.place();
  std::vector<session_id> except;
  const bool acked = origin.request && origin.request->ack;
  if (acked) answer(origin, json, false, place);
  if (acked && !core_.settings().echo_to_sender) except.push_back(origin.request->from);
  core_.outbox.say_all(event, except, false, place);
  core_.returning.note({event, place, what.seq});
  if (!acked) answer(origin, json, false);
}

void room_publish::answer(pending_write& origin, const std::string& json, bool repeated,
                          const std::optional<room_position>& at) {
  if (origin.request)
    core_.outbox.answer(*origin.request,
                        origin.request->ack ? message_ack(*origin.request->ack, json) : nullptr,
                        at);
  else
    origin.post.deliver(post_outcome{posted{json, repeated}});
}

void room_publish::on_outcome(store_error why, pending_write& origin) {
  if (origin.request)
    core_.outbox.refuse(*origin.request, to_error(why));
  else
    origin.post.deliver(post_outcome{unexpected(to_error(why))});
}

} // namespace hubbub
