#pragma once

#include "actors/interfaces.hpp"
#include "actors/room/room_check.hpp"
#include "actors/room/room_core.hpp"
#include "actors/room/room_follow.hpp"
#include "actors/room/room_join.hpp"
#include "actors/room/room_leave.hpp"
#include "actors/room/room_membership.hpp"
#include "actors/room/room_moderate.hpp"
#include "actors/room/room_presence.hpp"
#include "actors/room/room_publish.hpp"
#include "actors/room/room_read.hpp"
#include "actors/room/room_recover.hpp"
#include "actors/room/room_setup.hpp"
#include "actors/room/room_storage.hpp"

#include <cstddef>

namespace hubbub {

/// The actor of one room: it owns the members and the order of events. It asks the writer to
/// store each message and fans it out only after that, in the order of the answers.
///
/// Requests of one session take effect in the order in which they were sent: one that follows
/// an unanswered append or read waits in the session's lane.
///
/// The actor only dispatches: each message to the verb that handles it, each outcome of a write
/// to the verb that asked for it, ticks to all that wait for one. A verb is a class in a file
/// of its own that works on the room's core.
class room : public room_actor::base {
 public:
  room(caf::actor_config& config, room_setup_ptr setup, const room_state& state);

  behavior_type make_behavior() override;
  void on_exit() override;
  caf::resumable::resume_result resume(caf::execution_unit* on, std::size_t most) override;

  /// Runs a request, if the permissions allow it.
  void run(room_request& request);
  /// Removes a session whose connection has ended.
  void run(const room_departure& departure) { leave_.run(departure); }
  /// Continues a session with the rights of its new token.
  void run(const room_renewal& renewal) { membership_.renew(renewal); }
  /// Follows the log, which other nodes write too, at least to `rev`.
  void hear_of(revision rev) { follow_.hear_of(rev); }
  /// Carries out an order that was given on another node.
  void obey(const room_order& order) { moderate_.obey(order); }

 private:
  /// True if an `io_unit` runs the room.
  [[nodiscard]] bool is_pinned() const { return subtype() == caf::resumable::io_actor; }
  void flush_soon();
  void take(room_request request);
  caf::result<call_outcome> take(room_call& call);
  template <class Notice>
  void take_notice(const Notice& notice);
  [[nodiscard]] bool is_crowded(const room_command& command) const;
  void on_written(const write_results& results);
  void hand_back(const write_outcome& outcome, pending_write& origin);
  void on_writer_down();
  void on_tick();
  void on_lingered();

  room_core core_;
  room_storage storage_{core_};
  room_presence presence_{core_};
  room_membership membership_{core_, storage_, presence_};
  room_publish publish_{core_, storage_, presence_};
  room_follow follow_{core_, storage_, publish_};
  room_join join_{core_, storage_, presence_, membership_, follow_};
  room_leave leave_{core_, storage_, membership_};
  room_check check_{core_, storage_, publish_};
  room_read read_{core_, storage_};
  room_recover recover_{core_, storage_, presence_, membership_, follow_};
  room_moderate moderate_{core_, storage_, presence_, membership_};
};

} // namespace hubbub
