#pragma once

#include "actors/runtime/caf_compat.hpp"
#include "persistence/store.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// The actors by which the nodes of a cluster know who is in rooms on the others, and the
/// messages to them and from them.
namespace hubbub {

using lease_outcome = expected<lease_news, store_error>;
/// Holds the node's lease. Detached: it waits for the store.
using lease_actor = compat::typed_actor<
    /// Sent by the presence actor, one at a time. As `node_lease::renew`.
    caf::result<lease_outcome>(lease_report)>;

/// What a room is told of its members on other nodes.
struct members_elsewhere {
  std::vector<foreign_member> changed;
  std::vector<node_run> gone; ///< runs that are over, with all their members; comes first
  bool is_whole = false;      ///< `changed` are all: nobody else is on another node
};
/// A room that has members on other nodes.
using presence_listener = compat::typed_actor<caf::result<void>(members_elsewhere)>;

/// Has a room told of its members on other nodes, first of all of them.
struct presence_listen {
  room_id room;
  presence_listener who;
};
struct presence_unlisten {
  room_id room;
  caf::actor_id who = 0;
};
/// Sessions of this node that other nodes have recovered since. Each may be told several times.
struct sessions_taken {
  std::vector<taken_session> sessions;
};
/// Ends the connections of such sessions.
using taken_watcher = compat::typed_actor<caf::result<void>(sessions_taken)>;

/// Ends the connections of a user to the other nodes.
struct dismiss_elsewhere {
  std::string user_id;
};

/// The time has come for the next report, or to see whether the lease still holds.
struct presence_due {};
/// Another node has reported something.
struct presence_moved {};
/// The server stops: what its rooms say of their members from here on is not told, so that
/// those who come back elsewhere meanwhile were never gone.
struct presence_freeze {};
struct ask_presence_stats {};
struct presence_stats {
  bool is_used = false;             ///< false: this server is alone
  bool is_held = true;              ///< the lease holds
  std::chrono::milliseconds left{}; ///< until the node gives up its members
  std::uint64_t lost = 0;           ///< how often the node gave up its members
  std::uint64_t failed = 0;         ///< reports that failed
  std::uint64_t reported = 0;       ///< states of members that were reported
  std::uint64_t heard = 0;          ///< states of members on other nodes that were read
  std::int64_t nodes = 0;           ///< other runs of nodes whose leases hold
  std::vector<node_place> places;   ///< the nodes of those, by their numbers
};

/// Reports who is in rooms on this node, hears of the others, and keeps the node's lease.
/// Pinned to the first io thread.
using presence_actor = compat::typed_actor<
    /// Sent by rooms: a user has come, has gone, or has more or fewer sockets.
    caf::result<void>(member_state),
    /// Sent by rooms when they wake, and when they end.
    caf::result<void>(presence_listen), caf::result<void>(presence_unlisten),
    /// Sent by the HTTP API. Idempotent.
    caf::result<void>(dismiss_elsewhere),
    /// Sent to itself.
    caf::result<void>(presence_due),
    /// Sent by the bus.
    caf::result<void>(presence_moved),
    /// Sent once, at the start: who is to hear of sessions that other nodes have taken.
    caf::result<void>(taken_watcher),
    /// Sent at shutdown, before connections are closed. Answered with true.
    caf::result<bool>(presence_freeze),
    /// Sent by the metrics page and the readiness check.
    caf::result<presence_stats>(ask_presence_stats)>;

} // namespace hubbub
