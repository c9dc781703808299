// Messages change: by their author alone, and in the order of the log.
#include "actors/room/room.hpp"

#include <utility>

namespace hubbub {

void room::run(room_request& request, revise_message& command) {
  change(request,
         edit_message{id_, command.seq, request.who->user_id, std::move(command.content)});
}

void room::run(room_request& request, const retract_message& command) {
  change(request, delete_message{id_, command.seq, request.who->user_id});
}

void room::change(room_request& request, write_op operation) {
  if (!members_.contains(request.from))
    return outbox_.refuse(request, to_error(store_error::not_repeated));
  write(std::move(operation), std::move(request));
}

caf::result<post_outcome> room::change(room_change& request) {
  if (const auto why = policy::may_edit(*request.access, standing_of(request.user_id),
                                        setup_->settings.open_edit))
    return post_outcome{unexpected(*why)};
  if (!request.content)
    return write(delete_message{id_, request.seq, std::move(request.user_id)});
  return write(
      edit_message{id_, request.seq, std::move(request.user_id), std::move(*request.content)});
}

void room::on_outcome(const changed& result, pending_write& origin) {
  const auto& now = result.now;
  auto json = message_json(now, name_);
  if (result.repeated) return answer_message(origin, json, true);
  tell_message(changed_event(now, json), now, json, origin);
  recent_.replace(now.seq, json);
  changes_.push(now.seq, now.rev, std::move(json));
}

} // namespace hubbub
