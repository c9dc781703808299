#include "net/api/api_service.hpp"

#include "actors/room/room_lease.hpp"
#include "actors/store/queries.hpp"
#include "actors/store/store_errors.hpp"
#include "net/api/api_route.hpp"
#include "net/http/static_files.hpp"
#include "proto/access/permissions.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>
#include <variant>

namespace hubbub {
namespace {

constexpr auto file_methods = "GET, HEAD";

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

/// The answer if a room ended with the question: the request may be repeated.
const error stopping{error_code::overloaded, "the server is stopping"};
/// The same for a message or a change, where only a client_id makes a second try safe.
const error outcome_unknown{error_code::overloaded,
                            "the server is stopping; the message may or may not be stored"};

error too_many_calls() {
  return {error_code::overloaded, "too many requests wait for an answer; try again soon"};
}

} // namespace

api_service::api_service(caf::actor_config& config, api_setup_ptr setup, std::size_t index,
                         stats_source server_counters)
    : api_actor::base(config), setup_(std::move(setup)), index_(index),
      reader_(setup_->actors.readers[index % setup_->actors.readers.size()]),
      accounts_(index < setup_->actors.accounts.size() ? setup_->actors.accounts[index]
                                                       : nullptr),
      server_counters_(std::move(server_counters)),
      auth_(index < setup_->auth.size() ? setup_->auth[index] : std::make_shared<auth_slot>()) {
}

api_service::behavior_type api_service::make_behavior() {
  if (setup_->history && index_ == 0) compat::send(this, api_actor{this}, take_sample{});
  return {
      [this](const api_call_ptr& call) { serve(call); },
      [this](const authenticator_ptr& fresh) { auth_->current = fresh; },
      [this](stop_serving) { stopping_ = true; },
      [this](take_sample) { sample(); },
  };
}

void api_service::on_exit() {
  setup_.reset();
  reader_ = nullptr;
  accounts_.reset();
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
  const auto found = find_route(request.method, request.path);
  if (!found) return refuse(call, found.error());
  const auto guard = found->route->guard;
  if (guard == api_guard::operators && !auth_->current->has_keys())
    return refuse(call, route_mismatch{});
  if (const auto& counters = setup_->actors.refusals; !counters.empty())
    call->measure_in(counters[index_ % counters.size()],
                     static_cast<std::size_t>(found->route - routes().data()));
  if (guard == api_guard::open) return dispatch(call, *found);
  if (const auto why = too_early_from_address(*call)) return call->fail(*why);
  // Each of its other calls holds a reference.
  if (static_cast<std::size_t>(tally_.use_count()) > setup_->settings.api_calls_per_thread) {
    count(refused_by::api_calls_per_thread);
    return call->fail(too_many_calls());
  }
  call->count_in(tally_);
  if (!admit(call)) return;
  if (guard == api_guard::operators && !admit_operator(call)) return;
  if (const auto why = too_early_for_user(*call)) return call->fail(*why);
  dispatch(call, *found);
}

void api_service::dispatch(const api_call_ptr& call, const route_match& match) {
  const auto& at = match.parameters;
  std::visit(
      [&](auto answer) {
        if constexpr (std::is_invocable_v<decltype(answer), api_service*, const api_call_ptr&>)
          (this->*answer)(call);
        else if constexpr (std::is_invocable_v<decltype(answer), api_service*,
                                               const api_call_ptr&, const std::string&>)
          (this->*answer)(call, at[0]);
        else
          (this->*answer)(call, at[0], at[1]);
      },
      match.route->answer);
}

std::span<const api_route> api_service::routes() {
  static constexpr std::array table{
      api_route{"GET", "/api/rooms", &api_service::list_rooms},
      api_route{"POST", "/api/rooms", &api_service::create_room},
      api_route{"GET", "/api/rooms/{room_id}", &api_service::show_room},
      api_route{"PATCH", "/api/rooms/{room_id}", &api_service::change_room},
      api_route{"GET", "/api/rooms/{room_id}/members", &api_service::list_members},
      api_route{"POST", "/api/rooms/{room_id}/kicks", &api_service::kick_user},
      api_route{"GET", "/api/rooms/{room_id}/roster", &api_service::list_standings},
      api_route{"PUT", "/api/rooms/{room_id}/roster/{user_id}", &api_service::put_standing},
      api_route{"DELETE", "/api/rooms/{room_id}/roster/{user_id}", &api_service::lift_standing},
      api_route{"GET", "/api/rooms/{room_id}/bans", &api_service::list_standings},
      api_route{"PUT", "/api/rooms/{room_id}/bans/{user_id}", &api_service::put_standing},
      api_route{"DELETE", "/api/rooms/{room_id}/bans/{user_id}", &api_service::lift_standing},
      api_route{"GET", "/api/rooms/{room_id}/mutes", &api_service::list_standings},
      api_route{"PUT", "/api/rooms/{room_id}/mutes/{user_id}", &api_service::put_standing},
      api_route{"DELETE", "/api/rooms/{room_id}/mutes/{user_id}", &api_service::lift_standing},
      api_route{"GET", "/api/messages/{room_id}", &api_service::read_messages},
      api_route{"POST", "/api/messages/{room_id}", &api_service::post_to_room},
      api_route{"GET", "/api/messages/{room_id}/search", &api_service::search_room},
      api_route{"PATCH", "/api/messages/{room_id}/{seq}", &api_service::edit_message},
      api_route{"DELETE", "/api/messages/{room_id}/{seq}", &api_service::delete_message},
      api_route{"POST", "/messages/", &api_service::post_to_any_room},
      api_route{"GET", "/api/search", &api_service::search_all},
      api_route{"GET", "/api/info", &api_service::tell_info, api_guard::open},
      api_route{"GET", "/healthz", &api_service::tell_health, api_guard::open},
      api_route{"GET", "/readyz", &api_service::tell_readiness, api_guard::open},
      api_route{"GET", "/metrics", &api_service::tell_metrics, api_guard::open},
      api_route{"GET", "/admin", &api_service::show_admin_page, api_guard::open},
      api_route{"GET", "/api/admin/now", &api_service::tell_now, api_guard::operators},
      api_route{"GET", "/api/admin/activity", &api_service::tell_activity,
                api_guard::operators},
      api_route{"GET", "/api/admin/trace", &api_service::tell_trace_of, api_guard::operators},
      api_route{"POST", "/api/admin/disconnect", &api_service::disconnect_user,
                api_guard::operators},
      api_route{"POST", "/api/admin/drain", &api_service::drain_server, api_guard::operators},
  };
  static_assert(std::ranges::all_of(table,
                                    [](const api_route& each) {
                                      return static_cast<std::size_t>(std::ranges::count(
                                                 each.pattern, '{')) == each.answer.index();
                                    }),
                "a method takes as many segments of the path as its pattern has");
  return table;
}

std::span<const api_route> api_routes() {
  return api_service::routes();
}

void api_service::find_readable(const api_call_ptr& call, room_id room, room_handler then) {
  const auto viewer = viewer_of(*call->access(), setup_->clock());
  ask(call, reader_, find_known{room, viewer.user_id, viewer.now},
      [call, then = std::move(then)](const known_outcome& found) {
        if (!found) return call->fail(to_error(found.error()));
        const auto& [record, mine] = *found;
        if (const auto why =
                permissions::may_read(*call->access(), {record.name, record.is_private, mine}))
          return call->fail(*why);
        then(record);
      });
}

void api_service::ask_room(const api_call_ptr& call, const resolve_room& room, room_call what,
                           answer_handler then) {
  ask(call, setup_->actors.directory, room,
      [this, call, what = std::move(what),
       then = std::move(then)](const resolve_outcome& lease) mutable {
        if (!lease) return call->fail(lease.error());
        tell_room(call, *lease, std::move(what), std::move(then));
      });
}

void api_service::tell_room(const api_call_ptr& call, const room_lease_ptr& lease,
                            room_call what, answer_handler then) {
  const bool stores =
      std::visit([]<class Command>(const Command&) { return Command::is_write; }, what.command);
  compat::request(this, lease->room(), caf::infinite, std::move(what))
      .then(
          [call, lease, then = std::move(then)](call_outcome& outcome) {
            if (!outcome) return call->fail(outcome.error());
            if (then) return then(*outcome);
            call->answer_json(200, std::move(outcome->body));
          },
          [call, stores](const caf::error&) {
            call->fail(stores ? outcome_unknown : stopping);
          });
}

std::string api_handler::methods_of(std::string_view path) const {
  const auto found = find_route("OPTIONS", path);
  return found ? std::string{} : found.error().allow;
}

void api_handler::handle(http_request request, http_responder respond) {
  compat::anon_send(service_,
                    std::make_shared<api_call>(std::move(request), std::move(respond)));
}

} // namespace hubbub
