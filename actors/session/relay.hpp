#pragma once

#include "actors/interfaces.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// The actor that writes what rooms say to the connections of one io thread. It knows, per
/// room, which of its connections hear it; it does not know who they are.
///
/// All that a recoverable client has heard is what came before the last offset that it has:
/// events of the log carry one, and behind whatever else moves a place in a log (the acks of
/// join, send, edit and delete, a gap) the event `offset` follows, once a pass.
class relay : public relay_actor::base {
 public:
  explicit relay(caf::actor_config& config);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// Of a recoverable session: where it stands in its rooms, as its offsets say.
  struct offset_tail {
    /// `from` may be in any order.
    offset_tail(const recovery_identity& who, std::vector<room_position> from);
    /// True if that moved it.
    bool stand(const room_position& at);
    void leave(room_id room);

    recovery_identity session;
    std::vector<room_position> positions; ///< rising in rooms, each room once
    bool owed = false; ///< they have moved since the last offset that was sent
  };
  struct listener {
    connection_ptr to;
    std::vector<room_id> rooms; ///< few: searched in order
    std::unique_ptr<offset_tail> tail;
  };
  /// The listeners of one room: dense, since every message walks it.
  struct audience {
    struct seat {
      session_id session;
      connection* to = nullptr;
      offset_tail* tail = nullptr; ///< of the listener, if it is recoverable
    };
    std::vector<seat> seats;
    std::unordered_map<session_id, std::size_t> places; ///< index into `seats`
  };

  void obey(const fan_out& order);
  void obey(const reply& order);
  void obey(const tell& order);
  void obey(const enter_room& order);
  void obey(const exit_room& order);

  void on_attach(const attach_connection& request);
  void on_detach(session_id session);
  void leave(room_id room, session_id session);
  /// An answer or the like moves a session's place, if it has one to keep.
  void move(session_id session, offset_tail* tail, const std::optional<room_position>& at);
  void owe_offset(session_id session, offset_tail& tail);
  void send_offsets();
  /// Tells a session's chat what became of a join.
  static void note_join(connection& to, session_id session, const join_outcome& outcome);
  /// Gives a session the answer to one request; a null frame only counts.
  static void answer(connection& to, session_id session, const frame_ptr& what);

  /// Sends an event of the log: with an offset behind it where the session can be recovered.
  void send_logged(session_id session, connection& to, offset_tail& tail,
                   const frame_ptr& event, const room_position& at);

  std::optional<recovery_seal> seal_; ///< made when first needed
  std::unordered_map<session_id, listener> listeners_;
  std::unordered_map<room_id, audience> audiences_;
  std::vector<session_id> owed_; ///< to whom offsets are, since this pass
  std::uint64_t delivered_ = 0;
};

} // namespace hubbub
