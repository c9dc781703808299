#include "net/api/api_service.hpp"

#include "actors/room/room.hpp"
#include "actors/store/queries.hpp"
#include "net/api/api_route.hpp"
#include "net/http/static_files.hpp"
#include "proto/access/policy.hpp"

#include <utility>

namespace hubbub {
namespace {

constexpr auto file_methods = "GET, HEAD";

/// Routes that need no authentication: monitors and new clients need them.
bool is_open_to_all(api_operation operation) {
  return operation == api_operation::health || operation == api_operation::readiness ||
         operation == api_operation::metrics || operation == api_operation::info;
}

/// Refuses a request that matches no route. It may name an embedded file, if its method is not
/// GET.
void refuse(const api_call_ptr& call, const route_mismatch& mismatch) {
  auto allow = mismatch.allow;
  if (allow.empty() && static_file(call->request())) allow = file_methods;
  if (allow.empty())
    return call->fail({error_code::not_found, "there is nothing at this path"});
  call->fail({error_code::method_not_allowed, "this path takes " + allow},
             http_status(error_code::method_not_allowed), {{"Allow", allow}});
}

error too_many_calls() {
  return {error_code::overloaded, "too many requests wait for an answer; try again soon"};
}

} // namespace

api_service::api_service(caf::actor_config& config, api_setup_ptr setup, std::size_t index,
                         stats_source server_counters)
    : api_actor::base(config), setup_(std::move(setup)), index_(index),
      reader_(setup_->actors.readers[index % setup_->actors.readers.size()]),
      book_(index < setup_->actors.books.size() ? setup_->actors.books[index] : nullptr),
      server_counters_(std::move(server_counters)),
      auth_(index < setup_->auth.size() ? setup_->auth[index] : std::make_shared<auth_slot>()) {
}

api_service::behavior_type api_service::make_behavior() {
  return {
      [this](const api_call_ptr& call) { serve(call); },
      [this](const authenticator_ptr& fresh) { auth_->current = fresh; },
      [this](caf::close_atom) { stopping_ = true; },
  };
}

void api_service::on_exit() {
  setup_.reset();
  reader_ = nullptr;
  book_.reset();
  server_counters_ = nullptr;
}

error api_service::no_answer() {
  return {error_code::overloaded, "the server did not answer in time; try again"};
}

void api_service::count(refused_by why) const {
  note_refusal(setup_->actors.refusals, index_, why);
}

void api_service::serve(const api_call_ptr& call) {
  const auto& request = call->request();
  const auto route = find_route(request.method, request.path);
  if (!route) return refuse(call, route.error());
  if (is_open_to_all(route->operation)) return dispatch(call, *route);
  if (const auto why = too_early_from_address(*call)) return call->fail(*why);
  // Each of its other calls holds a reference.
  if (static_cast<std::size_t>(tally_.use_count()) > setup_->settings.api_calls_per_thread) {
    count(refused_by::api_calls_per_thread);
    return call->fail(too_many_calls());
  }
  call->count_in(tally_);
  if (!admit(call)) return;
  if (const auto why = too_early_for_user(*call)) return call->fail(*why);
  dispatch(call, *route);
}

void api_service::dispatch(const api_call_ptr& call, const route_match& route) {
  const auto& at = route.parameters;
  switch (route.operation) {
  case api_operation::list_rooms: return list_rooms(call);
  case api_operation::create_room: return create_room(call);
  case api_operation::show_room: return show_room(call, at[0]);
  case api_operation::list_members: return list_members(call, at[0]);
  case api_operation::change_room: return change_room(call, at[0]);
  case api_operation::kick_user: return kick_user(call, at[0]);
  case api_operation::list_standings: return list_standings(call, at[0]);
  case api_operation::put_standing: return put_standing(call, at[0], at[1]);
  case api_operation::lift_standing: return lift_standing(call, at[0], at[1]);
  case api_operation::read_messages: return read_messages(call, at[0]);
  case api_operation::post_to_room: return post_to_room(call, at[0]);
  case api_operation::edit_message: return edit_message(call, at[0], at[1]);
  case api_operation::delete_message: return delete_message(call, at[0], at[1]);
  case api_operation::post_to_any_room: return post_to_any_room(call);
  case api_operation::search_room: return search_room(call, at[0]);
  case api_operation::search_all: return search_all(call);
  case api_operation::health: return tell_health(call);
  case api_operation::readiness: return tell_readiness(call);
  case api_operation::metrics: return tell_metrics(call);
  case api_operation::info: return tell_info(call);
  }
}

void api_service::find_readable(const api_call_ptr& call, room_id room, room_handler then) {
  const auto viewer = viewer_of(*call->access(), setup_->clock());
  ask(call, reader_, find_known{room, viewer.user_id, viewer.now},
      [call, then = std::move(then)](const known_outcome& found) {
        if (!found) return call->fail(to_error(found.error()));
        const auto& [record, mine] = *found;
        if (const auto why =
                policy::may_read(*call->access(), {record.name, record.is_private, mine}))
          return call->fail(*why);
        then(record);
      });
}

void api_handler::handle(http_request request, http_responder respond) {
  compat::anon_send(service_,
                    std::make_shared<api_call>(std::move(request), std::move(respond)));
}

} // namespace hubbub
