#pragma once

#include "actors/interfaces.hpp"
#include "actors/presence/lease_clock.hpp"
#include "actors/presence/own_dismissals.hpp"
#include "actors/presence/own_members.hpp"
#include "actors/room/tick_timer.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Called with all other nodes whose leases hold, on the first io thread: when this node has
/// taken a lease, and when they have changed.
using node_watch = std::function<void(const std::vector<node_place>&)>;

/// Called with the settings of the other nodes, on the first io thread, when this node has
/// taken a lease and there are any.
using settings_watch = std::function<void(const std::vector<node_settings>&)>;

/// Called with users whose connections to this node are to end, on the first io thread.
using dismissal_watch = std::function<void(const std::vector<std::string>& users)>;

/// A change of the node's lease, for the log.
struct lease_change {
  bool is_held = false;               ///< false: the node has given up its members
  std::chrono::milliseconds lasted{}; ///< how long it was lost, where that is over
};
/// Called when the lease is lost, and when it is held again, on the first io thread.
using lease_watch = std::function<void(const lease_change&)>;

/// What the presence of a node is made with.
struct presence_setup {
  lease_actor lease;
  bus_handle bus; ///< tells the others that there is something to read; none without a bus
  std::chrono::milliseconds length{10'000}; ///< of the lease
  std::chrono::milliseconds every{1'000};   ///< how often to look without being told
  std::function<void()> give_up = {};       ///< closes the connections of this node
  std::string url = {};                     ///< how other nodes reach this one; may be empty
  node_watch on_nodes = {};                 ///< may be empty
  lease_watch on_lease = {};                ///< may be empty
  presence_listener on_members = {};        ///< hears of all members elsewhere; may be empty
  taken_watcher on_taken = {};              ///< hears of sessions; told later, with a message
  std::string settings = {};                ///< for the other nodes, which compare them
  settings_watch on_settings = {};          ///< may be empty
  dismissal_watch on_dismissed = {};        ///< may be empty
};

/// Keeps what this node has to tell of its members until it is told, and asks for what others
/// tell. A report at a time is under way; changes that come meanwhile go with the next one, and
/// of several states of one member only the last is told.
///
/// If the lease cannot be renewed in time, the connections of the node are closed, before the
/// others drop its members: a client that still hears the room is in the list of all. Whatever
/// it has by the time the store answers again is told as a new run, a moment later, when they
/// are closed.
class presence_link : public presence_actor::base {
 public:
  presence_link(caf::actor_config& config, presence_setup setup);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = lease_clock::time_point;

  [[nodiscard]] time_point now() const { return clock().now(); }
  void listen(const presence_listen& order);
  void unlisten(const presence_unlisten& order);
  void on_due();
  [[nodiscard]] lease_clock::duration rest_after_loss() const;
  void report_soon();
  void report();
  [[nodiscard]] bool has_news() const;
  void on_reported(const lease_report& told, const lease_outcome& outcome);
  void pass_on(const lease_report& told, const lease_news& news);
  void lose();
  void tick_at(time_point when);
  void tick_on();
  [[nodiscard]] presence_stats stats() const;

  presence_setup setup_;
  lease_clock lease_;
  own_members own_;
  std::set<room_id> wanted_; ///< rooms that want to know all their members elsewhere
  own_dismissals dismissed_;
  std::unordered_map<room_id, presence_listener> listeners_;
  bool reporting_ = false;
  bool is_fresh_ = true; ///< the next report begins a run
  bool frozen_ = false;
  bool moved_ = true; ///< there is something to read
  tick_timer ticks_;
  presence_stats stats_;
};

} // namespace hubbub
