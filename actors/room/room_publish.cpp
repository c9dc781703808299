#include "actors/room/room_publish.hpp"

#include "actors/store/store_errors.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub {

namespace {

const error not_when_asked{error_code::forbidden, "you might not send here at that moment"};

} // namespace

void room_publish::run(room_request& request, command::send_message& command) {
  const bool may_write = core_.may_write(request);
  if (!may_write && !command.client_id)
    return core_.outbox.refuse(request, to_error(store_error::not_repeated));
  // A repeat is answered before membership is checked, since a client repeats before it has
  // joined again.
  append(request, command, !may_write);
}

void room_publish::run_repeat(room_request& request) {
  append(request, std::get<command::send_message>(request.command), true);
}

void room_publish::append(room_request& request, command::send_message& command,
                          bool only_if_repeated) {
  op::append_message message{core_.id(),
                             request.who->user_id,
                             request.who->username,
                             std::move(command.content),
                             std::move(command.client_id),
                             only_if_repeated};
  storage_.write(std::move(message), std::move(request));
}

void room_publish::on_outcome(const appended& result, const room_request& request) {
  if (!result.repeated) return on_stored(result.stored, request);
  core_.note({.kind = trace_kind::repeated,
              .seq = result.stored.seq.value,
              .connection = connection_of(request)},
             request.who->user_id);
  answer(request, message_json(result.stored, core_.name()), true);
}

void room_publish::on_stored(const message& stored, const room_request& request) {
  note(trace_kind::message, stored, request);
  core_.count(stored);
  auto json = message_json(stored, core_.name());
  presence_.stop_typing(stored.user_id);
  tell(event::stored(stored, json, {core_.label, stored.seq, stored.seq}), stored, json,
       request);
  core_.history.keep(std::move(json));
}

void room_publish::note(trace_kind what, const message& stored,
                        const room_request& request) const {
  const auto* socket = request.from_socket();
  const bool spared = socket != nullptr && socket->ack && !core_.settings().echo_to_sender &&
                      core_.members.contains(socket->session);
  core_.note({.kind = what,
              .seq = stored.seq.value,
              .number = core_.members.sessions() - (spared ? 1 : 0),
              .connection = connection_of(request)},
             stored.user_id);
}

/// The ack comes first, since it is the sender's copy.
void room_publish::tell(const frame_ptr& event, const message& what, const std::string& json,
                        const room_request& request) {
  if (what.seq.value > core_.history.last_seq().value + 1)
    skip_to(sequence{what.seq.value - 1});
  core_.history.move_to(what.seq, what.rev);
  std::vector<session_id> except;
  const auto* socket = request.from_socket();
  const bool acked = socket != nullptr && socket->ack;
  if (acked) answer(request, json, false, core_.history.position());
  if (acked && !core_.settings().echo_to_sender) except.push_back(socket->session);
  tell_members(event, what.seq, except);
  if (!acked) answer(request, json, false);
}

void room_publish::tell_members(const frame_ptr& event, sequence about,
                                const std::vector<session_id>& except) {
  const auto& position = core_.history.position();
  core_.outbox.say_all(event, except, false, position);
  core_.returning.note({event, position, about});
}

void room_publish::tell_foreign(const log_entry& entry) {
  const auto& what = entry.what;
  auto& history = core_.history;
  if (entry.is_new && what.seq.value > history.last_seq().value + 1)
    skip_to(sequence{what.seq.value - 1});
  history.move_to(what.seq, std::max(history.last_rev(), entry.after));
  auto json = message_json(what, core_.name());
  core_.note({.kind = entry.is_new      ? trace_kind::message
                      : what.deleted_at ? trace_kind::deleted
                                        : trace_kind::edited,
              .seq = what.seq.value,
              .number = core_.members.sessions()},
             what.user_id);
  if (entry.is_new) {
    presence_.stop_typing(what.user_id);
    tell_members(event::stored(what, json, {core_.label, what.seq, what.seq}), what.seq, {});
    history.keep(std::move(json));
  } else {
    tell_members(event::message_changed(what, json), what.seq, {});
    history.keep_change(what.seq, std::move(json));
  }
}

void room_publish::skip_to(sequence seq) {
  const sequence first{core_.history.last_seq().value + 1};
  core_.note({.kind = trace_kind::gap,
              .seq = first.value,
              .number = static_cast<std::uint64_t>(seq.value - first.value + 1)},
             {});
  core_.outbox.say_all(event::gap(core_.id(), core_.name(), first, seq));
  core_.returning.note_gap();
  core_.history.skip_to(seq);
}

void room_publish::answer(const room_request& request, const std::string& json, bool repeated,
                          const std::optional<room_position>& at) {
  core_.outbox.answer(
      request, [&json](ack_id id) { return message_ack(id, json); },
      [&json, repeated] {
        return call_answer{json, repeated};
      },
      at);
}

/// The user may have had no right to write, or have lost it while the request was on its way,
/// by an order that another node was given; or have got it back meanwhile.
void room_publish::on_outcome(store_error why, const room_request& request) {
  if (why != store_error::not_repeated) return core_.outbox.refuse(request, to_error(why));
  if (const auto lost = core_.rights.judge(*request.who, request.command))
    return core_.outbox.refuse(request, *lost);
  core_.outbox.refuse(request, core_.may_write(request) ? not_when_asked : to_error(why));
}

} // namespace hubbub
