#include "actors/bridge/bridge_link.hpp"

#include "actors/interfaces.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/overloaded.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hubbub {
namespace {

/// How long it may take to connect.
constexpr std::chrono::milliseconds patience_to_connect{1'000};

bus_health::time_point now_on_line() {
  return std::chrono::steady_clock::now();
}

/// Has the log told what becomes of the connection.
bus_watch watch_of(const bridge_watch& watch) {
  return [watch](const bus_change& change) {
    if (change.is_heard)
      watch.heard(change.lasted);
    else
      watch.lost(change.why);
  };
}

/// Returns about how many bytes an event holds.
std::size_t size_of(const bridge_event& event) {
  auto bytes = event.name.size() + event.args_json.size();
  for (const auto* names : {&event.to, &event.except})
    for (const auto& each : *names) {
      bytes += sizeof each;
      if (const auto* name = std::get_if<std::string>(&each)) bytes += name->size();
    }
  return bytes;
}

} // namespace

bridge_link::bridge_link(caf::actor_config& config, std::shared_ptr<bridge_setup> setup,
                         bridge_desk_actor desk)
    : bridge_actor::base(config), setup_(std::move(setup)), desk_(std::move(desk)),
      health_(now_on_line(), watch_of(setup_->watch)) {}

bridge_link::behavior_type bridge_link::make_behavior() {
  compat::send(this, bridge_actor{this}, bridge_pass{});
  return {
      [this](bridge_pass) {
        pass();
        compat::send(this, bridge_actor{this}, bridge_pass{});
      },
      [this](ask_bridge_stats) { return stats(); },
  };
}

void bridge_link::on_exit() {
  setup_->line->close(); // which gives the claim back
  desk_ = nullptr;
}

/// Does what is due, and waits for what comes. Messages of actors are handled in between.
void bridge_link::pass() {
  const auto now = now_on_line();
  hand_over(now);
  if (health_.is_deaf(now)) lose("it does not answer", now);
  if (health_.wants_connection(now)) connect();
  if (!health_.is_connected()) return setup_->bell->wait(health_.until_next(now_on_line()));
  beat(now);
  if (claimed_at_ && now - *claimed_at_ >= claim_time)
    return lose("it does not answer a claim", now);
  // What is not read waits in the Redis.
  if (full_since_) return setup_->bell->wait(setup_->desk_patience);
  auto caught = setup_->line->pass(*setup_->bell, health_.until_next(now));
  if (caught)
    take(std::move(*caught), now_on_line());
  else
    lose(caught.error(), now_on_line());
}

void bridge_link::connect() {
  const auto connected = setup_->line->connect(patience_to_connect);
  if (!connected) return lose(connected.error(), now_on_line());
  health_.on_connected(now_on_line());
}

void bridge_link::lose(const std::string& why, time_point now) {
  setup_->line->close();
  claimed_at_.reset();
  ours_until_ = {};
  health_.on_failure(why, now);
}

void bridge_link::beat(time_point now) {
  const auto due = health_.take_due_beat(now);
  if (!due) return;
  setup_->line->ping(std::to_string(due->number));
  if (setup_->stored.empty() || claimed_at_) return;
  claimed_at_ = now;
  setup_->line->claim(setup_->claim, setup_->own_name, claim_time);
}

void bridge_link::take(bridge_catch&& caught, time_point now) {
  for (const auto& pong : caught.pongs) {
    bus_beat beat;
    const auto* const end = pong.data() + pong.size();
    if (std::from_chars(pong.data(), end, beat.number).ptr == end)
      health_.on_own_beat(beat, now);
  }
  if (caught.claimed) {
    const auto asked = std::exchange(claimed_at_, std::nullopt);
    ours_until_ = *caught.claimed && asked ? *asked + claim_time : time_point{};
  }
  bridge_events events;
  for (const auto& each : caught.heard)
    read(each, events);
  for (auto& each : events.all) {
    each.is_ours = now < ours_until_;
    if (caught_.empty() || caught_.back().size.events == max_portion ||
        caught_.back().size.bytes >= full_portion_bytes)
      caught_.emplace_back();
    auto& [to, size] = caught_.back();
    ++size.events;
    size.passed += each.is_stored ? 0U : 1U;
    size.bytes += size_of(each.what);
    to.all.push_back(std::move(each));
  }
}

void bridge_link::read(const bus_catch::message& heard, bridge_events& to) {
  auto event = is_python_channel(heard.channel) ? decode_python_message(heard.text)
                                                : decode_emitter_message(heard.text);
  if (!event) return refuse(event.error(), {});
  const bool is_stored = stores(event->name);
  if (!is_stored && !is_free_event(event->name))
    return refuse(bridge_refusal::name, event->name);
  to.all.push_back({*std::move(event), is_stored});
}

void bridge_link::refuse(bridge_refusal why, const std::string& event,
                         const std::string& more) {
  ++stats_.refused[static_cast<std::size_t>(why)];
  setup_->watch.refused(why, event, more);
}

bool bridge_link::has_room_for(const load& size) const {
  return waiting_.events + size.events <= max_waiting &&
         waiting_.bytes + size.bytes <= max_waiting_bytes;
}

/// Hands over what has come, a pass after it was read: by now the answers of the desk that came
/// meanwhile are known.
void bridge_link::hand_over(time_point now) {
  for (; !caught_.empty() && has_room_for(caught_.front().size); caught_.pop_front())
    hand_over(std::move(caught_.front()));
  if (caught_.empty()) {
    full_since_.reset();
  } else if (!full_since_) {
    full_since_ = now;
  } else if (now - *full_since_ >= setup_->desk_patience) {
    for (const auto& each : std::exchange(caught_, {}))
      stats_.dropped += each.size.events;
    full_since_.reset();
  }
}

void bridge_link::hand_over(portion next) {
  const auto size = next.size;
  waiting_.events += size.events;
  waiting_.bytes += size.bytes;
  compat::request(this, desk_, caf::infinite, std::move(next.events))
      .then([this, size](const bridge_taken& what) { on_taken(size, what); },
            [this, size](const caf::error&) {
              on_taken({size.events, size.bytes}, {}); // it has ended
            });
}

void bridge_link::on_taken(load size, const bridge_taken& what) {
  waiting_.events -= size.events;
  waiting_.bytes -= size.bytes;
  stats_.passed += size.passed;
  stats_.stored += what.stored;
  if (what.failed == 0) return;
  stats_.refused[static_cast<std::size_t>(bridge_refusal::not_stored)] += what.failed - 1;
  refuse(bridge_refusal::not_stored, {}, what.why);
}

bool bridge_link::stores(std::string_view event) const {
  return std::ranges::find(setup_->stored, event) != setup_->stored.end();
}

bridge_stats bridge_link::stats() const {
  auto all = stats_;
  all.is_used = true;
  all.silent = health_.silent(now_on_line());
  all.connects = health_.connects();
  return all;
}

} // namespace hubbub
