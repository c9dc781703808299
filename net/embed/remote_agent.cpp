#include "net/embed/remote_agent.hpp"

#include <utility>

namespace hubbub {
namespace {

/// How much longer than the gateway's own limit an answer may take on its way.
constexpr std::chrono::seconds way{5};

/// Returns an error that the other node gave as it is, and what else went wrong in our words.
caf::error translated(const caf::error& why) {
  if (code_of(why)) return why;
  return make_error(why == caf::sec::request_timeout ? errc::late : errc::unreachable);
}

} // namespace

remote_agent::remote_agent(caf::actor_config& config, gateway_actor other,
                           const remote_settings& settings)
    : remote_self::base(config), other_(std::move(other)), settings_(settings) {}

remote_agent::behavior_type remote_agent::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { on_down(down.source); });
  monitor(other_);
  ping();
  return {
      [this](const api::post& request) { return forward<api::message>(request); },
      [this](const api::edit& request) { return forward<api::message>(request); },
      [this](const api::erase& request) { return forward<api::message>(request); },
      [this](const api::history& request) { return forward<api::history_page>(request); },
      [this](const api::search& request) { return forward<api::search_page>(request); },
      [this](const api::find_room& request) { return forward<api::room>(request); },
      [this](const api::create_room& request) { return forward<api::room>(request); },
      [this](const api::list_rooms& request) { return forward<api::room_page>(request); },
      [this](const api::change_room& request) { return forward<api::room>(request); },
      [this](const api::members& request) { return forward<api::member_page>(request); },
      [this](const api::kick& request) { return forward<std::int64_t>(request); },
      [this](const api::put_standing& request) { return forward<api::standing>(request); },
      [this](const api::lift_standing& request) { return forward<bool>(request); },
      [this](const api::ask_online& request) { return forward<api::online>(request); },
      [this](const api::subscribe& request) { return subscribe(request); },
      [this](const api::subscribe_all& request) { return subscribe(request); },
      [this](const api::grant& request) { send(other_, request); },
      [this](const api::unsubscribe& request) {
        subscribers_.erase(request.what);
        return forward<bool>(request);
      },
      [this](const api::say& request) { return forward<api::message>(request); },
      [this](const api::type& request) { send(other_, request); },
      [this](const api::ping& request) { return forward<std::uint64_t>(request); },
      [this](ping_due) { ping(); },
      [this](api::subscription_id id, const api::room_event& event) {
        const auto found = subscribers_.find(id);
        if (found == subscribers_.end()) return;
        const auto to = found->second;
        if (event.kind == api::event_kind::ended) subscribers_.erase(found);
        caf::anon_send(caf::actor_cast<caf::actor>(to), id, event);
      },
  };
}

void remote_agent::on_exit() {
  api::room_event last;
  last.kind = api::event_kind::ended;
  last.text = "unreachable";
  for (const auto& [id, to] : std::exchange(subscribers_, {}))
    caf::anon_send(caf::actor_cast<caf::actor>(to), id, last);
  watched_.clear();
  other_ = nullptr;
}

bool remote_agent::is_full() const {
  return static_cast<std::size_t>(tally_.use_count()) > settings_.max_pending;
}

template <class Answer, class Request>
caf::result<Answer> remote_agent::forward(const Request& request) {
  if (is_full()) return make_error(errc::overloaded);
  auto to = make_response_promise<Answer>();
  this->request(other_, gateway_patience + way, request)
      .then(
          [to, held = tally_](Answer& answer) mutable { to.deliver(std::move(answer)); },
          [to, held = tally_](const caf::error& why) mutable { to.deliver(translated(why)); });
  return to;
}

/// Subscribes the agent at the other node, for the actor that asks.
template <class Request>
caf::result<api::subscribed> remote_agent::subscribe(const Request& request) {
  const auto who = current_sender();
  if (!who) return make_error(errc::bad_request, "only an actor can subscribe");
  if (is_full()) return make_error(errc::overloaded);
  auto to = make_response_promise<api::subscribed>();
  this->request(other_, gateway_patience + way, request)
      .then(
          [this, to, who, held = tally_](api::subscribed& answer) mutable {
            subscribers_.emplace(answer.id, who);
            if (++watched_[caf::actor_cast<caf::actor_addr>(who)] == 1) monitor(who);
            to.deliver(std::move(answer));
          },
          [to, held = tally_](const caf::error& why) mutable { to.deliver(translated(why)); });
  return to;
}

void remote_agent::ping() {
  request(other_, settings_.ping_limit, api::ping{++pings_})
      .then(
          [this](std::uint64_t) {
            delayed_send(remote_self{this}, settings_.ping_interval, ping_due{});
          },
          [this](const caf::error&) { give_up(); });
}

void remote_agent::on_down(const caf::actor_addr& who) {
  if (other_ && who == other_.address()) return give_up();
  watched_.erase(who);
  for (auto each = subscribers_.begin(); each != subscribers_.end();) {
    const auto [id, to] = *each;
    if (caf::actor_cast<caf::actor_addr>(to) != who) {
      ++each;
      continue;
    }
    // Whoever is gone leaves its rooms.
    request(other_, gateway_patience + way, api::unsubscribe{id})
        .then([](bool) {}, [](const caf::error&) {});
    each = subscribers_.erase(each);
  }
}

void remote_agent::give_up() {
  quit(caf::exit_reason::remote_link_unreachable);
}

} // namespace hubbub
