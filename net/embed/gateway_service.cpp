#include "net/embed/gateway_service.hpp"

#include "net/embed/node_version.hpp"
#include "proto/access/full_access.hpp"

#include <utility>

namespace hubbub {

gateway_service::gateway_service(caf::actor_config& config, gateway_setup setup)
    : gateway_self::base(config), setup_(std::move(setup)), access_(full_access("host")) {}

gateway_service::behavior_type gateway_service::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) {
    end_all(down.source, leave_reason::disconnect, {});
  });
  return {
      [this](const api::post& request) { return on_post(request); },
      [this](const api::edit& request) { return on_edit(request); },
      [this](const api::erase& request) { return on_erase(request); },
      [this](const api::history& request) { return on_history(request); },
      [this](const api::search& request) { return on_search(request); },
      [this](const api::find_room& request) { return on_find(request); },
      [this](const api::create_room& request) { return on_create(request); },
      [this](const api::list_rooms& request) { return on_list(request); },
      [this](const api::change_room& request) { return on_change(request); },
      [this](const api::members& request) { return on_members(request); },
      [this](const api::kick& request) { return on_kick(request); },
      [this](const api::put_standing& request) { return on_put(request); },
      [this](const api::lift_standing& request) { return on_lift(request); },
      [this](const api::broadcast& request) { return on_broadcast(request); },
      [this](const api::ask_online&) { return on_online(); },
      [this](const api::subscribe& request) { return on_subscribe(request); },
      [this](const api::subscribe_all& request) { return on_subscribe_all(request); },
      [this](const api::grant& request) {
        if (auto* found = find(request.to)) found->link->grant(request.credit);
      },
      [this](const api::unsubscribe& request) { return on_unsubscribe(request); },
      [this](const api::say& request) { return on_say(request); },
      [this](const api::type& request) { on_type(request); },
      [this](const api::ping& request) {
        hear_of(current_sender());
        return request.number;
      },
      [](const api::ask_version&) { return own_version(); },
      [this](hear_arrivals) { hear(); },
      [this](const try_subscription& which) {
        const auto found = subscriptions_.find(which.serial);
        if (found != subscriptions_.end()) found->second.link->try_again();
      },
      [this](const room_is_late& which) { on_late(which); },
      [this](check_far) { drop_silent(); },
      [this](const room_woke& news) { on_woke(news); },
  };
}

/// Tells every subscriber, and everybody who waits for an answer, that it is over. The rooms
/// end by themselves.
void gateway_service::on_exit() {
  for (auto& [serial, each] : subscriptions_) {
    tell(serial, last_event(each, "stopping"));
    each.link->leave_host();
    const auto why = make_error(errc::stopping);
    if (each.opening) each.opening->fail(why);
    for (auto& [id, waiting] : each.says)
      if (waiting) waiting->fail(why);
  }
  subscriptions_.clear();
  subscribers_.clear();
  of_patterns_.clear();
  far_.clear();
  arrivals_.clear();
  last_frame_.reset();
  setup_ = {};
}

std::optional<error> gateway_service::refusal() const {
  // Each of the other answers that are due holds a reference.
  if (static_cast<std::size_t>(tally_.use_count()) <= setup_.settings.api_calls_per_thread + 2)
    return std::nullopt;
  return error{error_code::overloaded, "too many requests wait for an answer; try again soon"};
}

caf::error gateway_service::unanswered(const caf::error& why) {
  return make_error(why == caf::sec::request_timeout ? errc::late : errc::stopping);
}

} // namespace hubbub
