// Messages: read straight from the log, posted through their room.
#include "actors/room.hpp"
#include "actors/room_lease.hpp"
#include "net/api_service.hpp"
#include "proto/api_body.hpp"
#include "proto/chat_event.hpp"

#include <variant>

namespace hubbub {
namespace {

room_post to_room(post_message&& message) {
  return {std::move(message.user_id), std::move(message.username), std::move(message.content),
          std::move(message.client_id)};
}

/// The room went away with the question. Only a client_id makes a second try safe.
const error fate_unknown{error_code::overloaded,
                         "the server is stopping; the message may or may not be stored"};

} // namespace

void api_service::read_messages(const api_call_ptr& call, const std::string& id) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  const auto query = parse_messages_query(call->request().query);
  if (!query) return call->fail(query.error());
  const message_range range{
      .room = *room, .before = query->before, .after = query->after, .limit = query->limit};
  ask(call, reader_, range, [call](const read_outcome& page) {
    if (!page) return call->fail(to_error(page.error()));
    call->answer_json(200, messages_json(join_json(page->messages), page->has_more));
  });
}

void api_service::post_to_room(const api_call_ptr& call, const std::string& id) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  auto message = parse_post_message(call->request().body, false, setup_->settings.limits);
  if (!message) return call->fail(message.error());
  post(call, *room, to_room(std::move(*message)));
}

void api_service::post_to_any_room(const api_call_ptr& call) {
  auto message = parse_post_message(call->request().body, true, setup_->settings.limits);
  if (!message) return call->fail(message.error());
  const auto room = message->room.value_or(room_ref{});
  post(call, room, to_room(std::move(*message)));
}

void api_service::post(const api_call_ptr& call, const room_ref& room, room_post message) {
  const bool create =
      setup_->settings.auto_create_rooms && std::holds_alternative<std::string>(room);
  ask(call, setup_->actors.directory, resolve_room{room, create},
      [this, call, message = std::move(message)](const resolve_outcome& lease) mutable {
        if (!lease) return call->fail(lease.error());
        post_awake(call, *lease, std::move(message));
      });
}

/// Waits as long as the room does: an answer given earlier could be wrong about the store.
void api_service::post_awake(const api_call_ptr& call, const room_lease_ptr& lease,
                             room_post message) {
  compat::request(this, lease->room(), caf::infinite, std::move(message))
      .then(
          [call, lease](post_outcome& outcome) {
            if (!outcome) return call->fail(outcome.error());
            call->answer_json(outcome->repeated ? 200 : 201, std::move(outcome->message_json));
          },
          [call](const caf::error&) { call->fail(fate_unknown); });
}

} // namespace hubbub
