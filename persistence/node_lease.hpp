#pragma once

#include "persistence/write_ops.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace hubbub {

/// The state of a user in a room, on one node.
struct member_state {
  room_id room;
  std::string user_id;
  std::string username;
  std::int64_t sockets = 0;                       ///< 0: the user is not there any more
  leave_reason reason = leave_reason::disconnect; ///< why, in that case
  friend bool operator==(const member_state&, const member_state&) = default;
};
/// A run of a node: from when it takes a lease until it gives it up or loses it.
using node_run = std::int64_t;
struct foreign_member {
  node_run run = 0;
  member_state state;
};

/// A node whose lease holds, and how the others reach its listener for nodes; empty if they do
/// not.
struct node_place {
  std::int64_t node = 0; ///< its `node_id`
  std::string url;
  friend bool operator==(const node_place&, const node_place&) = default;
};

/// What another node said of its settings when its run began: a line `NAME=VALUE` for each.
struct node_settings {
  std::int64_t node = 0; ///< its `node_id`
  std::string lines;
  friend bool operator==(const node_settings&, const node_settings&) = default;
};

/// A session of this node that another node has recovered since.
struct taken_session {
  recovery_id session;
  std::int64_t claims = 0; ///< `recoverable_session::claims`, the other node's included
  friend bool operator==(const taken_session&, const taken_session&) = default;
};

/// What a node tells the others.
struct lease_report {
  /// Begins a new run, of which the members are all that the node has: at the start, and after
  /// the last one was lost.
  bool afresh = false;
  std::vector<member_state> members = {}; ///< states that have changed
  std::vector<room_id> rooms = {}; ///< rooms whose members on other nodes are wanted whole
  std::string url =
      {}; ///< how the others reach this node, told with a new run; empty: they do not
  std::string settings = {}; ///< as in `node_settings`, told with a new run
  /// Users whose connections to the other nodes are to end; told to those whose leases hold.
  std::vector<std::string> dismissed = {};
};
/// What a node is told of the others.
struct lease_news {
  /// The lease has run out, so that nothing was told and nothing is: the next report must be
  /// afresh.
  bool is_over = false;
  std::vector<node_run> gone = {};          ///< runs that are over, with all their members
  std::vector<foreign_member> changed = {}; ///< in the order in which each run changed them
  std::vector<foreign_member> wanted =
      {};                ///< members of the wanted rooms; later than `changed`
  std::int64_t runs = 0; ///< other runs whose leases hold
  /// All other nodes whose leases hold, by their numbers.
  std::vector<node_place> nodes = {};
  /// The settings of those that told them, by their numbers; for a new run only.
  std::vector<node_settings> settings = {};
  /// Users whose connections to this node are to end, as another node has said; with a
  /// new run, only those of the last seconds. Each is told once; it is lost if the answer is.
  std::vector<std::string> dismissed = {};
  /// Sessions that other nodes have recovered while they were open here. Each may be told
  /// several times.
  std::vector<taken_session> taken = {};
};

/// Keeps the lease of a node among those that share a store, by the store's clock, and what
/// they tell each other of their members. Belongs to a thread of its own.
class node_lease {
 public:
  virtual ~node_lease() = default;
  /// Renews the lease, reports, and asks for news. After an error the same must be reported
  /// once more: it may have arrived or not.
  [[nodiscard]] virtual expected<lease_news, store_error>
  renew(const lease_report& report, std::chrono::milliseconds length) = 0;
};

} // namespace hubbub
