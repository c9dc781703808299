#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub {

/// The rooms that a socket is in or is joining, and what it has missed in rooms that it has yet
/// to join. A room may refuse a join, and its answers need not come in the order of the joins,
/// so a seat is kept as long as one of its joins may still let the socket in.
class room_seats {
 public:
  /// Counts a join that is about to be sent.
  void count_join() { ++own().joins; }
  /// Returns the number of the latest join.
  [[nodiscard]] std::uint32_t latest_join() const { return own_ ? own_->joins : 0; }
  /// Takes a seat for the latest join, or keeps an existing one.
  void take(const room_lease_ptr& room);
  /// Takes a seat of a recovered session, which may not have returned to the room yet.
  void take_back(const room_lease_ptr& room);
  /// Gives up the seat in a room that is being left. A recoverable session keeps it until the
  /// leave has been stored.
  void leave(room_id room, bool is_recoverable);
  /// Takes the result of a join or of a recoverable session's leave, or that a room has put the
  /// socket out.
  void hear(const join_outcome& outcome);
  /// Takes these, and leaves nothing of them.
  void hear_all(std::vector<join_outcome>& outcomes);
  /// Gives up all seats; returns the rooms.
  [[nodiscard]] std::vector<room_lease_ptr> leave_all();

  [[nodiscard]] bool contains(room_id room) const { return own_ && own_->seats.contains(room); }
  /// True if the socket may join one more room, of at most `max`. Rooms that are being left do
  /// not count.
  [[nodiscard]] bool has_free(std::size_t max) const;
  /// Returns the room in which the socket has a seat, by name or id; null if it has none.
  [[nodiscard]] room_lease_ptr find(const room_ref& room) const;
  template <class F>
  void for_each(const F& f) const {
    if (!own_) return;
    for (const auto& [id, seat] : own_->seats)
      f(seat.room);
  }

  /// Takes what an earlier session of the client missed. Each gap is sent at the join that lets
  /// the socket into its room.
  void owe(missed_rooms missed) { own().missed = std::move(missed); }
  [[nodiscard]] const missed_rooms& missed() const;
  /// Returns the first message of a room that was missed; nothing if none was.
  [[nodiscard]] std::optional<sequence> missed_from(room_id room) const;

 private:
  struct room_seat {
    room_lease_ptr room;
    /// Recovered with the session, which may not have returned to it yet.
    bool recovered = false;
    std::uint32_t since = 0; ///< the number of the join that took it
    std::uint32_t joins = 0; ///< joins of it that have no answer yet
    bool leaving = false;    ///< a leave has no answer yet, and no join follows it
  };
  struct content {
    std::unordered_map<room_id, room_seat> seats;
    std::uint32_t joins = 0;
    missed_rooms missed;
  };
  [[nodiscard]] content& own() {
    if (!own_) own_ = std::make_unique<content>();
    return *own_;
  }

  std::unique_ptr<content> own_; ///< null until there is something
};

} // namespace hubbub
