#include "actors/bus/bus_link.hpp"

#include "actors/bus/bus_posts.hpp"
#include "actors/interfaces.hpp"

#include <charconv>
#include <utility>
#include <variant>

namespace hubbub {

namespace {

/// How long it may take to connect.
constexpr std::chrono::milliseconds connect_patience{1'000};

bus_health::time_point steady_now() {
  return std::chrono::steady_clock::now();
}

} // namespace

bus_link::bus_link(caf::actor_config& config, std::shared_ptr<bus_setup> setup)
    : bus_actor::base(config), setup_(std::move(setup)), seal_(setup_->secret),
      health_(steady_now(), setup_->watch), prefix_("hubbub:" + seal_.cluster() + ":") {}

bus_link::behavior_type bus_link::make_behavior() {
  compat::send(this, bus_actor{this}, bus_pass{});
  return {
      [this](bus_pass) {
        pass();
        compat::send(this, bus_actor{this}, bus_pass{});
      },
      [this](const bus_subscribe& order) { subscribe(order); },
      [this](const bus_unsubscribe& order) { unsubscribe(order); },
      [this](const bus_posts& posts) {
        publish(posts);
        return true;
      },
      [this](const bus_said& aside) {
        const auto room = std::visit([](const auto& what) { return what.room; }, aside.what);
        publish(room, encode_bus_aside(setup_->origin, {++said_, aside.what}));
        return true;
      },
      [this](const head_watcher& who) { looks_ = who; },
      [this](const presence_watcher& who) { presence_ = who; },
      [this](presence_moved) {
        if (health_.is_connected())
          setup_->line->publish(prefix_ + "all",
                                seal_.close(encode_bus_presence(setup_->origin)));
      },
      [this](ask_bus_stats) { return stats(); },
  };
}

void bus_link::on_exit() {
  listeners_.clear();
  looks_ = nullptr;
  presence_ = nullptr;
  setup_->line->close();
}

/// Does what is due, and waits for what comes. Messages of actors are handled in between.
void bus_link::pass() {
  const auto now = steady_now();
  if (health_.is_deaf(now)) lose("it does not carry what it is given", now);
  if (health_.wants_connection(now)) connect();
  if (!health_.is_connected()) return setup_->bell->wait(health_.until_next(steady_now()));
  beat(now);
  auto caught = setup_->line->pass(*setup_->bell, health_.until_next(now));
  if (caught)
    take(*caught, steady_now());
  else
    lose(caught.error(), steady_now());
}

void bus_link::connect() {
  const auto connected = setup_->line->connect(connect_patience);
  if (!connected) return lose(connected.error(), steady_now());
  health_.on_connected(steady_now());
  setup_->line->subscribe(prefix_ + "all");
  for (const auto& [room, each] : listeners_)
    setup_->line->subscribe(channel_of(room));
}

void bus_link::lose(const std::string& why, time_point now) {
  setup_->line->close();
  health_.on_failure(why, now);
  for (auto& [room, each] : listeners_)
    each.is_confirmed = false;
}

void bus_link::beat(time_point now) {
  if (const auto due = health_.take_due_beat(now))
    setup_->line->publish(prefix_ + "all", seal_.close(encode_bus_beat(setup_->origin, *due)));
}

void bus_link::take(const bus_catch& caught, time_point now) {
  on_confirmed(caught);
  for (const auto& each : caught.heard)
    on_heard(each, now);
}

/// Has the logs looked at of rooms that hear everything from now on: what was written before
/// may have passed them by.
void bus_link::on_confirmed(const bus_catch& caught) {
  look_at question;
  for (const auto& channel : caught.confirmed) {
    const auto room = room_of(channel);
    const auto found = room ? listeners_.find(*room) : listeners_.end();
    if (found == listeners_.end()) continue;
    found->second.is_confirmed = true;
    question.rooms.emplace_back(*room, found->second.who);
  }
  if (!question.rooms.empty() && looks_) compat::anon_send(looks_, std::move(question));
}

void bus_link::on_heard(const bus_catch::message& heard, time_point now) {
  const auto text = seal_.open(heard.text);
  auto what = text ? decode_bus_message(*text) : std::nullopt;
  if (!what) {
    ++stats_.rejected;
    return;
  }
  if (const auto* own = std::get_if<bus_beat>(&what->what)) {
    if (what->from == setup_->origin) health_.on_own_beat(*own, now);
    return;
  }
  if (what->from == setup_->origin) return;
  if (std::holds_alternative<bus_presence>(what->what)) {
    if (presence_) compat::anon_send(presence_, presence_moved{});
    return;
  }
  const auto channel = room_of(heard.channel);
  if (auto* log = std::get_if<bus_log>(&what->what))
    return channel == log->room ? on_log(std::move(*log)) : void(++stats_.rejected);
  auto* aside = std::get_if<bus_aside>(&what->what);
  if (aside == nullptr) return;
  const auto room = std::visit([](const auto& each) { return each.room; }, aside->what);
  return channel == room ? on_aside(std::move(*aside), what->from) : void(++stats_.rejected);
}

/// Passes on what a node says beside the logs, if it is newer than what it said before.
void bus_link::on_aside(bus_aside&& aside, const bus_origin& from) {
  auto& [run, number] = asides_[from.node];
  if (run == from.run && aside.number <= number) {
    ++stats_.stale;
    return;
  }
  run = from.run;
  number = aside.number;
  const auto room = std::visit([](const auto& each) { return each.room; }, aside.what);
  const auto found = listeners_.find(room);
  if (found == listeners_.end()) return; // its room has just ended
  ++stats_.received;
  compat::anon_send(found->second.who, bus_said{std::move(aside.what)});
}

void bus_link::on_log(bus_log&& log) {
  const auto found = listeners_.find(log.room);
  if (found == listeners_.end()) return; // its room has just ended
  auto& to = found->second;
  if (log.to <= to.forwarded) {
    ++stats_.stale;
    return;
  }
  to.forwarded = log.to;
  ++stats_.received;
  compat::anon_send(to.who, news_of(std::move(log)));
}

void bus_link::publish(const bus_posts& posts) {
  stats_.dropped_full += posts.dropped;
  for (const auto& post : posts.posts)
    publish(post.room, post.text);
}

void bus_link::publish(room_id room, std::string_view text) {
  if (!health_.is_connected())
    ++stats_.dropped_down;
  else if (setup_->line->publish(channel_of(room), seal_.close(text)))
    ++stats_.published;
  else
    ++stats_.dropped_full;
}

void bus_link::subscribe(const bus_subscribe& order) {
  listeners_[order.room] = {order.who, order.who->id(), false, {}};
  if (health_.is_connected()) setup_->line->subscribe(channel_of(order.room));
}

/// Ends a subscription, unless the room has woken up again already and made another.
void bus_link::unsubscribe(const bus_unsubscribe& order) {
  const auto found = listeners_.find(order.room);
  if (found == listeners_.end() || found->second.id != order.who) return;
  listeners_.erase(found);
  if (health_.is_connected()) setup_->line->unsubscribe(channel_of(order.room));
}

bus_stats bus_link::stats() const {
  auto all = stats_;
  all.is_used = true;
  all.is_heard = health_.is_heard();
  all.silent = health_.silent(steady_now());
  all.connects = health_.connects();
  for (const auto& [room, each] : listeners_)
    all.channels += each.is_confirmed ? 1U : 0U;
  return all;
}

std::string bus_link::channel_of(room_id room) const {
  return prefix_ + "r:" + std::to_string(room.value);
}

std::optional<room_id> bus_link::room_of(std::string_view channel) const {
  if (!channel.starts_with(prefix_ + "r:")) return std::nullopt;
  channel.remove_prefix(prefix_.size() + 2);
  room_id room;
  const auto* const end = channel.data() + channel.size();
  const auto [stop, error] = std::from_chars(channel.data(), end, room.value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return room;
}

} // namespace hubbub
