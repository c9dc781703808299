#include "persistence/sqlite/sqlite_appends.hpp"

#include "persistence/sqlite/sqlite_columns.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr auto insert_message =
    "INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, client_id,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
// The last parameter is the time of the oldest record that still counts.
constexpr auto reserve_client_id =
    "INSERT INTO dedupe (room_id, user_id, client_id, seq, id, rev, username, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET seq = excluded.seq, id = excluded.id, rev = excluded.rev,"
    " username = excluded.username, created_at = excluded.created_at, content = NULL,"
    " edited_at = NULL, deleted_at = NULL WHERE created_at < ?";
// The message as it is now, or as it was when retention removed it, in the order of the message
// columns. The record's time is the message's, unless that lay ahead of the clock.
constexpr auto find_client_id =
    "SELECT d.id, d.room_id, d.seq, coalesce(m.rev, d.rev), d.user_id, d.username,"
    " coalesce(m.content, d.content, ''), d.client_id,"
    " coalesce(m.created_at, d.created_at), coalesce(m.edited_at, d.edited_at), "
    "coalesce(m.deleted_at, d.deleted_at)"
    " FROM dedupe d LEFT JOIN messages m ON m.room_id = d.room_id AND m.seq = d.seq"
    " WHERE d.room_id = ? AND d.user_id = ? AND d.client_id = ? AND d.created_at >= ?";
constexpr auto purge_dedupe =
    "DELETE FROM dedupe WHERE (room_id, user_id, client_id) IN"
    " (SELECT room_id, user_id, client_id FROM dedupe WHERE created_at < ? LIMIT ?)";
// A record from ahead of the clock would be remembered until the clock gets there, so it is
// treated as made now.
constexpr auto date_back =
    "UPDATE dedupe SET created_at = ?1 WHERE (room_id, user_id, client_id) IN"
    " (SELECT room_id, user_id, client_id FROM dedupe WHERE created_at > ?1 LIMIT ?2)";

} // namespace

sqlite_appends::sqlite_appends(const sqlite::database& db, std::int64_t dedupe_window_ms,
                               sqlite_search_indexer& search)
    : dedupe_window_ms_(dedupe_window_ms), insert_(db, insert_message), index_(db, search),
      reserve_(db, reserve_client_id), find_first_(db, find_client_id),
      purge_(db, purge_dedupe), date_back_(db, date_back) {}

sqlite::status sqlite_appends::prepare() {
  return prepare_all(insert_, index_, reserve_, find_first_, purge_, date_back_);
}

op_result sqlite_appends::apply(sqlite_batch& batch, const op::append_message& op) {
  const auto room = batch.room(op.room);
  if (!room) return unexpected(room.error());
  if (!(*room)->exists) return store_error::no_such_room;
  if (op.only_if_repeated || (*room)->is_closed) return repeated_only(op, batch.now());
  return insert(batch, **room, op);
}

op_result sqlite_appends::insert(sqlite_batch& batch, batch_room& room,
                                 const op::append_message& op) {
  const auto last_id = batch.last_id();
  if (!last_id) return unexpected(last_id.error());
  message fresh{.id = message_id{last_id->value + 1},
                .room = op.room,
                .seq = sequence{room.last_seq.value + 1},
                .rev = revision{room.last_rev.value + 1},
                .user_id = op.user_id,
                .username = op.username,
                .content = op.content,
                .client_id = op.client_id,
                .created_at = batch.now()};
  if (fresh.client_id) {
    const auto reserved = reserve(fresh);
    if (!reserved) return unexpected(reserved.error());
    if (!*reserved) return first_of(op, batch.now());
  }
  const auto inserted =
      insert_.run(fresh.room, fresh.seq, fresh.id, fresh.rev, fresh.user_id, fresh.username,
                  fresh.content, fresh.client_id, fresh.created_at);
  if (!inserted) return unexpected(inserted.error());
  if (const auto added = index_.add(fresh); !added) return unexpected(added.error());
  batch.took(room, fresh);
  return appended{.stored = std::move(fresh), .repeated = false};
}

expected<bool, store_error> sqlite_appends::reserve(const message& fresh) {
  const auto reserved =
      reserve_.run(fresh.room, fresh.user_id, fresh.client_id, fresh.seq, fresh.id, fresh.rev,
                   fresh.username, fresh.created_at, oldest_remembered(fresh.created_at));
  if (!reserved) return unexpected(reserved.error());
  return reserve_.changes() > 0;
}

op_result sqlite_appends::first_of(const op::append_message& op, timestamp now) {
  auto found = find_first_.query(op.room, op.user_id, op.client_id, oldest_remembered(now));
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return store_error::not_repeated;
  return appended{.stored = message_of(found), .repeated = true};
}

op_result sqlite_appends::repeated_only(const op::append_message& op, timestamp now) {
  if (!op.client_id) return store_error::not_repeated;
  return first_of(op, now);
}

expected<std::int64_t, store_error> sqlite_appends::purge(timestamp now, std::int64_t at_most) {
  if (const auto purged = purge_.run(oldest_remembered(now), at_most); !purged)
    return unexpected(purged.error());
  const auto purged = purge_.changes();
  if (const auto dated = date_back_.run(now, at_most); !dated) return unexpected(dated.error());
  return std::max(purged, date_back_.changes());
}

timestamp sqlite_appends::oldest_remembered(timestamp now) const {
  return timestamp{now.value - dedupe_window_ms_};
}

} // namespace hubbub
