#include "persistence/maintenance/copied_tables.hpp"

namespace hubbub {

namespace {

constexpr auto number = cell_kind::number;
constexpr auto text = cell_kind::text;
constexpr auto bytes = cell_kind::bytes;

constexpr cell_kind room_columns[] = {number, text,   number, text,   number, number, number,
                                      number, number, number, number, number, number, number};
constexpr cell_kind message_columns[] = {number, number, number, number, text,   text,
                                         text,   text,   number, number, number, number};
constexpr cell_kind dedupe_columns[] = {number, text,   text, number, number, number,
                                        text,   number, text, number, number};
constexpr cell_kind marker_columns[] = {text, number, number};
constexpr cell_kind session_columns[] = {number, bytes, text, text, text, number};
constexpr cell_kind session_room_columns[] = {number, number, number, number, number, number};
constexpr cell_kind owed_gap_columns[] = {number, number, number};
constexpr cell_kind standing_columns[] = {number, number, text, text, number, number, text};

// The lists of columns are the same on both sides, except for a room's counters: PostgreSQL
// derives those from the room's messages, and keeps a floor for what is gone.
#define ROOMS                                                                                  \
  "id, name, created_at, owner, is_private, first_seq, last_seq, last_rev, last_message_at,"   \
  " latest_at, clock_back_ms, losses, is_closed, closings"
#define MESSAGES                                                                               \
  "room_id, seq, id, rev, user_id, username, content, client_id, created_at, edited_at,"       \
  " deleted_at, acked_to"
#define DEDUPE                                                                                 \
  "room_id, user_id, client_id, seq, id, rev, username, created_at, content, edited_at,"       \
  " deleted_at"
#define MARKERS "user_id, room_id, seq"
#define SESSIONS "session, pid_hash, sid, user_id, username, ended_at"
#define SESSION_ROOMS "session, room_id, seq, rev, losses, closings"
#define OWED_GAPS "session, room_id, from_seq"
#define STANDINGS "room_id, kind, user_id, set_by, set_at, until, reason"
#define PAGE(columns, table, key, after)                                                       \
  "SELECT " columns " FROM " table " WHERE (" key ") > (" after ") ORDER BY " key " LIMIT "
#define LAST(table, key, backward) "SELECT " key " FROM " table " ORDER BY " backward " LIMIT 1"

constexpr copied_table tables[] = {
    {"rooms",
     room_columns,
     1,
     PAGE(ROOMS, "rooms", "id", "?") "?",
     LAST("rooms", "id", "id DESC"),
     "INSERT INTO rooms (" ROOMS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
     {"copy_rooms",
      "SELECT id, h.name, h.created_at, h.owner, h.is_private::int::bigint, h.first_seq,"
      " h.last_seq, h.last_rev, h.last_message_at, h.latest_at, h.clock_back_ms, r.losses,"
      " r.is_closed::int::bigint, r.closings FROM room_records h JOIN rooms r USING (id)"
      " WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint"},
     {"last_copied_room", LAST("rooms", "id", "id DESC")},
     {"store_rooms",
      "INSERT INTO rooms (id, name, created_at, owner, is_private, first_seq, floor_rev,"
      " floor_message_at, latest_at, clock_back_ms, losses, is_closed, closings) SELECT id,"
      " name, created_at, owner, is_private <> 0, first_seq, last_rev, last_message_at,"
      " latest_at, clock_back_ms, losses, is_closed <> 0, closings"
      " FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[],"
      " $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],"
      " $12::bigint[], $13::bigint[], $14::bigint[]) AS i(" ROOMS ")"}},
    {"messages",
     message_columns,
     2,
     PAGE(MESSAGES, "messages", "room_id, seq", "?, ?") "?",
     LAST("messages", "room_id, seq", "room_id DESC, seq DESC"),
     "INSERT INTO messages (" MESSAGES ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
     {"copy_messages",
      PAGE(MESSAGES, "messages", "room_id, seq", "$1::bigint, $2::bigint") "$3::bigint"},
     {"last_copied_message", LAST("messages", "room_id, seq", "room_id DESC, seq DESC")},
     {"store_messages",
      "INSERT INTO messages (" MESSAGES ") SELECT * FROM unnest($1::bigint[], $2::bigint[],"
      " $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],"
      " $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])"}},
    {"repeats",
     dedupe_columns,
     3,
     PAGE(DEDUPE, "dedupe", "room_id, user_id, client_id", "?, ?, ?") "?",
     LAST("dedupe", "room_id, user_id, client_id",
          "room_id DESC, user_id DESC, client_id DESC"),
     "INSERT INTO dedupe (" DEDUPE ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
     {"copy_repeats", PAGE(DEDUPE, "dedupe", "room_id, user_id, client_id",
                           "$1::bigint, $2::text, $3::text") "$4::bigint"},
     {"last_copied_repeat", LAST("dedupe", "room_id, user_id, client_id",
                                 "room_id DESC, user_id DESC, client_id DESC")},
     {"store_repeats",
      "INSERT INTO dedupe (" DEDUPE ") SELECT * FROM unnest($1::bigint[], $2::text[],"
      " $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[],"
      " $9::text[], $10::bigint[], $11::bigint[])"}},
    {"read markers",
     marker_columns,
     2,
     PAGE(MARKERS, "read_markers", "user_id, room_id", "?, ?") "?",
     LAST("read_markers", "user_id, room_id", "user_id DESC, room_id DESC"),
     "INSERT INTO read_markers (" MARKERS ") VALUES (?, ?, ?)",
     {"copy_markers",
      PAGE(MARKERS, "read_markers", "user_id, room_id", "$1::text, $2::bigint") "$3::bigint"},
     {"last_copied_marker",
      LAST("read_markers", "user_id, room_id", "user_id DESC, room_id DESC")},
     {"store_markers", "INSERT INTO read_markers (" MARKERS
                       ") SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])"}},
    {"sessions",
     session_columns,
     1,
     PAGE(SESSIONS, "recoverable", "session", "?") "?",
     LAST("recoverable", "session", "session DESC"),
     "INSERT INTO recoverable (" SESSIONS ") VALUES (?, ?, ?, ?, ?, ?)",
     {"copy_sessions", PAGE(SESSIONS, "recoverable", "session", "$1::bigint") "$2::bigint"},
     {"last_copied_session", LAST("recoverable", "session", "session DESC")},
     {"store_sessions",
      "INSERT INTO recoverable (" SESSIONS ") SELECT * FROM unnest($1::bigint[], $2::bytea[],"
      " $3::text[], $4::text[], $5::text[], $6::bigint[])"}},
    {"rooms of sessions",
     session_room_columns,
     2,
     PAGE(SESSION_ROOMS, "recoverable_rooms", "session, room_id", "?, ?") "?",
     LAST("recoverable_rooms", "session, room_id", "session DESC, room_id DESC"),
     "INSERT INTO recoverable_rooms (" SESSION_ROOMS ") VALUES (?, ?, ?, ?, ?, ?)",
     {"copy_session_rooms", PAGE(SESSION_ROOMS, "recoverable_rooms", "session, room_id",
                                 "$1::bigint, $2::bigint") "$3::bigint"},
     {"last_copied_session_room",
      LAST("recoverable_rooms", "session, room_id", "session DESC, room_id DESC")},
     {"store_session_rooms",
      "INSERT INTO recoverable_rooms (" SESSION_ROOMS ") SELECT * FROM unnest($1::bigint[],"
      " $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])"}},
    {"gaps of sessions",
     owed_gap_columns,
     2,
     PAGE(OWED_GAPS, "owed_gaps", "session, room_id", "?, ?") "?",
     LAST("owed_gaps", "session, room_id", "session DESC, room_id DESC"),
     "INSERT INTO owed_gaps (" OWED_GAPS ") VALUES (?, ?, ?)",
     {"copy_owed_gaps",
      PAGE(OWED_GAPS, "owed_gaps", "session, room_id", "$1::bigint, $2::bigint") "$3::bigint"},
     {"last_copied_gap", LAST("owed_gaps", "session, room_id", "session DESC, room_id DESC")},
     {"store_owed_gaps", "INSERT INTO owed_gaps (" OWED_GAPS
                         ") SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"}},
    {"standings",
     standing_columns,
     3,
     PAGE(STANDINGS, "standings", "room_id, kind, user_id", "?, ?, ?") "?",
     LAST("standings", "room_id, kind, user_id", "room_id DESC, kind DESC, user_id DESC"),
     "INSERT INTO standings (" STANDINGS ") VALUES (?, ?, ?, ?, ?, ?, ?)",
     {"copy_standings", PAGE(STANDINGS, "standings", "room_id, kind, user_id",
                             "$1::bigint, $2::bigint, $3::text") "$4::bigint"},
     {"last_copied_standing",
      LAST("standings", "room_id, kind, user_id", "room_id DESC, kind DESC, user_id DESC")},
     {"store_standings",
      "INSERT INTO standings (" STANDINGS ") SELECT * FROM unnest($1::bigint[], $2::bigint[],"
      " $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])"}},
};

} // namespace

std::span<const copied_table> copied_tables() {
  return tables;
}

} // namespace hubbub
