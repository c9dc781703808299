#pragma once

#include "actors/room/left_sessions.hpp"
#include "actors/room/pending_reads.hpp"
#include "actors/room/room_core.hpp"

#include <cstddef>
#include <functional>
#include <optional>

namespace hubbub {

/// The requests of a room to the store: writes go through its thread's gate, reads to a reader.
/// Later requests of a session wait for what it asked for here.
class room_storage {
 public:
  explicit room_storage(room_core& core) : core_(core) {}

  /// Returns why a client's write cannot be taken now; nothing if it can.
  [[nodiscard]] std::optional<error> refusal() const;
  /// Writes what a request asks for. The later writes of its session need not wait for the
  /// outcome.
  void write(write_op operation, room_request&& origin);
  /// Writes an operation that its session must wait for: the session's later requests run after
  /// the outcome.
  void write_and_hold(session_id session, write_op operation, outcome_handler handle);
  /// Writes something for the room itself.
  void write_own(write_op operation, outcome_handler handle);

  /// Asks a reader for a view of the log. `handle` gets it brought up to date, or an error:
  /// `busy` if the log is changed faster than it is read.
  void read(room_request request, const room_query& query, view_handler handle);
  /// Answers the requests that take too long with an error, and tells the store again what it
  /// could not take.
  void on_tick(room_core::time_point now);
  /// Asks for the tick in which there is something to do.
  void ask_for_tick();
  /// Returns the pending requests, and when the oldest takes too long.
  [[nodiscard]] const pending_reads& reads() const { return reads_; }
  [[nodiscard]] const reader_actor& next_reader();

  /// True if other nodes write the room's log too.
  [[nodiscard]] bool is_shared() const { return bool{core_.setup->log_reader}; }
  /// True if the store has a change, up to `rev`, that the room has yet to tell its members.
  [[nodiscard]] bool is_behind(revision rev) const;
  /// Runs `then` when the room has told of all changes up to `rev`. It holds back a page that
  /// the store read ahead of the room, so that nobody is told of its changes a second time.
  /// Until then the session's later requests wait.
  void once_told(session_id session, revision rev, std::function<void()> then);
  /// Runs what waited for the room's announcements, as far as they were made.
  void go_on_with_told();

  /// Tells the store that a recoverable session is not in the room, repeatedly until it
  /// succeeds.
  void forget_membership(recovery_id session);
  /// Tells the store once more of all sessions that it has yet to forget.
  void forget_memberships_again();
  /// Returns the sessions that the store has yet to forget.
  [[nodiscard]] left_sessions& left() { return left_; }

  void clear() { reads_.clear(); }

 private:
  void send_to_writer(write_op operation, pending_write origin);
  void ask(const pending_read_ptr& asked);
  void on_read(pending_read& asked, view_outcome& outcome);
  void give_up(pending_read& asked);

  room_core& core_;
  pending_reads reads_;
  left_sessions left_;
  std::size_t next_reader_ = 0;
  /// When the store is told again which sessions it has to forget; nothing if it knows.
  std::optional<room_core::time_point> tell_again_at_;
};

} // namespace hubbub
