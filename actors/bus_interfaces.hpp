#pragma once

#include "actors/presence_interfaces.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "persistence/bus/bus_line.hpp"
#include "persistence/store.hpp"
#include "proto/bus/bus_message.hpp"
#include "proto/model.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The actors by which a node learns what others wrote, and the messages to them and from them:
/// the one at the bus, and the one that polls.
namespace hubbub {

/// The room's log ends at least here; other nodes may have written to it.
struct log_moved {
  room_position head;
};
/// What another node wrote to a room's log, right after `from`. Without entries, which were too
/// long for the bus, it only tells where the log ends.
struct bus_news {
  revision from;
  log_part part;
};
/// Something that another node says beside the logs, or this one says to others.
struct bus_said {
  decltype(bus_aside::what) what;
};
/// A room that follows its log.
using log_follower =
    compat::typed_actor<caf::result<void>(log_moved), caf::result<void>(bus_news),
                        caf::result<void>(bus_said)>;
using log_followers = std::vector<std::pair<room_id, log_follower>>;

/// Asks for the ends of the logs of these rooms now; each is told.
struct look_at {
  log_followers rooms;
};
/// Looks where logs end.
using head_watcher = compat::typed_actor<caf::result<void>(look_at)>;

struct poll_heads {};
/// Looks from time to time where the logs of awake rooms end, in a store that several nodes
/// write. Pinned to the first io thread.
using head_poll_actor = compat::typed_actor<
    /// Sent to itself, and by tests.
    caf::result<void>(poll_heads),
    /// Sent by the bus, whose `head_watcher` it is. Idempotent.
    caf::result<void>(look_at)>;

/// Has a room hear what other nodes write to it, from the confirmation on.
struct bus_subscribe {
  room_id room;
  log_follower who;
};
struct bus_unsubscribe {
  room_id room;
  caf::actor_id who = 0;
};
/// What a batch wrote to a room, as it goes over the bus.
struct bus_post {
  room_id room;
  std::string text;
};
/// What one batch wrote.
struct bus_posts {
  std::vector<bus_post> posts;
  std::uint64_t dropped = 0; ///< posts that were dropped before these, since too many waited
};
/// Makes the bus take and send what has come.
struct bus_pass {};
struct ask_bus_stats {};
struct bus_stats {
  bool is_used = false; ///< false: this server has no bus
  bool is_heard = true; ///< it hears its own beats, or has no bus
  /// How long it has not heard its own beat; 0 while `is_heard`.
  std::chrono::milliseconds silent{};
  std::uint64_t channels = 0; ///< rooms whose subscription is confirmed
  std::uint64_t published = 0;
  std::uint64_t received = 0;     ///< messages of other nodes that were passed on to a room
  std::uint64_t stale = 0;        ///< doubled messages, and those that others overtook
  std::uint64_t rejected = 0;     ///< messages that no node of this cluster and version sent
  std::uint64_t dropped_full = 0; ///< posts dropped because too many waited
  std::uint64_t dropped_down = 0; ///< posts dropped because there was no connection
  std::uint64_t connects = 0;     ///< connections that were made
};

/// Is told that another node has reported who is in rooms there.
using presence_watcher = compat::typed_actor<caf::result<void>(presence_moved)>;

/// Connects a node to the bus. Detached: it waits on the bus's sockets, and its bell wakes it.
using bus_actor = compat::typed_actor<
    /// Sent to itself.
    caf::result<void>(bus_pass),
    /// Sent by rooms when they wake, and when they end.
    caf::result<void>(bus_subscribe), caf::result<void>(bus_unsubscribe),
    /// Sent by the writer after a commit. Answered, always with true, when they are taken.
    caf::result<bool>(bus_posts),
    /// Sent by rooms, each a few at a time. Answered, always with true, when it is taken.
    caf::result<bool>(bus_said),
    /// Sent once, at the start: who is to look at logs after a subscription was confirmed.
    caf::result<void>(head_watcher),
    /// The same for reports of presence.
    caf::result<void>(presence_watcher),
    /// Sent by the presence actor: this node has reported something.
    caf::result<void>(presence_moved),
    /// Sent by the metrics page and the readiness check.
    caf::result<bus_stats>(ask_bus_stats)>;

/// The actor at the bus, and how it is woken; none without a bus.
struct bus_handle {
  bus_actor actor;
  std::shared_ptr<const bus_bell> bell; ///< none in tests
  bus_origin origin;                    ///< this process

  explicit operator bool() const { return bool{actor}; }
  /// Wakes the actor, so that it handles what was sent to it.
  void ring() const {
    if (bell) bell->ring();
  }
  template <class Message>
  void send(Message&& what) const {
    if (!actor) return;
    compat::anon_send(actor, std::forward<Message>(what));
    ring();
  }
};

/// A change of the bus's state, for the log.
struct bus_change {
  bool is_heard = false;
  std::string why = {};               ///< the reason, where it was lost
  std::chrono::milliseconds lasted{}; ///< how long it was lost, where that is over
};
/// Called when something changed, on the bus's thread.
using bus_watch = std::function<void(const bus_change&)>;

} // namespace hubbub
