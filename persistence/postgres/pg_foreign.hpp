#pragma once

#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Finds what other nodes wrote to the rooms of a batch, and remembers up to where each room
/// was told. Without other nodes it does nothing.
class pg_foreign {
 public:
  explicit pg_foreign(bool shared) : shared_(shared) {}

  /// True if there may be other nodes.
  [[nodiscard]] bool is_shared() const { return shared_; }
  /// Begins a batch, or the next attempt at one.
  void begin(std::span<const write_op> ops);
  /// True if the batch has to look for entries of others.
  [[nodiscard]] bool is_wanted() const { return !asked_.empty(); }
  /// Reads the entries of others, after the rooms were locked. With `whole`, the transaction
  /// fails with `too_far_behind` if they are too many for one batch; otherwise the rest is left
  /// for later.
  void queue_reads(pg::exchange& reads, bool whole);
  /// True if a room has more entries than the batch has read, so that nothing may be written to
  /// it.
  [[nodiscard]] bool is_behind(room_id room);
  /// True if others have muted or banned this user after what the op's room knew. What the user
  /// asked for before this node heard of that comes too late.
  [[nodiscard]] bool bars(room_id room, const std::string& user,
                          const std::optional<log_point>& known);
  /// True if others have given orders in the room after what the op's room knew.
  [[nodiscard]] bool has_orders(room_id room, const std::optional<log_point>& known);
  /// Drops the entries of the batch itself and what follows them; for a batch that is read back
  /// after it was committed.
  void keep_before(std::span<const write_outcome> outcomes);
  /// Notes that the batch was committed.
  void on_committed(std::span<const write_outcome> outcomes);
  /// Returns the entries of the last committed batch.
  [[nodiscard]] std::vector<store_writer::foreign_part> take();

  static constexpr auto too_far_behind = "HB003";

 private:
  struct question {
    std::size_t before;
    log_point known;
    room_position head{};
    message_page fresh{};
    message_page changed{};
    order_page orders{};
    std::optional<log_part> found{};
  };
  void take_rows(const pg::result& rows);
  [[nodiscard]] log_part& found(room_id room, question& asked);

  bool shared_;
  std::map<room_id, question> asked_; ///< of this batch
  /// Up to where rooms were told. It only saves reading their own entries back, so it may
  /// forget.
  std::unordered_map<room_id, log_point> told_;
  /// The last order of others that each of them was told. An op that was asked for before it
  /// must meet it again.
  std::unordered_map<room_id, revision> last_order_;
  std::vector<store_writer::foreign_part> committed_;
};

} // namespace hubbub
