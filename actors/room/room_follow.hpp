#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_publish.hpp"
#include "actors/room/room_storage.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace hubbub {

/// Follows a log that other nodes write too: tells the members of their entries, in the order
/// in which they were written. The writes of the room bring what came before them, and the bus
/// brings entries as they are written. If they do not come next, or what came after the last of
/// them is known only from the head poll or from a page that is ahead of the room, the log is
/// read here. Without other nodes it does nothing.
class room_follow {
 public:
  room_follow(room_core& core, room_storage& storage, room_publish& publish)
      : core_(core), storage_(storage), publish_(publish) {}

  /// Moves the room on to the end of these entries. Those that it knows already are skipped.
  void tell(const log_part& part, foreign_source from);
  /// Takes entries that came over the bus, which may have lost, doubled or swapped some.
  void hear(bus_news&& news);
  /// Notes that the log goes on at least to `rev`.
  void hear_of(revision rev);
  /// Runs `then` when the room has come to `wanted` or to what is the end of the log now, or if
  /// the log cannot be read or written. Until then the session's later requests wait.
  void once_current(session_id session, const log_point& wanted, std::function<void()> then);
  /// Notes the outcome of a write. One that was begun since something waits has brought the
  /// end of the log as it was then; in a busy room the log itself is never read.
  void on_written(const pending_write& origin, const write_outcome& outcome);
  /// Asks for what is missing, unless a write that is under way will bring it.
  void go_on();
  /// Asks again after a failure, once in each tick.
  void on_tick();
  void clear();

 private:
  struct waiting {
    session_id session;
    log_point wanted;
    std::uint64_t next_write; ///< the number of the first write after it began to wait
    std::function<void()> then;
  };
  void ask();
  void on_read(const log_outcome& outcome);
  [[nodiscard]] bool take(const log_outcome& outcome);
  [[nodiscard]] bool take_ahead();
  [[nodiscard]] bool comes_next(const bus_news& news) const;
  void pause();
  void release(const std::vector<waiting>& served);
  void release_current();
  [[nodiscard]] bool is_current(const waiting& each) const;

  room_core& core_;
  room_storage& storage_;
  room_publish& publish_;
  revision heard_;
  std::uint64_t brought_ = 0; ///< the number of the last write that has brought the log
  bool asking_ = false;
  bool paused_ = false;          ///< the last read failed
  std::vector<waiting> waiting_; ///< for a read that has yet to begin
  std::vector<waiting> served_;  ///< for the read that is under way
  std::deque<bus_news> ahead_;   ///< entries from the bus that others come before
};

} // namespace hubbub
