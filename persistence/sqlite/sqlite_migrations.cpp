#include "persistence/sqlite/sqlite_migrations.hpp"

#include <cstdlib>

namespace hubbub::sqlite {

namespace {

// Version 1. A room's counters and the counter of message ids are columns of their own, not the
// maxima of the rows, so that no number is used again after its row is gone. edited_at and
// deleted_at are NULL in a message that is as it was sent.
//
// A dedupe record may outlive its message. The code that removes the message moves its content
// here; until then content is NULL and the message has it.
constexpr const char* create_log = R"(
CREATE TABLE counters (
  name  TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('last_message_id', 0);

CREATE TABLE rooms (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  name            TEXT NOT NULL COLLATE BINARY UNIQUE,
  created_at      INTEGER NOT NULL,
  last_seq        INTEGER NOT NULL DEFAULT 0,
  last_rev        INTEGER NOT NULL DEFAULT 0,
  last_message_at INTEGER
) STRICT;

CREATE TABLE messages (
  room_id    INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  id         INTEGER NOT NULL,
  rev        INTEGER NOT NULL,
  user_id    TEXT NOT NULL,
  username   TEXT NOT NULL,
  content    TEXT NOT NULL,
  client_id  TEXT,
  created_at INTEGER NOT NULL,
  edited_at  INTEGER,
  deleted_at INTEGER,
  PRIMARY KEY (room_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE dedupe (
  room_id    INTEGER NOT NULL,
  user_id    TEXT NOT NULL,
  client_id  TEXT NOT NULL,
  seq        INTEGER NOT NULL,
  id         INTEGER NOT NULL,
  rev        INTEGER NOT NULL,
  username   TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  content    TEXT,
  PRIMARY KEY (room_id, user_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dedupe_by_created_at ON dedupe (created_at);
)";

// Parts of released scripts that the order by id has as well: never changed either.
// Takes away the block of a removed message that was the last one of its user in it.
#define USER_BLOCK_EMPTY                                                                       \
  "CREATE TRIGGER user_block_empty AFTER DELETE ON messages WHEN NOT EXISTS ("                 \
  " SELECT 1 FROM messages WHERE room_id = old.room_id AND user_id = old.user_id"              \
  " AND seq BETWEEN old.seq >> 6 << 6 AND (old.seq >> 6 << 6) + 63"                            \
  ") BEGIN"                                                                                    \
  " DELETE FROM user_blocks"                                                                   \
  " WHERE room_id = old.room_id AND user_id = old.user_id AND block = old.seq >> 6;"           \
  " END;"
#define CHANGED_MESSAGES                                                                       \
  "CREATE INDEX changed_messages ON messages (room_id, rev)"                                   \
  " WHERE edited_at IS NOT NULL OR deleted_at IS NOT NULL;"

// Version 2: search, edits, retention, read markers, recovery.
//
// The words of the search are kept outside of the messages, which are read through a view since
// FTS5 wants columns of the same names. `scope` narrows a search to a room or a user inside the
// index: it holds one word for each, the user's in hexadecimal so that it stays one word. The
// triggers keep the words in step with every change of a message; a tombstone has none, but
// counts as a row without words.
//
// `automerge` keeps the number of pieces of the index low by small steps. `crisismerge` is set
// so high that it never happens, since a crisis would merge a whole level within one commit.
//
// `clock_back_ms` is the most by which the clock was set back (against `latest_at`, the latest
// time in the room until then). It tells how far from sorted the times of a room's messages
// are.
constexpr const char* add_search_and_recovery = R"(
ALTER TABLE rooms ADD COLUMN first_seq INTEGER NOT NULL DEFAULT 1;
ALTER TABLE rooms ADD COLUMN latest_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN clock_back_ms INTEGER NOT NULL DEFAULT 0;
UPDATE rooms SET (latest_at, clock_back_ms) =
  (SELECT coalesce(max(latest), 0), coalesce(max(latest - created_at), 0) FROM
    (SELECT created_at, max(created_at) OVER (ORDER BY seq) AS latest
     FROM messages WHERE room_id = rooms.id));

ALTER TABLE messages ADD COLUMN acked_to INTEGER;
CREATE UNIQUE INDEX messages_by_id ON messages (id);
CREATE INDEX messages_by_user ON messages (room_id, user_id, seq);
)" CHANGED_MESSAGES R"(

ALTER TABLE dedupe ADD COLUMN edited_at INTEGER;
ALTER TABLE dedupe ADD COLUMN deleted_at INTEGER;

CREATE VIEW searchable (id, content, scope) AS
  SELECT id, content, 'r' || room_id || ' u' || hex(user_id) FROM messages;
CREATE VIRTUAL TABLE search USING fts5 (
  content, scope, content = 'searchable', content_rowid = 'id',
  tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search (search) VALUES ('rebuild');
INSERT INTO search (search, rank) VALUES ('crisismerge', 64);
CREATE TRIGGER search_new AFTER INSERT ON messages BEGIN
  INSERT INTO search (rowid, content, scope)
  VALUES (new.id, new.content, 'r' || new.room_id || ' u' || hex(new.user_id));
END;
CREATE TRIGGER search_changed AFTER UPDATE OF content ON messages BEGIN
  INSERT INTO search (search, rowid, content, scope)
  VALUES ('delete', old.id, old.content, 'r' || old.room_id || ' u' || hex(old.user_id));
  INSERT INTO search (rowid, content, scope)
  VALUES (new.id, new.content, 'r' || new.room_id || ' u' || hex(new.user_id));
END;
CREATE TRIGGER search_removed AFTER DELETE ON messages BEGIN
  INSERT INTO search (search, rowid, content, scope)
  VALUES ('delete', old.id, old.content, 'r' || old.room_id || ' u' || hex(old.user_id));
END;

CREATE TABLE read_markers (
  user_id TEXT NOT NULL,
  room_id INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  PRIMARY KEY (user_id, room_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE recoverable (
  session  INTEGER PRIMARY KEY,
  pid_hash BLOB NOT NULL,
  sid      TEXT NOT NULL,
  user_id  TEXT NOT NULL,
  username TEXT NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX recoverable_by_end ON recoverable (ended_at);
CREATE TABLE recoverable_rooms (
  session INTEGER NOT NULL,
  room_id INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  rev     INTEGER NOT NULL,
  PRIMARY KEY (session, room_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER recoverable_gone AFTER DELETE ON recoverable BEGIN
  DELETE FROM recoverable_rooms WHERE session = old.session;
END;

CREATE TABLE secret (bytes BLOB NOT NULL) STRICT;
INSERT INTO secret VALUES (randomblob(16));
)";

// Version 3: the statement after the one that inserts a message adds its words
// (`sqlite_message_index`), which costs a fraction of what this trigger did. FTS5 no longer
// merges by itself (`sqlite_search_merges`).
constexpr const char* add_words_without_trigger = R"(
DROP TRIGGER search_new;
INSERT INTO search (search, rank) VALUES ('automerge', 0);
)";

// Version 4: owners, private rooms, and standings of users in rooms. The kinds are those of
// proto/access/standing.hpp. `until` is NULL if a standing holds until it is lifted.
constexpr const char* add_moderation = R"(
ALTER TABLE rooms ADD COLUMN owner TEXT;
ALTER TABLE rooms ADD COLUMN is_private INTEGER NOT NULL DEFAULT 0;
CREATE INDEX private_rooms ON rooms (id) WHERE is_private;

CREATE TABLE standings (
  room_id INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  set_by  TEXT NOT NULL,
  set_at  INTEGER NOT NULL,
  until   INTEGER,
  reason  TEXT NOT NULL,
  PRIMARY KEY (room_id, kind, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX standings_by_end ON standings (until) WHERE until IS NOT NULL;

CREATE INDEX recoverable_by_user ON recoverable (user_id);
)";

// Version 5: the messages of a user in a room are found by the blocks of 64 messages that
// contain any (`sqlite_message_index`, and the trigger when none are left). An index of all
// messages, in a thousand rooms, cost one more page to write for each message.
constexpr const char* add_user_blocks = R"(
CREATE TABLE user_blocks (
  room_id INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  block   INTEGER NOT NULL,
  PRIMARY KEY (room_id, user_id, block)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO user_blocks SELECT room_id, user_id, seq >> 6 FROM messages;
)" USER_BLOCK_EMPTY R"(
DROP INDEX messages_by_user;
)";

// Version 6: the list of the search indexes. The old one is numbered 0; the tokenizer of this
// program or of another one makes the others (`sqlite_search_indexes`). The indexer writes them
// all, so the triggers are dropped. How far an index follows the log is a counter, beside the
// one that every batch writes anyway. The states are those of `search_index_state`.
constexpr const char* add_search_indexes = R"(
CREATE TABLE search_indexes (
  generation INTEGER NOT NULL PRIMARY KEY,
  made_by    TEXT NOT NULL,
  state      INTEGER NOT NULL
) STRICT;
INSERT INTO search_indexes VALUES (0, 'unicode61', 1);
INSERT INTO counters SELECT 'search_cursor_0', value FROM counters
 WHERE name = 'last_message_id';
DROP TRIGGER search_changed;
DROP TRIGGER search_removed;
)";

// Version 7: gaps that recoverable sessions are owed, for rooms that they joined or have yet to
// join. Whatever ends a membership also ends what is owed for it. Since offsets tell a session
// what it has, `acked_to` is not written any more; its values in old messages are still read
// for the sessions that they name.
constexpr const char* add_owed_gaps = R"(
CREATE TABLE owed_gaps (
  session  INTEGER NOT NULL,
  room_id  INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  PRIMARY KEY (session, room_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER owing_session_gone AFTER DELETE ON recoverable BEGIN
  DELETE FROM owed_gaps WHERE session = old.session;
END;
CREATE TRIGGER owing_room_gone AFTER DELETE ON recoverable_rooms BEGIN
  DELETE FROM owed_gaps WHERE session = old.session AND room_id = old.room_id;
END;
)";

// Version 8: the losses of rooms and memberships (`sqlite_losses`). A membership that its user
// has lost by name has -1.
constexpr const char* add_losses = R"(
ALTER TABLE rooms ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recoverable_rooms ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
)";

// Version 9: the index that answers may lag behind the log by some messages, and the counter of
// ids behind the newest message. An earlier program would never take those messages in, and
// would use ids again, so it must refuse the file.
constexpr const char* let_index_follow = "-- nothing to change\n";

// Version 10: facts about messages beside the search indexes (`sqlite_search_facts`). Those
// about the messages that are there are filled in later, block by block: a counter says how
// many blocks may lack some. An earlier program would change messages without their facts.
constexpr const char* add_search_facts = R"(
CREATE TABLE search_facts (place INTEGER PRIMARY KEY, facts BLOB NOT NULL) STRICT;
INSERT INTO counters SELECT 'search_facts_' || generation,
  (SELECT value / 1500 + 1 FROM counters WHERE name = 'search_cursor_' || generation)
  FROM search_indexes WHERE generation > 0 AND state < 2;
)";

// Version 11: closed rooms, and how often a room was closed, which a membership remembers from
// its start (`sqlite_losses`). An earlier program would let people into them.
constexpr const char* add_closed_rooms = R"(
ALTER TABLE rooms ADD COLUMN is_closed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN closings INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recoverable_rooms ADD COLUMN closings INTEGER NOT NULL DEFAULT 0;
)";

// Version 12: new files have their messages in the order of ids (`order_by_id`), the others
// stay as they are. An earlier program looks for an index that a new file does not have.
constexpr const char* let_messages_lie_by_id = "-- nothing to change\n";

// Messages in the order of their ids: what a commit adds lies side by side, however many rooms
// it is for. In the order of room and `seq`, pages are nearly full, so that about every third
// message has the rows of three pages shared out among them anew, and two pages are written for
// a message. In exchange a page of history takes a look-up for each message. The index has the
// author and the time of deletion as well, so that counting unread messages reads no message,
// and finding those of a user reads only these.
//
// The view over the messages goes by their table's name, which the older rules of renaming
// leave as it is.
constexpr const char* lay_out_by_id = "PRAGMA legacy_alter_table = ON;"
                                      "ALTER TABLE messages RENAME TO messages_before;"
                                      "PRAGMA legacy_alter_table = OFF;"
                                      R"(
CREATE TABLE messages (
  id         INTEGER PRIMARY KEY,
  room_id    INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  rev        INTEGER NOT NULL,
  user_id    TEXT NOT NULL,
  username   TEXT NOT NULL,
  content    TEXT NOT NULL,
  client_id  TEXT,
  created_at INTEGER NOT NULL,
  edited_at  INTEGER,
  deleted_at INTEGER,
  acked_to   INTEGER
) STRICT;
INSERT INTO messages (id, room_id, seq, rev, user_id, username, content, client_id, created_at,
  edited_at, deleted_at, acked_to)
  SELECT id, room_id, seq, rev, user_id, username, content, client_id, created_at, edited_at,
    deleted_at, acked_to FROM messages_before ORDER BY id;
DROP TABLE messages_before;
CREATE INDEX messages_by_place ON messages (room_id, seq, user_id, deleted_at);
)" CHANGED_MESSAGES USER_BLOCK_EMPTY;

constexpr const char* released[] = {create_log,
                                    add_search_and_recovery,
                                    add_words_without_trigger,
                                    add_moderation,
                                    add_user_blocks,
                                    add_search_indexes,
                                    add_owed_gaps,
                                    add_losses,
                                    let_index_follow,
                                    add_search_facts,
                                    add_closed_rooms,
                                    let_messages_lie_by_id};

expected<std::int64_t, store_error> number(database& db, const std::string& query) {
  return db.value(query).map(
      [](const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); });
}

} // namespace

migration_error migration_error_of(store_error why) {
  switch (why) {
  case store_error::full: return migration_error::full;
  case store_error::corrupt: return migration_error::corrupt;
  default: return migration_error::io;
  }
}

std::span<const char* const> migrations() {
  return released;
}

expected<void, migration_error> check_origin(database& db, std::int64_t newest_version) {
  const auto owner = number(db, "PRAGMA application_id");
  if (!owner) return unexpected(migration_error_of(owner.error()));
  const auto version = number(db, "PRAGMA user_version");
  if (!version) return unexpected(migration_error_of(version.error()));
  const auto objects = number(db, "SELECT count(*) FROM sqlite_schema");
  if (!objects) return unexpected(migration_error_of(objects.error()));

  const bool fresh = *owner == 0 && *version == 0 && *objects == 0;
  if (!fresh && *owner != application_id) return unexpected(migration_error::foreign);
  if (*version > newest_version) return unexpected(migration_error::newer);
  return {};
}

const char* order_by_id() {
  return lay_out_by_id;
}

expected<void, migration_error> migrate(database& db, std::span<const char* const> scripts,
                                        const char* for_new_file) {
  transaction change{db};
  if (const auto begun = change.begin(); !begun)
    return unexpected(migration_error_of(begun.error()));
  // Read inside the transaction, so that the answer stays true.
  const auto version = number(db, "PRAGMA user_version");
  if (!version) return unexpected(migration_error_of(version.error()));

  for (auto next = static_cast<std::size_t>(*version); next < scripts.size(); ++next) {
    const auto applied = db.run(scripts[next]).and_then([&] {
      return db.run("PRAGMA application_id = " + std::to_string(application_id) +
                    "; PRAGMA user_version = " + std::to_string(next + 1));
    });
    if (!applied) return unexpected(migration_error_of(applied.error()));
  }
  if (*version == 0 && for_new_file != nullptr) {
    if (const auto applied = db.run(for_new_file); !applied)
      return unexpected(migration_error_of(applied.error()));
  }
  if (const auto done = change.commit(); !done)
    return unexpected(migration_error_of(done.error()));
  return {};
}

std::string explain(migration_error why, const std::string& path, const std::string& detail) {
  const auto because = detail.empty() ? "" : " (" + detail + ")";
  switch (why) {
  case migration_error::newer:
    return "the database " + path +
           " was written by a newer version of Hubbub: start that version, or choose another "
           "file";
  case migration_error::foreign:
    return path + " is the database of another program: choose another file";
  case migration_error::full:
    return "cannot write the database " + path +
           ": the disk is full; free some space and start again";
  case migration_error::corrupt:
    return path + " is damaged or not a database" + because +
           ": restore a backup, or choose another file";
  case migration_error::io:
    return "cannot open the database " + path + because +
           ": make sure that the file and its folder can be written and that no tool holds it";
  }
  return {};
}

} // namespace hubbub::sqlite
