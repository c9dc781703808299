#include "persistence/sqlite/sqlite_markers.hpp"

#include <algorithm>

namespace hubbub {

namespace {

// Maximum number of messages that counting the unread ones looks at. If a user wrote most of a
// room, counting the others' messages would read all of it.
constexpr std::int64_t unread_scan = 10 * max_unread;

constexpr auto move_marker =
    "INSERT INTO read_markers (user_id, room_id, seq) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq) RETURNING seq";
constexpr auto find_marker = "SELECT seq FROM read_markers WHERE user_id = ? AND room_id = ?";
constexpr auto count_unread =
    "SELECT count(*) FROM (SELECT 1 FROM"
    " (SELECT user_id, deleted_at FROM messages WHERE room_id = ?1 AND seq > ?2"
    " ORDER BY seq LIMIT ?4) WHERE user_id <> ?3 AND deleted_at IS NULL LIMIT ?5)";

} // namespace

sqlite_marker_writes::sqlite_marker_writes(const sqlite::database& db)
    : mark_(db, move_marker) {}

sqlite::status sqlite_marker_writes::prepare() {
  return mark_.prepare();
}

op_result sqlite_marker_writes::apply(sqlite_batch& batch, const op::mark_read& op) {
  const auto room = batch.room(op.room);
  if (!room) return unexpected(room.error());
  if (!(*room)->exists) return store_error::no_such_room;
  const sequence read{std::clamp<std::int64_t>(op.seq.value, 0, (*room)->last_seq.value)};
  auto moved = mark_.query(op.user_id, op.room, read);
  const auto row = moved.next();
  if (!row) return unexpected(row.error());
  return marked{moved.number<sequence>(0)};
}

sqlite_marker_queries::sqlite_marker_queries(const sqlite::database& db)
    : find_(db, find_marker), count_(db, count_unread) {}

expected<std::vector<read_marker>, store_error>
sqlite_marker_queries::read(std::string_view user_id, std::span<const room_id> rooms) {
  std::vector<read_marker> markers;
  markers.reserve(rooms.size());
  for (const auto room : rooms) {
    const auto marker = read(user_id, room);
    if (!marker) return unexpected(marker.error());
    markers.push_back(*marker);
  }
  return markers;
}

expected<read_marker, store_error> sqlite_marker_queries::read(std::string_view user_id,
                                                               room_id room) {
  read_marker marker{.room = room, .seq = {}};
  auto found = find_.query(user_id, room);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (*row) marker.seq = found.number<sequence>(0);
  auto counted = count_.query(room, marker.seq, user_id, unread_scan, max_unread);
  if (const auto counts = counted.next(); !counts) return unexpected(counts.error());
  marker.unread = counted.integer(0);
  return marker;
}

} // namespace hubbub
