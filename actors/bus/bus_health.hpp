#pragma once

#include "actors/bus_interfaces.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

/// Decides when a node connects to the bus, when it beats, and whether the bus carries
/// anything: it counts as lost until the node hears its own beat over a new connection, and
/// when it has not heard one for a while, since a bus may be dead and look alive. Reads no
/// clock.
class bus_health {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  bus_health(time_point now, bus_watch tell) : tell_(std::move(tell)), heard_at_(now) {}

  /// How often a node beats.
  static constexpr milliseconds beat_interval{1'000};
  /// How long a node waits for its own beat until it connects anew.
  static constexpr milliseconds patience{3'000};
  /// How long it waits after a failure; twice as long after each further one.
  static constexpr milliseconds first_pause{100};
  static constexpr milliseconds longest_pause{2'000};

  [[nodiscard]] bool is_connected() const { return connected_; }
  /// True if it should connect now.
  [[nodiscard]] bool wants_connection(time_point now) const {
    return !connected_ && now >= next_try_;
  }
  void on_connected(time_point now);
  /// Says that it could not connect, or that the connection was lost.
  void on_failure(const std::string& why, time_point now);

  /// Returns the beat that should be sent now, if one is due.
  [[nodiscard]] std::optional<bus_beat> take_due_beat(time_point now);
  /// Says that a beat of its own came.
  void on_own_beat(const bus_beat& beat, time_point now);
  /// True if it is connected and hears nothing of itself, so that it must connect anew.
  [[nodiscard]] bool is_deaf(time_point now) const {
    return connected_ && now - std::max(connected_at_, heard_at_) >= patience;
  }
  /// Returns how long it may wait for something to come.
  [[nodiscard]] milliseconds until_next(time_point now) const;

  [[nodiscard]] bool is_heard() const { return is_heard_; }
  /// Returns how long it has not heard itself; 0 while it does.
  [[nodiscard]] milliseconds silent(time_point now) const;
  [[nodiscard]] std::uint64_t connects() const { return connects_; }

 private:
  void lose(const std::string& why);

  bus_watch tell_;
  bool connected_ = false;
  bool is_heard_ = false;
  bool told_lost_ = false;
  std::int64_t last_beat_ = 0;
  std::int64_t first_beat_ = 1; ///< the first over this connection: older ones prove nothing
  std::uint64_t connects_ = 0;
  milliseconds pause_ = first_pause;
  time_point next_try_{};
  time_point next_beat_{};
  time_point connected_at_{};
  time_point heard_at_; ///< when it heard itself last; at first when it began
};

} // namespace hubbub
