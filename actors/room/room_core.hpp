#pragma once

#include "actors/interfaces.hpp"
#include "actors/room/member_table.hpp"
#include "actors/room/pending_writes.hpp"
#include "actors/room/relay_outbox.hpp"
#include "actors/room/returning_sessions.hpp"
#include "actors/room/room_history.hpp"
#include "actors/room/room_life.hpp"
#include "actors/room/room_rights.hpp"
#include "actors/room/room_setup.hpp"
#include "actors/room/session_lanes.hpp"
#include "actors/room/tick_timer.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace hubbub {

class room;

/// The state that the parts of a room share, and the end of each of its turns. The verbs
/// (`room_join`, `room_publish` and so on) work on it; the room's actor passes each message to
/// a verb.
struct room_core {
  using time_point = caf::actor_clock::time_point;

  room_core(room& actor, room_setup_ptr common, const room_state& state);

  [[nodiscard]] room_id id() const { return label->id; }
  [[nodiscard]] const std::string& name() const { return label->name; }
  [[nodiscard]] const chat_settings& settings() const { return setup->settings; }
  [[nodiscard]] time_point now() const { return self->clock().now(); }
  /// True if the request may change the log: the socket's session is a member, or it is a call
  /// over HTTP, which need not be.
  [[nodiscard]] bool may_write(const room_request& request) const;
  /// Counts a request that the room refused because of a bound.
  void count(refused_by why) const;
  /// Counts a message of this server that was stored, for those who want to know who is busy.
  void count(const message& stored) const;
  /// Returns what is measured on the room's thread; null in tests that measure nothing.
  [[nodiscard]] chat_measures* measures() const;

  /// Records a step of a user's story in this room.
  void note(const trace_record& step, std::string_view user) const;
  /// Records a step that somebody else caused.
  void note_by(const trace_record& step, std::string_view user, std::string_view by) const;

  /// Runs a request, if the permissions allow it.
  void run(room_request& request);
  /// Follows the log, which other nodes write too, at least to `rev`.
  void hear_of(revision rev);
  /// Carries out an order that was given on another node.
  void obey(const room_order& order);
  /// Tells the room's members on other nodes something beside the log; it may be lost, as it is
  /// where too much waits for the bus. Returns false if the bus has not been given it.
  bool say_elsewhere(bus_said what);
  /// Runs the waiting requests of a session, as far as nothing prevents them.
  void advance(session_id session);
  /// Makes the room linger, and then retire, if it is idle.
  void retire_if_idle();
  [[nodiscard]] bool is_idle() const;
  /// Requests a tick at `when` or before.
  void tick_at(time_point when);
  /// Sends to the relays what the room said during this turn.
  void flush();
  /// Releases everything, at the actor's end.
  void clear();

  room_actor::base* self;
  room_setup_ptr setup;
  room_label_ptr label; ///< attached to the room's messages, for the queues of slow readers
  room_rights rights;
  room_history history;
  member_table members;
  relay_outbox outbox;
  session_lanes lanes;
  pending_writes writes;
  returning_sessions returning;
  room_life life;
  tick_timer ticks;
};

} // namespace hubbub
