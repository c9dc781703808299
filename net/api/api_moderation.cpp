// Routes of moderation: what owners and admins do, and a room's lists. They go through the
// room, which owns the lists.
#include "net/api/api_service.hpp"
#include "proto/chat/api_body.hpp"
#include "proto/chat/moderation_body.hpp"

#include <string_view>
#include <variant>

namespace hubbub {
namespace {

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
                           const moderation_result& what, const answer_handler& then) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  if (!what) return call->fail(what.error());
  ask_room(call, resolve_room{*room, false}, order_of(*call, *what), then);
}

void api_service::change_room(const api_call_ptr& call, const std::string& id) {
  moderate(call, id, parse_set_room(call->request().body, setup_->settings.limits),
           [this, call, id](call_answer&) { show_room(call, id); });
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
