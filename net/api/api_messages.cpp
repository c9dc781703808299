// Routes of messages: read directly from the log, posted through their room.
#include "actors/store/queries.hpp"
#include "actors/store/store_errors.hpp"
#include "net/api/api_service.hpp"
#include "proto/access/permissions.hpp"
#include "proto/chat/api_body.hpp"
#include "proto/chat/chat_event.hpp"

#include <variant>

namespace hubbub {
namespace {

room_call to_room(post_message&& message, const api_call& call) {
  return {call.author(std::move(message.user_id), std::move(message.username)),
          command::send_message{{}, std::move(message.content), std::move(message.client_id)}};
}

/// Answers with the new message, or with the one that the client sent before.
auto created(const api_call_ptr& call) {
  return [call](call_answer& answer) {
    call->answer_json(answer.repeated ? 200 : 201, std::move(answer.body));
  };
}

struct message_ref {
  room_id room;
  sequence seq;
};
expected<message_ref, error> parse_message_ref(const std::string& id, const std::string& seq) {
  const auto room = parse_room_id(id);
  if (!room) return unexpected(room.error());
  return parse_message_seq(seq).map([&room](sequence number) {
    return message_ref{*room, number};
  });
}

} // namespace

void api_service::read_messages(const api_call_ptr& call, const std::string& id) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  const auto query = parse_history_query(call->request().query);
  if (!query) return call->fail(query.error());
  find_readable(call, *room, [this, call, range = to_range(*room, *query)](const room_record&) {
    ask(call, reader_, range, [call](const read_outcome& page) {
      if (!page) return call->fail(to_error(page.error()));
      call->answer_json(200, messages_json(join_json(page->messages), page->ends));
    });
  });
}

expected<post_message, error> api_service::parse_message(const api_call& call,
                                                         bool room_in_body) const {
  const auto& request = call.request();
  return parse_post_message(request.body, room_in_body, request.header("idempotency-key"),
                            setup_->settings.limits, *call.access());
}

void api_service::post_to_room(const api_call_ptr& call, const std::string& id) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  auto message = parse_message(*call, false);
  if (!message) return call->fail(message.error());
  ask_room(call, resolve_room{*room, false}, to_room(std::move(*message), *call),
           created(call));
}

void api_service::post_to_any_room(const api_call_ptr& call) {
  auto message = parse_message(*call, true);
  if (!message) return call->fail(message.error());
  const auto room = message->room.value_or(room_ref{});
  const auto* name = std::get_if<std::string>(&room);
  if (const auto why = name ? permissions::may_name(*call->access(), *name) : std::nullopt)
    return call->fail(*why);
  const bool create = setup_->settings.auto_create_rooms && name != nullptr &&
                      !permissions::may_create_room(*call->access(), *name);
  auto post = to_room(std::move(*message), *call);
  if (!create) return ask_room(call, resolve_room{room, false}, std::move(post), created(call));
  // Only a room that is found missing counts as created.
  ask(call, setup_->actors.directory, resolve_room{room, false},
      [this, call, room, post = std::move(post)](const resolve_outcome& found) {
        const bool missing = !found && found.error().code == error_code::not_found;
        if (const auto why = missing ? too_early_to_create(*call) : std::nullopt)
          return call->fail(*why);
        ask_room(call,
                 resolve_room{room, missing, permissions::owner_of_new_room(*call->access())},
                 post, created(call));
      });
}

void api_service::edit_message(const api_call_ptr& call, const std::string& id,
                               const std::string& seq) {
  const auto ref = parse_message_ref(id, seq);
  if (!ref) return call->fail(ref.error());
  auto edit = parse_edit_body(call->request().body, setup_->settings.limits, *call->access());
  if (!edit) return call->fail(edit.error());
  ask_room(call, resolve_room{ref->room, false},
           room_call{call->author(edit->user_id, edit->user_id),
                     command::edit_message{{}, ref->seq, std::move(edit->content)}});
}

void api_service::delete_message(const api_call_ptr& call, const std::string& id,
                                 const std::string& seq) {
  const auto ref = parse_message_ref(id, seq);
  if (!ref) return call->fail(ref.error());
  auto author = parse_author(call->request().query, setup_->settings.limits, *call->access());
  if (!author) return call->fail(author.error());
  ask_room(call, resolve_room{ref->room, false},
           room_call{call->author(*author, *author), command::delete_message{{}, ref->seq}});
}

} // namespace hubbub
