#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_follow.hpp"
#include "actors/room/room_membership.hpp"
#include "actors/room/room_presence.hpp"
#include "actors/room/room_storage.hpp"

namespace hubbub {

/// Handles joins: the history up to the last message that was fanned out, the membership and
/// the ack are made in one turn of the room. The join of a recoverable session is stored before
/// it is acked.
class room_join {
 public:
  room_join(room_core& core, room_storage& storage, room_presence& presence,
            room_membership& membership, room_follow& follow)
      : core_(core), storage_(storage), presence_(presence), membership_(membership),
        follow_(follow) {}

  void run(room_request& request, const command::join_room& command);

 private:
  /// How far a join has come.
  struct progress {
    bool gap = false;
    bool is_stored = false; ///< the store knows that the session is in the room
    int times_read = 0;     ///< how often the room's log went on faster than the join
  };
  /// A join that waits to be stored, with the history up to a message.
  struct stored_join {
    room_request request;
    room_view view;
    progress so_far;
    room_position up_to;
    sequence read_up_to; ///< the message after which the page is the room's own
  };

  void begin(room_request& request, const command::join_room& command, progress so_far);
  void join_after(room_request request, sequence after, progress so_far);
  void on_history(room_request& request, view_outcome& outcome, const message_range& range,
                  progress so_far);
  void on_told(room_request& request, view_outcome& outcome, const message_range& range,
               progress so_far);
  void join_again(room_request request, sequence after, room_view&& view, progress so_far);
  void join_with_kept(room_request request, room_view&& view, progress so_far);
  void complete(room_request request, room_view view, sequence read_up_to, progress so_far);
  void store(room_request request, room_view view, sequence read_up_to, progress so_far);
  void on_stored(stored_join& join, const write_outcome& outcome);
  [[nodiscard]] bool bring_up_to_date(json_page& page, const room_position& up_to,
                                      sequence read_up_to) const;
  void note_gap(const room_request& request, const room_view& view);
  void refuse(const room_request& request, const error& why, const progress& so_far);
  void admit(const room_request& request, const room_view& view, bool gap);

  room_core& core_;
  room_storage& storage_;
  room_presence& presence_;
  room_membership& membership_;
  room_follow& follow_;
};

} // namespace hubbub
