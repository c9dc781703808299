#include "persistence/sqlite_migrations.hpp"

#include <cstdlib>

namespace hubbub::sqlite {

namespace {

// Version 1. A room's counters and the counter of message ids are columns of their own, not the
// maxima of what is there, so that no number returns after its row is gone. edited_at and
// deleted_at are NULL in a message that is as it was sent.
//
// A dedupe record may outlive its message: whoever removes the message moves its content here;
// until then content is NULL and the message has it.
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

constexpr const char* released[] = {create_log};

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

expected<void, migration_error> migrate(database& db, std::span<const char* const> scripts) {
  transaction change{db};
  if (const auto begun = change.begin(); !begun)
    return unexpected(migration_error_of(begun.error()));
  // Read inside the transaction: the answer cannot grow old.
  const auto version = number(db, "PRAGMA user_version");
  if (!version) return unexpected(migration_error_of(version.error()));

  for (auto next = static_cast<std::size_t>(*version); next < scripts.size(); ++next) {
    const auto applied = db.run(scripts[next]).and_then([&] {
      return db.run("PRAGMA application_id = " + std::to_string(application_id) +
                    "; PRAGMA user_version = " + std::to_string(next + 1));
    });
    if (!applied) return unexpected(migration_error_of(applied.error()));
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
