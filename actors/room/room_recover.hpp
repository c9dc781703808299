#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_follow.hpp"
#include "actors/room/room_membership.hpp"
#include "actors/room/room_presence.hpp"
#include "actors/room/room_storage.hpp"

namespace hubbub {

/// Lets recovered sessions return to the room, and tells them what they missed.
class room_recover {
 public:
  room_recover(room_core& core, room_storage& storage, room_presence& presence,
               room_membership& membership, room_follow& follow)
      : core_(core), storage_(storage), presence_(presence), membership_(membership),
        follow_(follow) {}

  void run(room_return request);

 private:
  void begin(room_return request);
  void on_missed(session_id session, const missed_outcome& outcome);
  [[nodiscard]] bool may_still_return(session_id session, bool is_lost);
  void let_in(session_id session, const missed_outcome& outcome);
  void replay(const returning_session& back, session_id session, const missed_page& missed);
  void replay_changes(const returning_session& back, session_id session,
                      const missed_page& missed, const room_label_ptr& label);
  void replay_around_gap(const returning_session& back, session_id session,
                         const missed_page& missed);

  room_core& core_;
  room_storage& storage_;
  room_presence& presence_;
  room_membership& membership_;
  room_follow& follow_;
};

} // namespace hubbub
