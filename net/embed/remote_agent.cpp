#include "net/embed/remote_agent.hpp"

#include "net/embed/broker_settings.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
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

api::start start_of(const api::subscribe& request) {
  return request.from;
}
api::start start_of(const api::subscribe_all&) {
  return api::from_now();
}

/// Returns after which position a subscription goes on that was told nothing yet: those of the
/// newest messages that it was to begin with are still owed to it.
api::cursor untold(const api::start& from, api::cursor at) {
  const auto owed = std::clamp<std::int64_t>(from.count, 0, max_page);
  if (from.where != api::start::at::newest || owed == 0) return at;
  at.seq = std::max<std::int64_t>(at.seq - owed, 0);
  at.rev = std::max<std::int64_t>(at.rev - 1, 0);
  return at;
}

} // namespace

std::string fault_of(const remote_settings& settings) {
  for (const auto time : {settings.ping_interval, settings.ping_limit})
    if (time <= std::chrono::milliseconds{0} || time > longest_host_time)
      return "ping_interval and ping_limit must be above 0, and not above 3650 days";
  return {};
}

remote_agent::remote_agent(caf::actor_config& config, gateway_actor other,
                           const remote_settings& settings, std::function<void()> cut)
    : remote_self::base(config), other_(std::move(other)), settings_(settings),
      cut_(std::move(cut)) {}

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
      [this](const api::broadcast& request) { return forward<bool>(request); },
      [this](const api::ask_online& request) { return forward<api::online>(request); },
      [this](const api::subscribe& request) { return subscribe(request); },
      [this](const api::subscribe_all& request) { return subscribe(request); },
      [this](const api::grant& request) { send(other_, request); },
      [this](const api::unsubscribe& request) { return unsubscribe(request); },
      [this](const api::say& request) { return forward<api::message>(request); },
      [this](const api::type& request) { send(other_, request); },
      [this](const api::ping& request) { return forward<std::uint64_t>(request); },
      [this](const api::ask_version& request) { return forward<api::version>(request); },
      [this](ping_due) { ping(); },
      [this](const subscribe_late& which) {
        const auto found = openings_.find(which.number);
        if (found == openings_.end()) return;
        found->second.deliver(make_error(errc::late));
        openings_.erase(found);
      },
      [this](api::subscription_id id, const api::room_event& event) { on_event(id, event); },
  };
}

void remote_agent::on_event(api::subscription_id id, const api::room_event& event) {
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) {
    if (event.kind == api::event_kind::ended)
      dropping_.erase(id);
    else
      drop(id);
    return;
  }
  const auto to = found->second.subscriber;
  if (event.kind == api::event_kind::ended)
    subscribers_.erase(found);
  else if (found->second.last.room_id == event.room_id)
    found->second.last.at = event.at;
  caf::anon_send(caf::actor_cast<caf::actor>(to), id, event);
}

caf::result<bool> remote_agent::unsubscribe(const api::unsubscribe& request) {
  if (is_full()) return make_error(errc::overloaded);
  auto to = make_response_promise<bool>();
  const auto id = request.what;
  // Events that are on their way go nowhere.
  if (subscribers_.erase(id) > 0) dropping_.insert(id);
  this->request(other_, gateway_patience + way, request)
      .then(
          [this, to, id, held = tally_](bool answer) mutable {
            dropping_.erase(id);
            to.deliver(answer);
          },
          [this, to, id, held = tally_](const caf::error& why) mutable {
            dropping_.erase(id);
            to.deliver(translated(why));
          });
  return to;
}

void remote_agent::drop(api::subscription_id id) {
  if (!dropping_.insert(id).second) return;
  request(other_, gateway_patience + way, api::unsubscribe{id})
      .then([this, id](bool) { dropping_.erase(id); },
            [this, id](const caf::error&) { dropping_.erase(id); });
}

void remote_agent::on_exit() {
  for (const auto& [id, each] : std::exchange(subscribers_, {}))
    caf::anon_send(caf::actor_cast<caf::actor>(each.subscriber), id, each.last);
  for (auto& [number, waiting] : std::exchange(openings_, {}))
    waiting.deliver(make_error(errc::unreachable));
  watched_.clear();
  cut_ = nullptr;
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
  const auto number = ++last_opening_;
  openings_.emplace(number, to);
  delayed_send(remote_self{this}, gateway_patience + way, subscribe_late{number});
  // Without a limit: an answer that is too late still says what has to be ended over there.
  this->request(other_, caf::infinite, request)
      .then([this, number, who, from = start_of(request), held = tally_](
                const api::subscribed& answer) { on_subscribed(number, who, from, answer); },
            [this, number, held = tally_](const caf::error& why) {
              const auto found = openings_.find(number);
              if (found == openings_.end()) return;
              found->second.deliver(translated(why));
              openings_.erase(found);
            });
  return to;
}

void remote_agent::on_subscribed(std::uint64_t number, const caf::strong_actor_ptr& who,
                                 const api::start& from, const api::subscribed& answer) {
  const auto found = openings_.find(number);
  if (found == openings_.end()) return drop(answer.id);
  api::room_event last;
  last.kind = api::event_kind::ended;
  last.text = "unreachable";
  last.room_id = answer.in.id;
  last.room = answer.in.name;
  last.at = untold(from, answer.at);
  subscribers_.emplace(answer.id, entry{who, std::move(last)});
  if (watched_.insert(caf::actor_cast<caf::actor_addr>(who)).second) monitor(who);
  found->second.deliver(answer);
  openings_.erase(found);
}

void remote_agent::ping() {
  request(other_, settings_.ping_limit, api::ping{++pings_})
      .then(
          [this](std::uint64_t) {
            delayed_send(remote_self{this}, settings_.ping_interval, ping_due{});
          },
          [this](const caf::error& why) {
            // The node answers with other errors: then others may use its connection.
            if (why == caf::sec::request_timeout && cut_) cut_();
            give_up();
          });
}

void remote_agent::on_down(const caf::actor_addr& who) {
  if (other_ && who == other_.address()) return give_up();
  watched_.erase(who);
  for (auto each = subscribers_.begin(); each != subscribers_.end();) {
    const auto next = std::next(each);
    if (caf::actor_cast<caf::actor_addr>(each->second.subscriber) == who) {
      drop(each->first); // whoever is gone leaves its rooms
      subscribers_.erase(each);
    }
    each = next;
  }
}

void remote_agent::give_up() {
  quit(caf::exit_reason::remote_link_unreachable);
}

} // namespace hubbub
