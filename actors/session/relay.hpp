#pragma once

#include "actors/interfaces.hpp"
#include "actors/metrics/pass_clock.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// The actor that writes the events of rooms to the connections of one io thread. It knows
/// which of its connections are in each room, but not who they are.
///
/// A recoverable client is known to have received only what came before the last offset that it
/// has. Events of the log carry an offset. After everything else that changes a position in a
/// log (the acks of join, send, edit and delete, a gap) the event `offset` follows, once a
/// pass.
class relay : public relay_actor::base {
 public:
  /// Makes a relay; `passes` is the clock of its io thread.
  explicit relay(caf::actor_config& config,
                 pass_clock_ptr passes = std::make_shared<pass_clock>());

  behavior_type make_behavior() override;
  void on_exit() override;

  /// Number of receivers after which wide events make a pause. One that more receive goes to
  /// all of them at once.
  static constexpr std::size_t wide_portion = 5'000;
  /// In it the thread serves its sockets and the other actors.
  static constexpr std::chrono::milliseconds wide_pause{1};

 private:
  /// The positions of a recoverable session in its rooms, as its offsets state them.
  struct offset_tail {
    /// Makes a tail; `from` may be in any order.
    offset_tail(const recovery_identity& who, std::vector<room_position> from);
    /// Moves the position in a room; true if that changed it.
    bool stand(const room_position& at);
    void leave(room_id room);

    recovery_identity session;
    std::vector<room_position> positions; ///< ordered by room, each room once
    bool owed = false; ///< they have moved since the last offset that was sent
  };
  struct subscriber {
    connection_ptr to;
    std::vector<room_id> rooms; ///< few, so they are searched in order
    std::unique_ptr<offset_tail> tail;
    std::unique_ptr<const std::string> sid = nullptr; ///< null: nobody may name it
  };
  /// The subscribers in one room: dense, since every message walks it.
  struct audience {
    struct member {
      session_id session;
      connection* to = nullptr;
      offset_tail* tail = nullptr; ///< the subscriber's tail, if it is recoverable
    };
    std::vector<member> members;
    std::unordered_map<session_id, std::size_t> indexes; ///< index into `members`
  };

  void on_orders(const relay_orders& orders);
  void tell_together(std::span<const relay_order> orders);
  void tell_members(const audience& here, std::span<const fan_out* const> events,
                    std::span<const session_id> special);
  void tell_one(session_id session, const relay_order& order);
  void deliver(const audience::member& member, const fan_out& order);
  void apply(const fan_out& order);
  void apply(const reply& order);
  void apply(const tell& order);
  void apply(const enter_room& order);
  void apply(const exit_room& order);
  /// Sends an event; returns how many connections it went to.
  std::size_t apply(const wide_event& order);
  [[nodiscard]] caf::result<bool> on_wide(const wide_events& events);
  void send_wide();
  /// Returns the sessions that get an event, each once.
  [[nodiscard]] std::vector<session_id> receivers(const wide_event& order) const;
  [[nodiscard]] std::vector<session_id> sessions_of(const std::vector<room_id>& rooms,
                                                    const std::vector<std::string>& sids) const;
  void send_unlogged(session_id session, subscriber& who, const wide_event& order);

  void on_attach(const attach_connection& request);
  void on_detach(session_id session);
  void forget_sid(session_id session, const subscriber& who);
  void leave(room_id room, session_id session);
  /// Moves a session's position after an answer or the like, if it has one to keep.
  void move(session_id session, offset_tail* tail, const std::optional<room_position>& at);
  void owe_offset(session_id session, offset_tail& tail);
  void send_offsets();
  /// Tells a session's chat the result of a join, or that it is not in a room any more.
  static void note_join(connection& to, session_id session, const join_outcome& outcome);
  /// Gives a session the answer to one request; a null frame only counts.
  static void answer(connection& to, session_id session, const frame_ptr& what);

  void send_with_offset(const audience::member& member, const fan_out& order);
  /// Sends an event of the log, with an offset at the end if the session can be recovered.
  void send_logged(session_id session, connection& to, offset_tail& tail,
                   const frame_ptr& event, const room_position& at);

  /// Wide events that came together, and how many of them were sent.
  struct wide_batch {
    wide_events events;
    std::size_t sent = 0;
    caf::typed_response_promise<bool> taken;
  };

  std::deque<wide_batch> wide_;       ///< what waits; the bridge sees to it that it is not much
  std::optional<recovery_seal> seal_; ///< created when it is first needed
  std::unordered_map<session_id, subscriber> subscribers_;
  std::unordered_map<room_id, audience> audiences_;
  /// The sessions that somebody may name by their ids in Socket.IO.
  std::unordered_map<std::string, session_id> sids_;
  std::vector<session_id> owed_; ///< sessions that are owed offsets in this pass
  std::uint64_t delivered_ = 0;
  pass_clock_ptr passes_;
};

} // namespace hubbub
