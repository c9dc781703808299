#include "persistence/sqlite/sqlite_standings.hpp"

#include "persistence/orders.hpp"
#include "persistence/sqlite/sqlite_columns.hpp"

#include <utility>

namespace hubbub {

namespace {

constexpr auto change_record =
    "UPDATE rooms SET is_private = coalesce(?2, is_private), owner = coalesce(?3, owner),"
    " losses = losses + (coalesce(?2, 0) AND NOT is_private),"
    " is_closed = coalesce(?4, is_closed),"
    " closings = closings + (coalesce(?4, 0) AND NOT is_closed)"
    " WHERE id = ?1 RETURNING " HUBBUB_ROOM_COLUMNS;
constexpr auto put_standing =
    "INSERT INTO standings (room_id, kind, user_id, set_by, set_at, until, reason)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET set_by = excluded.set_by, set_at = excluded.set_at,"
    " until = excluded.until, reason = excluded.reason";
constexpr auto remove_standing =
    "DELETE FROM standings WHERE room_id = ? AND kind = ? AND user_id = ?";
constexpr auto purge_standings =
    "DELETE FROM standings WHERE (room_id, kind, user_id) IN"
    " (SELECT room_id, kind, user_id FROM standings WHERE until <= ? LIMIT ?)";
constexpr auto all_standings =
    "SELECT kind, user_id, set_by, set_at, until, reason FROM standings WHERE room_id = ?"
    " ORDER BY kind, user_id";
constexpr auto user_standings =
    "SELECT kind FROM standings WHERE room_id = ?1 AND kind IN (1, 2, 3) AND user_id = ?2"
    " AND (until IS NULL OR until > ?3)";

std::int64_t number_of(standing_kind kind) {
  return static_cast<std::int64_t>(kind);
}

/// Returns the kind; a number that this version does not write is damage.
expected<standing_kind, store_error> kind_of(std::int64_t number) {
  for (const auto kind : all_standing_kinds)
    if (number_of(kind) == number) return kind;
  return unexpected(store_error::corrupt);
}

/// Gives an order the room's next `rev`, if somebody follows the log. Only tests do: nobody but
/// this process writes the database, and its rooms need not follow what they wrote.
op_result in_order(sqlite_batch& batch, const std::optional<log_point>& known, room_order order,
                   write_outcome otherwise) {
  if (!known) return otherwise;
  const auto room = batch.room(order.room);
  if (!room) return unexpected(room.error());
  if (!(*room)->exists) return otherwise;
  (*room)->last_rev.value += 1;
  (*room)->changed = true;
  order.rev = (*room)->last_rev;
  order.about.at = batch.now();
  return write_outcome{std::move(order)};
}

} // namespace

sqlite_standing_writes::sqlite_standing_writes(const sqlite::database& db)
    : losses_(db), change_(db, change_record), set_(db, put_standing),
      drop_(db, remove_standing), purge_(db, purge_standings) {}

sqlite::status sqlite_standing_writes::prepare() {
  return prepare_all(losses_, change_, set_, drop_, purge_);
}

op_result sqlite_standing_writes::apply(sqlite_batch& batch, const op::change_room& op) {
  const auto room = batch.room(op.room);
  if (!room) return unexpected(room.error());
  if (!(*room)->exists) return store_error::no_such_room;
  const auto flag = [](const std::optional<bool>& set) {
    return set ? std::optional<std::int64_t>{*set ? 1 : 0} : std::nullopt;
  };
  if (op.owner)
    if (const auto done = losses_.before_known(op.room, *op.owner); !done)
      return unexpected(done.error());
  auto changed = change_.query(op.room, flag(op.is_private), op.owner, flag(op.is_closed));
  const auto row = changed.next();
  if (!row) return unexpected(row.error());
  if (!*row) return unexpected(store_error::corrupt);
  auto found = room_of(changed);
  if (!found) return unexpected(found.error());
  auto& record = *found;
  (*room)->is_closed = record.is_closed;
  // The batch writes its counters only at its end.
  record.last_seq = (*room)->last_seq;
  record.last_rev = (*room)->last_rev;
  record.last_message_at = (*room)->last_message_at;
  return in_order(batch, op.known, carried_out(order_of(op), record), record);
}

op_result sqlite_standing_writes::apply(sqlite_batch& batch, const op::set_standing& op) {
  const auto room = batch.room(op.room);
  if (!room) return unexpected(room.error());
  if (!(*room)->exists) return store_error::no_such_room;
  switch (op.kind) {
  case standing_kind::member:
    if (const auto done = losses_.before_known(op.room, op.user_id); !done)
      return unexpected(done.error());
    break;
  case standing_kind::ban:
    if (const auto done = losses_.expel(op.room, op.user_id); !done)
      return unexpected(done.error());
    break;
  case standing_kind::mute: break;
  }
  standing fresh{.kind = op.kind,
                 .user_id = op.user_id,
                 .by = op.by,
                 .at = batch.now(),
                 .until = op.until,
                 .reason = op.reason};
  if (const auto done = put(op.room, fresh); !done) return unexpected(done.error());
  return in_order(batch, op.known, carried_out(order_of(op), fresh), fresh);
}

sqlite::status sqlite_standing_writes::put(room_id room, const standing& each) {
  return set_.run(room, number_of(each.kind), each.user_id, each.by, each.at, each.until,
                  each.reason);
}

op_result sqlite_standing_writes::apply(sqlite_batch& batch, const op::drop_standing& op) {
  if (op.kind == standing_kind::member)
    if (const auto done = losses_.before_unknown(op.room, op.user_id); !done)
      return unexpected(done.error());
  const auto dropped = drop_.run(op.room, number_of(op.kind), op.user_id);
  if (!dropped) return unexpected(dropped.error());
  return in_order(batch, op.known, order_of(op), noted{});
}

op_result sqlite_standing_writes::apply(sqlite_batch& batch, const op::expel_user& op) {
  auto sessions = losses_.expel(op.room, op.user_id);
  if (!sessions) return unexpected(sessions.error());
  return in_order(batch, op.known, order_of(op), expelled{*std::move(sessions)});
}

expected<std::int64_t, store_error> sqlite_standing_writes::purge(timestamp now,
                                                                  std::int64_t at_most) {
  if (const auto purged = purge_.run(now, at_most); !purged) return unexpected(purged.error());
  return purge_.changes();
}

sqlite_standing_queries::sqlite_standing_queries(const sqlite::database& db)
    : all_(db, all_standings), one_(db, user_standings) {}

expected<std::vector<standing>, store_error> sqlite_standing_queries::read(room_id room) {
  auto found = all_.query(room);
  std::vector<standing> standings;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return standings;
    const auto kind = kind_of(found.integer(0));
    if (!kind) return unexpected(kind.error());
    standings.push_back({.kind = *kind,
                         .user_id = found.text(1),
                         .by = found.text(2),
                         .at = found.number<timestamp>(3),
                         .until = found.optional_number<timestamp>(4),
                         .reason = found.text(5)});
  }
}

expected<user_standing, store_error>
sqlite_standing_queries::of(room_id room, std::string_view user_id, timestamp now) {
  auto found = one_.query(room, user_id, now);
  user_standing standing;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return standing;
    const auto kind = kind_of(found.integer(0));
    if (!kind) return unexpected(kind.error());
    standing.add(*kind);
  }
}

} // namespace hubbub
