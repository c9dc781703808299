#pragma once

#include "actors/bus/bus_health.hpp"
#include "actors/bus_interfaces.hpp"
#include "actors/crypto/bus_seal.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace hubbub {

/// What the bus of a node is made with.
struct bus_setup {
  std::unique_ptr<bus_line> line;
  std::shared_ptr<const bus_bell> bell = std::make_shared<bus_bell>();
  bus_origin origin;
  recovery_secret secret{}; ///< of the database that the nodes share
  bus_watch watch = {};
};

/// The actor at the bus. It publishes what this node wrote, signed, and passes on to each room
/// what others wrote. Nothing that comes over the bus is believed unless it has the signature,
/// and no room goes by it unless it is what comes next in the log.
///
/// A room is told to look at its log after each confirmation of its subscription, so that it
/// misses nothing that was written before.
class bus_link : public bus_actor::base {
 public:
  bus_link(caf::actor_config& config, std::shared_ptr<bus_setup> setup);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = bus_health::time_point;
  struct listener {
    log_follower who;
    caf::actor_id id = 0;
    bool is_confirmed = false;
    revision forwarded; ///< up to where it was passed on what others wrote
  };

  void pass();
  void connect();
  void beat(time_point now);
  void take(const bus_catch& caught, time_point now);
  void on_confirmed(const bus_catch& caught);
  void on_heard(const bus_catch::message& heard, time_point now);
  void on_log(bus_log&& log);
  void on_aside(bus_aside&& aside, const bus_origin& from);
  void publish(const bus_posts& posts);
  void publish(room_id room, std::string_view text);
  void subscribe(const bus_subscribe& order);
  void unsubscribe(const bus_unsubscribe& order);
  void lose(const std::string& why, time_point now);
  [[nodiscard]] bus_stats stats() const;
  [[nodiscard]] std::string channel_of(room_id room) const;
  [[nodiscard]] std::optional<room_id> room_of(std::string_view channel) const;

  std::shared_ptr<bus_setup> setup_;
  bus_seal seal_;
  bus_health health_;
  std::string prefix_; ///< of the channels of this cluster
  head_watcher looks_; ///< who looks at the logs of rooms
  presence_watcher presence_;
  std::unordered_map<room_id, listener> listeners_;
  /// The number of the last aside of each node, and the run that it belongs to.
  std::unordered_map<std::int64_t, std::pair<std::int64_t, std::int64_t>> asides_;
  std::int64_t said_ = 0; ///< asides of this node
  bus_stats stats_;
};

} // namespace hubbub
