#pragma once

#include "actors/bus_interfaces.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace hubbub {

/// Returns what a batch added to the logs of rooms: one post for each room and each unbroken
/// run of revs, or several where a run is too long for one message of the bus.
[[nodiscard]] std::vector<bus_post> posts_of(std::span<const write_outcome> outcomes,
                                             const bus_origin& from);
/// Returns what a room is told of another node's entries.
[[nodiscard]] bus_news news_of(bus_log&& log);

/// Passes on what was committed, on the writer's thread. What the bus has yet to take is
/// bounded: beyond that it is dropped, and other nodes find it by looking.
class bus_outlet {
 public:
  /// Sends posts; `taken` must be called once the bus has them.
  using sender = std::function<void(bus_posts posts, std::function<void()> taken)>;
  bus_outlet(const bus_origin& from, sender send) : from_(from), send_(std::move(send)) {}

  /// Keeps what a batch wrote, until `send`.
  void keep(std::span<const write_outcome> outcomes) { kept_ = posts_of(outcomes, from_); }
  /// Sends what was kept.
  void send();

  /// Maximum number of bytes that the bus has yet to take.
  static constexpr std::size_t max_waiting = 4'000'000;

 private:
  bus_origin from_;
  sender send_;
  std::vector<bus_post> kept_;
  std::size_t waiting_ = 0; ///< bytes that the bus has yet to take
  std::uint64_t dropped_ = 0;
};

} // namespace hubbub
