// Messages: stored first, then seen.
#include "actors/room.hpp"

#include <utility>

namespace hubbub {

namespace {

const error too_many_appends{error_code::overloaded,
                             "too many messages wait to be stored; try again soon"};
const error store_is_gone{error_code::storage_error, "the store has stopped"};

} // namespace

void room::run(room_request& request, const send_message& command) {
  const bool may_write = members_.contains(request.from);
  if (!may_write && !command.client_id)
    return answer_error(request, to_error(store_error::not_repeated));
  if (writer_down_) return answer_error(request, store_is_gone);
  if (appends_.size() >= setup_->settings.appends_per_room)
    return answer_error(request, too_many_appends);
  ++lanes_[request.from].appends;
  // A repeat is answered before membership counts: a client resends before it has rejoined.
  append_message message{id_,
                         request.who->user_id,
                         request.who->username,
                         command.content,
                         command.client_id,
                         !may_write};
  append(std::move(message), pending_append{std::move(request), {}});
}

caf::result<post_outcome> room::post(room_post& message) {
  if (writer_down_) return post_outcome{unexpected(store_is_gone)};
  if (appends_.size() >= setup_->settings.appends_per_room)
    return post_outcome{unexpected(too_many_appends)};
  auto promise = make_response_promise<post_outcome>();
  append({id_, std::move(message.user_id), std::move(message.username),
          std::move(message.content), std::move(message.client_id), false},
         pending_append{std::nullopt, promise});
  return promise;
}

void room::append(append_message message, pending_append origin) {
  appends_.push_back(std::move(origin));
  compat::anon_send(setup_->writer,
                    append_request{std::move(message), append_sink{room_actor{this}}});
}

void room::on_appended(append_results& results) {
  for (auto& outcome : results) {
    if (appends_.empty()) return; // answered already, when the writer went down
    auto origin = std::move(appends_.front());
    appends_.pop_front();
    if (const auto* result = std::get_if<appended>(&outcome)) {
      if (result->repeated)
        on_repeated(result->stored, origin);
      else
        on_stored(result->stored, origin);
    } else {
      on_append_failed(std::get<store_error>(outcome), origin);
    }
    settle(origin);
  }
  retire_if_idle();
}

void room::on_stored(const message& stored, pending_append& origin) {
  last_seq_ = stored.seq;
  auto json = message_json(stored, name_);
  stop_typing(stored.user_id);
  if (origin.request) {
    const auto& request = *origin.request;
    // The ack is the sender's copy.
    const bool acked = request.ack.has_value();
    if (acked) answer(request, message_ack(*request.ack, json));
    std::vector<session_id> except;
    if (acked && !setup_->settings.echo_to_sender) except.push_back(request.from);
    say_all(new_message_event(json), except);
    if (!acked) answer(request, nullptr);
  } else {
    say_all(new_message_event(json));
    origin.post.deliver(post_outcome{posted{json, false}});
  }
  recent_.push(stored.seq, std::move(json));
}

void room::on_repeated(const message& stored, pending_append& origin) {
  const auto json = message_json(stored, name_);
  if (origin.request)
    answer(*origin.request,
           origin.request->ack ? message_ack(*origin.request->ack, json) : nullptr);
  else
    origin.post.deliver(post_outcome{posted{json, true}});
}

void room::on_append_failed(store_error why, pending_append& origin) {
  if (origin.request)
    answer_error(*origin.request, to_error(why));
  else
    origin.post.deliver(post_outcome{unexpected(to_error(why))});
}

/// The session's next requests may run.
void room::settle(pending_append& origin) {
  if (!origin.request) return;
  const auto session = origin.request->from;
  --lanes_[session].appends;
  advance(session);
}

/// What was sent may or may not have been stored: the clients hear an error and repeat.
void room::on_writer_down() {
  writer_down_ = true;
  auto lost = std::exchange(appends_, {});
  for (auto& origin : lost) {
    on_append_failed(store_error::io, origin);
    settle(origin);
  }
  retire_if_idle();
  flush();
}

} // namespace hubbub
