#pragma once

#include "actors/runtime/caf_compat.hpp"
#include "persistence/bus/bus_bell.hpp"
#include "proto/bridge/bridge_message.hpp"
#include "proto/enum_count.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The actors by which programs of Socket.IO's ecosystem send events to clients, and the
/// messages to them and from them.
namespace hubbub {

using bridge_refusals = std::array<std::uint64_t, enum_count<bridge_refusal>()>;

/// Events that came together, in their order.
struct bridge_events {
  struct entry {
    bridge_event what;
    bool is_stored = false; ///< it becomes a message
    /// This node stores it even if its publisher gave it no `client_id`.
    bool is_ours = false;
  };
  std::vector<entry> all;
};
/// What became of those that are stored.
struct bridge_taken {
  std::uint64_t stored = 0;
  std::uint64_t failed = 0;
  std::string why = {}; ///< why the last one failed
};
/// Passes events on to relays and rooms. Pinned to the first io thread.
using bridge_desk_actor = compat::typed_actor<
    /// Sent by the bridge. Answered when all are passed on, and stored where that is wanted.
    /// Not idempotent.
    caf::result<bridge_taken>(bridge_events)>;

/// Makes the bridge take what has come.
struct bridge_pass {};
struct ask_bridge_stats {};
struct bridge_stats {
  bool is_used = false; ///< false: this server has no bridge
  /// How long the Redis has not answered; 0 while it does.
  std::chrono::milliseconds silent{};
  std::uint64_t passed = 0;  ///< events that were passed on
  std::uint64_t stored = 0;  ///< events that became messages
  std::uint64_t dropped = 0; ///< events dropped because too many waited
  std::uint64_t connects = 0;
  bridge_refusals refused{}; ///< by `bridge_refusal`
};
/// Listens to a Redis. Detached: it waits on its sockets, and its bell wakes it.
using bridge_actor = compat::typed_actor<
    /// Sent to itself.
    caf::result<void>(bridge_pass),
    /// Sent by the metrics page.
    caf::result<bridge_stats>(ask_bridge_stats)>;

/// The bridge and how it is woken; none without one.
struct bridge_handle {
  bridge_actor actor;
  bridge_desk_actor desk;
  std::shared_ptr<const bus_bell> bell;

  explicit operator bool() const { return bool{actor} || bool{desk}; }
  /// Wakes the actor, so that it handles what was sent to it.
  void ring() const {
    if (bell) bell->ring();
  }
};

/// What the log is told of the bridge, on its thread.
struct bridge_watch {
  std::function<void(const std::string& why)> lost = [](const std::string&) {};
  std::function<void(std::chrono::milliseconds lasted)> heard = [](std::chrono::milliseconds) {
  };
  /// An event was refused; without a name if it could not be read.
  std::function<void(bridge_refusal why, const std::string& event, const std::string& more)>
      refused = [](bridge_refusal, const std::string&, const std::string&) {};
};

} // namespace hubbub
