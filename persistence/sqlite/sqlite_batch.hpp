#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <unordered_map>

namespace hubbub {

/// An op's own outcome, or the failure of the storage that ends its batch.
using op_result = expected<write_outcome, store_error>;

/// A room's counters within a batch, which the ops advance.
struct batch_room {
  bool exists = false;
  bool changed = false;
  sequence last_seq{};
  revision last_rev{};
  std::optional<timestamp> last_message_at{};
  timestamp latest_at{}; ///< latest time of all its messages
  bool is_closed = false;
  std::int64_t clock_back_ms = 0; ///< most by which a message's time lay before `latest_at`
};

/// The counters of one batch, read inside its transaction when first needed and written back
/// once at its end. Nothing of it outlives the batch, so a failed commit leaves nothing to
/// repair.
class sqlite_batch {
 public:
  explicit sqlite_batch(const sqlite::database& db);
  [[nodiscard]] sqlite::status prepare();

  /// Begins a batch and forgets the previous one.
  void start(timestamp now);
  [[nodiscard]] sqlite::status store();

  [[nodiscard]] timestamp now() const { return now_; }
  [[nodiscard]] expected<message_id, store_error> last_id();
  [[nodiscard]] expected<batch_room*, store_error> room(room_id id);
  void add_room(room_id id) { rooms_[id] = {.exists = true}; }
  /// Records that the message used its numbers.
  void took(batch_room& room, const message& fresh);

 private:
  timestamp now_;
  std::optional<message_id> last_id_;
  std::unordered_map<room_id, batch_room> rooms_;

  sqlite::statement read_counter_;
  sqlite::statement read_room_;
  sqlite::statement write_room_;
};

} // namespace hubbub
