#include "persistence/sqlite/sqlite_batch.hpp"

#include "persistence/sqlite/sqlite_columns.hpp"

#include <algorithm>

namespace hubbub {

namespace {

constexpr auto read_counter =
    "SELECT " HUBBUB_LAST_MESSAGE_ID " FROM counters WHERE name = 'last_message_id'";
constexpr auto read_room =
    "SELECT last_seq, last_rev, last_message_at, latest_at, clock_back_ms, is_closed FROM rooms"
    " WHERE id = ?";
constexpr auto write_room = "UPDATE rooms SET last_seq = ?, last_rev = ?, last_message_at = ?,"
                            " latest_at = ?, clock_back_ms = ? WHERE id = ?";

/// Returns false if a room's counters are impossible, as in a damaged database: the next
/// message's numbers would be arbitrary.
bool can_go_on(const batch_room& room) {
  return is_counter(room.last_seq.value) && is_counter(room.last_rev.value) &&
         is_counter(room.clock_back_ms);
}

} // namespace

sqlite_batch::sqlite_batch(const sqlite::database& db)
    : read_counter_(db, read_counter), read_room_(db, read_room), write_room_(db, write_room) {}

sqlite::status sqlite_batch::prepare() {
  return prepare_all(read_counter_, read_room_, write_room_);
}

void sqlite_batch::start(timestamp now) {
  now_ = now;
  last_id_.reset();
  rooms_.clear();
}

expected<message_id, store_error> sqlite_batch::last_id() {
  if (last_id_) return *last_id_;
  auto found = read_counter_.query();
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  // Starting again from zero would assign numbers a second time.
  if (!*row) return unexpected(store_error::corrupt);
  last_id_ = found.number<message_id>(0);
  return *last_id_;
}

expected<batch_room*, store_error> sqlite_batch::room(room_id id) {
  const auto [entry, added] = rooms_.try_emplace(id);
  auto& room = entry->second;
  if (!added) return &room;
  auto found = read_room_.query(id);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (*row)
    room = {.exists = true,
            .last_seq = found.number<sequence>(0),
            .last_rev = found.number<revision>(1),
            .last_message_at = found.optional_number<timestamp>(2),
            .latest_at = found.number<timestamp>(3),
            .is_closed = found.integer(5) != 0,
            .clock_back_ms = found.integer(4)};
  if (!can_go_on(room)) return unexpected(store_error::corrupt);
  return &room;
}

void sqlite_batch::took(batch_room& room, const message& fresh) {
  last_id_ = fresh.id;
  room.changed = true;
  room.last_seq = fresh.seq;
  room.last_rev = fresh.rev;
  room.last_message_at = fresh.created_at;
  room.latest_at = std::max(room.latest_at, fresh.created_at);
  room.clock_back_ms =
      std::max(room.clock_back_ms, room.latest_at.value - fresh.created_at.value);
}

sqlite::status sqlite_batch::store() {
  for (const auto& [id, room] : rooms_) {
    if (!room.changed) continue;
    if (const auto stored = write_room_.run(room.last_seq, room.last_rev, room.last_message_at,
                                            room.latest_at, room.clock_back_ms, id);
        !stored)
      return stored;
  }
  return {};
}

} // namespace hubbub
