// Routes of messages: read directly from the log, posted through their room.
#include "actors/room/room_lease.hpp"
#include "actors/store/queries.hpp"
#include "actors/store/store_errors.hpp"
#include "net/api/api_service.hpp"
#include "proto/access/policy.hpp"
#include "proto/chat/api_body.hpp"
#include "proto/chat/chat_event.hpp"

#include <variant>

namespace hubbub {
namespace {

room_call to_room(post_message&& message, const api_call& call) {
  return {call.author(std::move(message.user_id), std::move(message.username)),
          command::send_message{{}, std::move(message.content), std::move(message.client_id)}};
}

/// The answer if the room ended with the question. Only a client_id makes a second try safe.
const error outcome_unknown{error_code::overloaded,
                            "the server is stopping; the message may or may not be stored"};

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

void api_service::write(const api_call_ptr& call, const resolve_room& room, room_call change,
                        unsigned status) {
  ask(call, setup_->actors.directory, room,
      [this, call, status, change = std::move(change)](const resolve_outcome& lease) mutable {
        if (!lease) return call->fail(lease.error());
        write_awake(call, *lease, std::move(change), status);
      });
}

/// Waits as long as the room does: an earlier answer could be wrong about the store.
void api_service::write_awake(const api_call_ptr& call, const room_lease_ptr& lease,
                              room_call change, unsigned status) {
  compat::request(this, lease->room(), caf::infinite, std::move(change))
      .then(
          [call, lease, status](call_outcome& outcome) {
            if (!outcome) return call->fail(outcome.error());
            call->answer_json(outcome->repeated ? 200 : status, std::move(outcome->body));
          },
          [call](const caf::error&) { call->fail(outcome_unknown); });
}

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
  write(call, resolve_room{*room, false}, to_room(std::move(*message), *call), 201);
}

void api_service::post_to_any_room(const api_call_ptr& call) {
  auto message = parse_message(*call, true);
  if (!message) return call->fail(message.error());
  const auto room = message->room.value_or(room_ref{});
  const auto* name = std::get_if<std::string>(&room);
  if (const auto why = name ? policy::may_name(*call->access(), *name) : std::nullopt)
    return call->fail(*why);
  const bool create = setup_->settings.auto_create_rooms && name != nullptr &&
                      !policy::may_create_room(*call->access(), *name);
  auto post = to_room(std::move(*message), *call);
  if (!create) return write(call, resolve_room{room, false}, std::move(post), 201);
  // Only a room that is found missing counts as created.
  ask(call, setup_->actors.directory, resolve_room{room, false},
      [this, call, room, post = std::move(post)](const resolve_outcome& found) {
        const bool missing = !found && found.error().code == error_code::not_found;
        if (const auto why = missing ? too_early_to_create(*call) : std::nullopt)
          return call->fail(*why);
        write(call, resolve_room{room, missing, policy::owner_of_new_room(*call->access())},
              post, 201);
      });
}

void api_service::edit_message(const api_call_ptr& call, const std::string& id,
                               const std::string& seq) {
  const auto ref = parse_message_ref(id, seq);
  if (!ref) return call->fail(ref.error());
  auto edit = parse_edit_body(call->request().body, setup_->settings.limits, *call->access());
  if (!edit) return call->fail(edit.error());
  write(call, resolve_room{ref->room, false},
        room_call{call->author(edit->user_id, edit->user_id),
                  command::edit_message{{}, ref->seq, std::move(edit->content)}},
        200);
}

void api_service::delete_message(const api_call_ptr& call, const std::string& id,
                                 const std::string& seq) {
  const auto ref = parse_message_ref(id, seq);
  if (!ref) return call->fail(ref.error());
  auto author = parse_author(call->request().query, setup_->settings.limits, *call->access());
  if (!author) return call->fail(author.error());
  write(call, resolve_room{ref->room, false},
        room_call{call->author(*author, *author), command::delete_message{{}, ref->seq}}, 200);
}

} // namespace hubbub
