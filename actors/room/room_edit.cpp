#include "actors/room/room_edit.hpp"

#include "actors/store/store_errors.hpp"

#include <utility>

namespace hubbub {

void room_edit::run(room_request& request, command::edit_message& command) {
  change(request, op::edit_message{core_.id(), command.seq, request.who->user_id,
                                   std::move(command.content)});
}

void room_edit::run(room_request& request, const command::delete_message& command) {
  change(request, op::delete_message{core_.id(), command.seq, request.who->user_id});
}

void room_edit::change(room_request& request, write_op operation) {
  if (!core_.may_write(request))
    return core_.outbox.refuse(request, to_error(store_error::not_repeated));
  storage_.write(std::move(operation), std::move(request));
}

void room_edit::on_outcome(const changed& result, const room_request& request) {
  const auto& now = result.now;
  auto json = message_json(now, core_.name());
  if (result.repeated) return publish_.answer(request, json, true);
  publish_.note(now.deleted_at ? trace_kind::deleted : trace_kind::edited, now, request);
  publish_.tell(event::message_changed(now, json), now, json, request);
  core_.history.keep_change(now.seq, std::move(json));
}

} // namespace hubbub
