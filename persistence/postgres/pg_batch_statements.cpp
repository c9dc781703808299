#include "persistence/postgres/pg_batch.hpp"
#include "persistence/postgres/pg_columns.hpp"

#include <tuple>

namespace hubbub {

namespace {

constexpr pg::statement lock_creation{"lock_creation",
                                      "SELECT FROM settings FOR NO KEY UPDATE"};
constexpr pg::statement find_names{"find_names",
                                   "SELECT name FROM rooms WHERE name = ANY($1::text[])"};
// The greatest id is the number of rooms: ids rise by one, and no room is ever removed.
constexpr pg::statement last_room{"last_room", "SELECT coalesce(max(id), 0) FROM rooms"};
// The lock is a statement of its own, so that the statements after it see everything that was
// committed before the lock. It is sorted, so that two batches never wait for each other.
constexpr pg::statement lock_rooms{"lock_rooms",
                                   "SELECT FROM rooms WHERE id = ANY($1::bigint[])"
                                   " ORDER BY id FOR NO KEY UPDATE"};
constexpr pg::statement read_rooms{"read_rooms",
                                   "SELECT " HUBBUB_PG_ROOM_COLUMNS ", latest_at, clock_back_ms"
                                   " FROM room_records WHERE id = ANY($1::bigint[])"};
constexpr pg::statement find_firsts{
    "find_firsts", "SELECT " HUBBUB_PG_MESSAGE_COLUMNS " FROM first_messages"
                   " JOIN unnest($1::bigint[], $2::text[], $3::text[])"
                   " AS i(room_id, user_id, client_id) USING (room_id, user_id, client_id)"
                   " WHERE remembered_at >= $4::bigint"};
constexpr pg::statement find_messages{
    "find_messages", "SELECT " HUBBUB_PG_MESSAGE_COLUMNS " FROM messages"
                     " JOIN unnest($1::bigint[], $2::bigint[]) AS i(room_id, seq)"
                     " USING (room_id, seq)"};
constexpr pg::statement find_markers{
    "find_markers", "SELECT user_id, room_id, seq FROM read_markers"
                    " JOIN unnest($1::text[], $2::bigint[]) AS i(user_id, room_id)"
                    " USING (user_id, room_id)"};

constexpr pg::statement insert_rooms{
    "insert_rooms",
    "INSERT INTO rooms (id, name, created_at, owner, is_private, latest_at, clock_back_ms)"
    " VALUES ($1::bigint, $2::text, $3::bigint, $4::text, $5::boolean, $6::bigint, "
    "$7::bigint)"};
constexpr pg::statement change_policy{
    "change_policy", "UPDATE rooms SET owner = $2::text,"
                     " is_private = $3::boolean, losses = losses + $4::bigint,"
                     " is_closed = $5::boolean,"
                     " closings = closings + $6::bigint WHERE id = $1::bigint"};
constexpr pg::statement change_clock{
    "change_clock", "UPDATE rooms SET latest_at = $2::bigint, clock_back_ms = $3::bigint"
                    " WHERE id = $1::bigint AND (latest_at <> $2::bigint"
                    " OR clock_back_ms <> $3::bigint)"};
constexpr pg::statement insert_messages{
    "insert_messages",
    "WITH placed AS MATERIALIZED (SELECT i.*, nextval('message_ids') AS id FROM"
    " unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],"
    " $7::text[], $8::text[], $9::bigint[], $10::bigint[]) WITH ORDINALITY"
    " AS i(room_id, seq, rev, first_rev, user_id, username, content, client_id, edited_at,"
    " deleted_at, n)),"
    " stored AS (INSERT INTO messages (room_id, seq, id, rev, user_id, username, content,"
    " client_id, created_at, edited_at, deleted_at) SELECT room_id, seq, id, rev,"
    " user_id, username, content, client_id, $11::bigint, edited_at, deleted_at"
    " FROM placed),"
    " remembered AS (INSERT INTO dedupe (room_id, user_id, client_id, seq, id, rev, username,"
    " created_at) SELECT room_id, user_id, client_id, seq, id, first_rev, username,"
    " $11::bigint FROM placed WHERE client_id IS NOT NULL"
    " ON CONFLICT ON CONSTRAINT dedupe_pkey DO UPDATE SET seq = excluded.seq,"
    " id = excluded.id, rev = excluded.rev, username = excluded.username,"
    " created_at = excluded.created_at, content = NULL, edited_at = NULL, deleted_at = NULL)"
    " SELECT id FROM placed ORDER BY n"};
constexpr pg::statement change_messages{
    "change_messages",
    "UPDATE messages m SET rev = i.rev, content = i.content, edited_at = i.edited_at,"
    " deleted_at = i.deleted_at, xid = pg_current_xact_id() FROM unnest($1::bigint[],"
    " $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])"
    " AS i(room_id, seq, rev, content, edited_at, deleted_at)"
    " WHERE m.room_id = i.room_id AND m.seq = i.seq"};
constexpr pg::statement find_ids{"find_ids",
                                 "SELECT room_id, seq, id FROM messages"
                                 " JOIN unnest($1::bigint[], $2::bigint[]) AS i(room_id, seq)"
                                 " USING (room_id, seq)"};
constexpr pg::statement move_markers{
    "move_markers",
    "INSERT INTO read_markers AS r (user_id, room_id, seq)"
    " SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])"
    " ON CONFLICT (user_id, room_id) DO UPDATE SET seq = greatest(r.seq, excluded.seq)"};
constexpr pg::statement put_standing{
    "put_standing",
    "INSERT INTO standings (room_id, kind, user_id, set_by, set_at, until, reason) VALUES"
    " ($1::bigint, $2::bigint, $3::text, $4::text, $5::bigint, $6::bigint, $7::text)"
    " ON CONFLICT (room_id, kind, user_id) DO UPDATE SET set_by = excluded.set_by,"
    " set_at = excluded.set_at, until = excluded.until, reason = excluded.reason"};
constexpr pg::statement remove_standing{"remove_standing",
                                        "DELETE FROM standings WHERE room_id = $1::bigint"
                                        " AND kind = $2::bigint AND user_id = $3::text"};

constexpr pg::statement put_order{
    "put_order",
    "WITH room AS (UPDATE rooms SET floor_rev = greatest(floor_rev, $2::bigint)"
    " WHERE id = $1::bigint)"
    " INSERT INTO room_orders (room_id, rev, what, kind, user_id, given_by, given_at, until,"
    " reason, is_private, owner, is_closed) VALUES ($1::bigint, $2::bigint, $3::bigint,"
    " $4::bigint, $5::text, $6::text, $7::bigint, $8::bigint, $9::text, $10::boolean, "
    "$11::text,"
    " $12::boolean)"};

template <class Numbers>
pg::array numbers(const Numbers& all) {
  pg::array list{pg::element::number};
  for (const auto& each : all)
    list.add(each);
  return list;
}

/// Passes pairs of a room and a message's number as two lists.
template <class Refs>
pg::parameters refs(const Refs& all) {
  pg::array rooms{pg::element::number};
  pg::array seqs{pg::element::number};
  for (const auto& [room, seq] : all) {
    rooms.add(room);
    seqs.add(seq);
  }
  return pg::parameters::of(rooms, seqs);
}

} // namespace

void pg_batch::queue_reads(pg::exchange& reads) {
  queue_room_reads(reads);
  queue_message_reads(reads);
  recovery_.queue_reads(reads);
}

void pg_batch::queue_room_reads(pg::exchange& reads) {
  if (!names_.empty()) reads.add(lock_creation);
  if (!locked_.empty()) reads.add(lock_rooms, pg::parameters::of(numbers(locked_)));
  foreign_.queue_reads(reads, false);
  looked_at_.insert(locked_.begin(), locked_.end());
  if (!looked_at_.empty())
    reads.add(read_rooms, pg::parameters::of(numbers(looked_at_)),
              [this](const pg::result& rows) {
                for (int i = 0; i < rows.size(); ++i) {
                  const auto record = pg::room_of(rows, i);
                  rooms_[record.id] = {.exists = true,
                                       .record = record,
                                       .latest_at = rows.number<timestamp>(i, 10),
                                       .clock_back_ms = rows.integer(i, 11)};
                }
              });
  if (names_.empty()) return;
  pg::array names{pg::element::text};
  for (const auto& name : names_)
    names.add(std::string_view{name});
  reads.add(find_names, pg::parameters::of(names), [this](const pg::result& rows) {
    for (int i = 0; i < rows.size(); ++i)
      taken_names_.insert(rows.text(i, 0));
  });
  reads.add(last_room, {},
            [this](const pg::result& rows) { last_room_ = rows.number<room_id>(0, 0); });
}

void pg_batch::queue_message_reads(pg::exchange& reads) {
  if (!client_ids_.empty()) {
    pg::array rooms{pg::element::number};
    pg::array users{pg::element::text};
    pg::array ids{pg::element::text};
    for (const auto& [key, op] : client_ids_) {
      rooms.add(op->room);
      users.add(std::string_view{op->user_id});
      ids.add(std::string_view{*op->client_id});
    }
    reads.add(find_firsts, pg::parameters::of(rooms, users, ids, oldest_remembered_),
              [this](const pg::result& rows) {
                for (int i = 0; i < rows.size(); ++i) {
                  auto now = pg::message_of(rows, i);
                  op::append_message asked;
                  asked.room = now.room;
                  asked.user_id = now.user_id;
                  asked.client_id = now.client_id;
                  const message_ref where{now.room, now.seq};
                  firsts_[key_of(asked)] = {.where = where, .now = std::move(now)};
                }
              });
  }
  if (!changed_.empty())
    reads.add(find_messages, refs(changed_), [this](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i) {
        auto now = pg::message_of(rows, i);
        const message_ref where{now.room, now.seq};
        messages_[where].now = std::move(now);
      }
    });
  if (marked_.empty()) return;
  pg::array users{pg::element::text};
  pg::array rooms{pg::element::number};
  for (const auto& [user, id] : marked_) {
    users.add(std::string_view{user});
    rooms.add(id);
  }
  reads.add(find_markers, pg::parameters::of(users, rooms), [this](const pg::result& rows) {
    for (int i = 0; i < rows.size(); ++i)
      markers_[{rows.text(i, 0), rows.number<room_id>(i, 1)}] = {rows.number<sequence>(i, 2),
                                                                 false};
  });
}

void pg_batch::queue_writes(pg::exchange& writes) {
  queue_room_writes(writes);
  queue_message_writes(writes);
  queue_marker_writes(writes);
  recovery_.queue_writes(writes);
}

void pg_batch::queue_room_writes(pg::exchange& writes) {
  for (const auto& [id, each] : rooms_) {
    const auto& record = each.record;
    if (each.made) {
      // The room's later changes in this batch are written afterwards, in the order of the ops.
      writes.add(insert_rooms,
                 pg::parameters::of(id, record.name, record.created_at, each.made->owner,
                                    each.made->is_private,
                                    each.clock_changed ? each.latest_at : timestamp{},
                                    each.clock_back_ms));
      continue;
    }
    if (each.clock_changed)
      writes.add(change_clock, pg::parameters::of(id, each.latest_at, each.clock_back_ms));
  }
}

void pg_batch::queue_message_writes(pg::exchange& writes) {
  using list = pg::array;
  if (!appended_.empty()) {
    list rooms{pg::element::number}, seqs{pg::element::number}, revs{pg::element::number},
        first_revs{pg::element::number}, users{pg::element::text}, names{pg::element::text},
        contents{pg::element::text}, client_ids{pg::element::text}, edited{pg::element::number},
        deleted{pg::element::number};
    for (const auto& where : appended_) {
      const auto& each = messages_[where];
      rooms.add(each.now.room);
      seqs.add(each.now.seq);
      revs.add(each.now.rev);
      first_revs.add(each.first_rev);
      users.add(std::string_view{each.now.user_id});
      names.add(std::string_view{each.now.username});
      contents.add(std::string_view{each.now.content});
      client_ids.add(std::optional<std::string_view>{each.now.client_id});
      edited.add(each.now.edited_at);
      deleted.add(each.now.deleted_at);
    }
    writes.add(insert_messages,
               pg::parameters::of(rooms, seqs, revs, first_revs, users, names, contents,
                                  client_ids, edited, deleted, now_),
               [this](const pg::result& rows) {
                 for (int i = 0; i < rows.size(); ++i)
                   messages_[appended_[static_cast<std::size_t>(i)]].now.id =
                       rows.number<message_id>(i, 0);
               });
  }
  list rooms{pg::element::number}, seqs{pg::element::number}, revs{pg::element::number},
      contents{pg::element::text}, edited{pg::element::number}, deleted{pg::element::number};
  for (const auto& [where, each] : messages_) {
    if (each.is_new || !each.changed) continue;
    rooms.add(each.now.room);
    seqs.add(each.now.seq);
    revs.add(each.now.rev);
    contents.add(std::string_view{each.now.content});
    edited.add(each.now.edited_at);
    deleted.add(each.now.deleted_at);
  }
  if (!rooms.empty())
    writes.add(change_messages,
               pg::parameters::of(rooms, seqs, revs, contents, edited, deleted));
}

void pg_batch::queue_marker_writes(pg::exchange& writes) {
  pg::array users{pg::element::text};
  pg::array rooms{pg::element::number};
  pg::array seqs{pg::element::number};
  for (const auto& [where, marker] : markers_) {
    if (!marker.second) continue;
    users.add(std::string_view{where.first});
    rooms.add(where.second);
    seqs.add(marker.first);
  }
  if (!users.empty()) writes.add(move_markers, pg::parameters::of(users, rooms, seqs));
}

void pg_batch::then_change_policy(const room_record& now, bool is_loss, bool is_closing) {
  recovery_.then(change_policy,
                 pg::parameters::of(now.id, now.owner, now.is_private,
                                    static_cast<std::int64_t>(is_loss ? 1 : 0), now.is_closed,
                                    static_cast<std::int64_t>(is_closing ? 1 : 0)));
}

void pg_batch::then_put(room_id room, const standing& now) {
  recovery_.then(put_standing,
                 pg::parameters::of(room, static_cast<std::int64_t>(now.kind), now.user_id,
                                    now.by, now.at, now.until, now.reason));
}

void pg_batch::then_drop(const op::drop_standing& op) {
  recovery_.then(remove_standing,
                 pg::parameters::of(op.room, static_cast<std::int64_t>(op.kind), op.user_id));
}

void pg_batch::then_enter(const room_order& order) {
  const auto& about = order.about;
  recovery_.then(put_order, pg::parameters::of(
                                order.room, order.rev, static_cast<std::int64_t>(order.what),
                                static_cast<std::int64_t>(about.kind), about.user_id, about.by,
                                about.at, about.until, about.reason, order.is_private,
                                order.owner, order.is_closed));
}

void pg_batch::queue_ids(pg::exchange& reads) {
  if (appended_.empty()) return;
  reads.add(find_ids, refs(appended_), [this](const pg::result& rows) {
    for (int i = 0; i < rows.size(); ++i)
      messages_[{rows.number<room_id>(i, 0), rows.number<sequence>(i, 1)}].now.id =
          rows.number<message_id>(i, 2);
  });
}

} // namespace hubbub
