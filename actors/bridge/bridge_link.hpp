#pragma once

#include "actors/bridge_interfaces.hpp"
#include "actors/bus/bus_health.hpp"
#include "persistence/bus/bridge_line.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// What the bridge of a node is made with.
struct bridge_setup {
  std::unique_ptr<bridge_line> line;
  std::shared_ptr<const bus_bell> bell = std::make_shared<bus_bell>();
  bridge_watch watch = {};
  std::vector<std::string> stored = {}; ///< names of events that become messages
  /// The key in Redis under which the nodes of a cluster agree on who stores, and what this
  /// process writes there.
  std::string claim = {};
  std::string own_name = {};
  /// How long nothing more is read while the desk is behind; then what has come is dropped.
  std::chrono::milliseconds desk_patience{1'000};
};

/// The actor that listens to what programs of Socket.IO's ecosystem publish on a Redis. It
/// refuses what must not reach clients and passes the rest on. It never answers anybody: the
/// servers there do not know that it exists.
class bridge_link : public bridge_actor::base {
 public:
  bridge_link(caf::actor_config& config, std::shared_ptr<bridge_setup> setup,
              bridge_desk_actor desk);

  behavior_type make_behavior() override;
  void on_exit() override;

  /// Maximum number of events, and of their bytes, that the desk has yet to pass on. What comes
  /// then waits for a while, and is dropped.
  static constexpr std::size_t max_waiting = 10'000;
  static constexpr std::size_t max_waiting_bytes = 4'000'000;
  /// Maximum number of events that go to the desk at once, and of bytes from which on no more
  /// go along.
  static constexpr std::size_t max_portion = 250;
  static constexpr std::size_t full_portion_bytes = 250'000;
  /// How long this node may store what has no `client_id`, after it was last told so.
  static constexpr std::chrono::milliseconds claim_time{5'000};

 private:
  using time_point = bus_health::time_point;
  struct load {
    std::size_t events = 0;
    std::size_t bytes = 0;
    std::size_t passed = 0; ///< events that are not stored
  };
  struct portion {
    bridge_events events = {};
    load size = {};
  };

  void pass();
  void connect();
  void beat(time_point now);
  void lose(const std::string& why, time_point now);
  void take(bridge_catch&& caught, time_point now);
  /// Decodes a message and adds it to `to`, or refuses it.
  void read(const bus_catch::message& heard, bridge_events& to);
  void refuse(bridge_refusal why, const std::string& event, const std::string& more = {});
  void hand_over(time_point now);
  void hand_over(portion next);
  [[nodiscard]] bool has_room_for(const load& size) const;
  void on_taken(load size, const bridge_taken& what);
  [[nodiscard]] bool stores(std::string_view event) const;
  [[nodiscard]] bridge_stats stats() const;

  std::shared_ptr<bridge_setup> setup_;
  bridge_desk_actor desk_;
  bus_health health_;
  load waiting_;                         ///< what the desk has yet to pass on
  std::deque<portion> caught_;           ///< what it has yet to get
  std::optional<time_point> full_since_; ///< since when it takes no more
  std::optional<time_point> claimed_at_; ///< when it asked for the claim, until the answer
  time_point ours_until_{};              ///< until when it stores
  bridge_stats stats_;
};

} // namespace hubbub
