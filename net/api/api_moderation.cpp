// Routes of moderation: what owners and admins do, and a room's lists. They go through the
// room, which owns the lists.
#include "actors/room/room_lease.hpp"
#include "net/api/api_service.hpp"
#include "proto/chat/api_body.hpp"
#include "proto/chat/moderation_body.hpp"

#include <string_view>
#include <variant>

namespace hubbub {
namespace {

/// The answer if the room ended with the question. Each of these requests may be repeated.
const error stopping{error_code::overloaded, "the server is stopping"};

/// Returns the list that the path names: `/api/rooms/{room_id}/bans/…`.
standing_kind list_in(std::string_view path) {
  path.remove_prefix(std::string_view{"/api/rooms/"}.size());
  path.remove_prefix(path.find('/') + 1);
  return parse_list_name(path.substr(0, path.find('/'))).value_or(standing_kind::member);
}

room_call order_of(const api_call& call, const room_moderation& what) {
  return {call.caller(),
          std::visit([](const auto& command) -> call_command { return command; }, what)};
}

} // namespace

void api_service::moderate(const api_call_ptr& call, const std::string& id,
                           const moderation_result& what, std::function<void()> then) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  if (!what) return call->fail(what.error());
  const auto ask_room = [this, call, order = order_of(*call, *what),
                         then = std::move(then)](const resolve_outcome& lease) {
    if (!lease) return call->fail(lease.error());
    // Waits without a time limit, since the room answers as soon as the store has.
    compat::request(this, (*lease)->room(), caf::infinite, order)
        .then(
            [call, held = *lease, then](call_outcome& outcome) {
              if (!outcome) return call->fail(outcome.error());
              if (then) return then();
              call->answer_json(200, std::move(outcome->body));
            },
            [call](const caf::error&) { call->fail(stopping); });
  };
  ask(call, setup_->actors.directory, resolve_room{*room, false}, ask_room);
}

void api_service::change_room(const api_call_ptr& call, const std::string& id) {
  moderate(call, id, parse_set_room(call->request().body, setup_->settings.limits),
           [this, call, id] { show_room(call, id); });
}

void api_service::kick_user(const api_call_ptr& call, const std::string& id) {
  moderate(call, id, parse_kick_user(call->request().body, setup_->settings.limits));
}

void api_service::list_standings(const api_call_ptr& call, const std::string& id) {
  const auto& request = call->request();
  moderate(call, id, parse_get_standings(list_in(request.path), request.query));
}

void api_service::put_standing(const api_call_ptr& call, const std::string& id,
                               const std::string& user_id) {
  const auto& request = call->request();
  moderate(call, id,
           parse_put_standing(list_in(request.path), user_id, request.body,
                              setup_->settings.limits));
}

void api_service::lift_standing(const api_call_ptr& call, const std::string& id,
                                const std::string& user_id) {
  moderate(
      call, id,
      parse_lift_standing(list_in(call->request().path), user_id, setup_->settings.limits));
}

} // namespace hubbub
