#pragma once

#include "actors/bus/bus_posts.hpp"
#include "actors/interfaces.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub::test {

/// What lies between the buses of simulated nodes. It carries when it is told to, and loses,
/// doubles and swaps some of what it has been given.
class lossy_air {
 public:
  /// Adds a node; returns its number.
  std::int64_t add_node() {
    listeners_.emplace_back();
    return std::ssize(listeners_);
  }
  void listen(std::int64_t node, room_id room, const log_follower& who) {
    listeners_of(node)[room] = who;
  }
  void stop_listening(std::int64_t node, const bus_unsubscribe& order) {
    auto& all = listeners_of(node);
    const auto found = all.find(order.room);
    if (found != all.end() && found->second->id() == order.who) all.erase(found);
  }
  void watch(std::int64_t node, const presence_watcher& who) { watchers_[node] = who; }
  void forget(std::int64_t node) {
    listeners_of(node).clear();
    watchers_.erase(node);
  }
  /// Takes what a node says to all others.
  void say(std::int64_t from, const std::variant<bus_post, presence_moved>& what) {
    for (std::int64_t to = 1; to <= std::ssize(listeners_); ++to)
      if (to != from) under_way_.push_back({to, what});
  }

  /// Carries one message, one of the oldest, or loses it. False if there is none.
  bool carry(std::mt19937_64& random) {
    if (under_way_.empty()) return false;
    const auto place = random() % std::min<std::size_t>(under_way_.size(), 4);
    const auto at = under_way_.begin() + static_cast<std::ptrdiff_t>(place);
    const auto [to, what] = *at;
    const auto fate = random() % 10;
    if (fate != 0) under_way_.erase(at); // 0: once more
    if (fate == 1) return true;          // lost
    if (const auto* post = std::get_if<bus_post>(&what))
      deliver(to, *post);
    else
      deliver(to, std::get<presence_moved>(what));
    return true;
  }
  [[nodiscard]] std::uint64_t carried() const { return carried_; }

 private:
  void deliver(std::int64_t to, const bus_post& post) {
    const auto found = listeners_of(to).find(post.room);
    auto read = decode_bus_message(post.text);
    if (found == listeners_of(to).end() || !read) return;
    ++carried_;
    if (auto* log = std::get_if<bus_log>(&read->what))
      compat::anon_send(found->second, news_of(std::move(*log)));
    else
      compat::anon_send(found->second, bus_said{std::get<bus_aside>(read->what).what});
  }
  void deliver(std::int64_t to, presence_moved what) {
    const auto found = watchers_.find(to);
    if (found == watchers_.end()) return;
    ++carried_;
    compat::anon_send(found->second, what);
  }
  std::map<room_id, log_follower>& listeners_of(std::int64_t node) {
    return listeners_[static_cast<std::size_t>(node - 1)];
  }

  std::vector<std::map<room_id, log_follower>> listeners_; ///< of each node
  std::map<std::int64_t, presence_watcher> watchers_;      ///< by node
  std::deque<std::pair<std::int64_t, std::variant<bus_post, presence_moved>>> under_way_;
  std::uint64_t carried_ = 0;
};

/// The actor at the bus of one simulated node.
class fake_bus : public bus_actor::base {
 public:
  fake_bus(caf::actor_config& config, std::shared_ptr<lossy_air> air, std::int64_t node)
      : bus_actor::base(config), air_(std::move(air)), node_(node) {}

  behavior_type make_behavior() override {
    return {
        [](bus_pass) {},
        [this](const bus_subscribe& order) {
          air_->listen(node_, order.room, order.who);
          if (looks_) compat::anon_send(looks_, look_at{{{order.room, order.who}}});
        },
        [this](const bus_unsubscribe& order) { air_->stop_listening(node_, order); },
        [this](const bus_posts& posts) {
          for (const auto& post : posts.posts)
            air_->say(node_, post);
          return true;
        },
        [this](const bus_said& aside) {
          const auto room = std::visit([](const auto& each) { return each.room; }, aside.what);
          air_->say(node_,
                    bus_post{room, encode_bus_aside({node_, node_}, {++said_, aside.what})});
          return true;
        },
        [this](const head_watcher& who) { looks_ = who; },
        [this](const presence_watcher& who) { air_->watch(node_, who); },
        [this](presence_moved what) { air_->say(node_, what); },
        [](ask_bus_stats) { return bus_stats{}; },
    };
  }
  void on_exit() override {
    air_->forget(node_);
    looks_ = nullptr;
  }

 private:
  std::shared_ptr<lossy_air> air_;
  std::int64_t node_;
  std::int64_t said_ = 0;
  head_watcher looks_;
};

} // namespace hubbub::test
