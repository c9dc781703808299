#include "persistence/sqlite_store.hpp"

#include "persistence/sqlite_migrations.hpp"
#include "persistence/sqlite_reader.hpp"
#include "persistence/sqlite_writer.hpp"

#include <utility>

namespace hubbub {

namespace {

// Somebody with a database tool may hold a lock. A start gives up within a second; a running
// server has more patience, since its senders can be told `overloaded` meanwhile.
constexpr int open_busy_ms = 500;
constexpr int writer_busy_ms = 5000;

// Pages (4 KiB) in the WAL after which a commit also copies them into the database: 8 MB, so
// that a burst overwrites hot pages in the WAL before they are copied once.
constexpr const char* checkpoint_pages = "2000";
// A WAL that grew beyond this (a reader held its snapshot) is cut back after the next
// checkpoint.
constexpr const char* wal_bytes = "67108864";
// Of the writer's page cache: 16 MiB, the inner pages of a large log and of the dedupe table.
constexpr const char* writer_cache_kib = "16384";

sqlite::status configure(sqlite::database& db, durability level) {
  return db.run(std::string{"PRAGMA synchronous = "} +
                (level == durability::full ? "FULL" : "NORMAL") +
                "; PRAGMA wal_autocheckpoint = " + checkpoint_pages +
                "; PRAGMA journal_size_limit = " + wal_bytes + "; PRAGMA cache_size = -" +
                writer_cache_kib);
}

} // namespace

expected<sqlite::database, std::string> open_database(const store_config& config) {
  using sqlite::explain, sqlite::migration_error, sqlite::migration_error_of;
  const auto& path = config.path;
  auto opened = sqlite::database::open(path, sqlite::access::read_write, open_busy_ms);
  if (!opened) return unexpected(explain(migration_error::io, path, opened.error()));
  auto& db = *opened;
  if (db.is_read_only())
    return unexpected(explain(migration_error::io, path, "it is read-only"));
  const auto refuse = [&](migration_error why) { return explain(why, path, db.last_error()); };

  const auto scripts = sqlite::migrations();
  const auto origin = sqlite::check_origin(db, static_cast<std::int64_t>(scripts.size()));
  if (!origin) return unexpected(refuse(origin.error()));
  // Before the first transaction, and only once the file is known to be ours: the mode is
  // stored in it.
  const auto mode = db.value("PRAGMA journal_mode = WAL");
  if (!mode) return unexpected(refuse(migration_error_of(mode.error())));
  if (*mode != "wal")
    return unexpected(explain(migration_error::io, path, "no WAL on this file system"));
  if (const auto set = configure(db, config.level); !set)
    return unexpected(refuse(migration_error_of(set.error())));
  if (const auto done = sqlite::migrate(db, scripts); !done)
    return unexpected(refuse(done.error()));
  db.wait_for_locks(writer_busy_ms);
  return opened;
}

expected<std::unique_ptr<store>, std::string> sqlite_store::open(const store_config& config) {
  auto lock = file_lock::take(config.path);
  if (!lock) return unexpected(std::move(lock.error()));
  auto db = open_database(config);
  if (!db) return unexpected(std::move(db.error()));
  auto writer = std::make_unique<sqlite_writer>(std::move(*db), config.dedupe_window_ms);
  if (const auto ready = writer->prepare(); !ready)
    return unexpected(sqlite::explain(sqlite::migration_error::corrupt, config.path,
                                      "its tables are not the ones of its version"));
  return std::unique_ptr<store>{
      new sqlite_store{std::move(*lock), std::move(writer), config.path}};
}

sqlite_store::sqlite_store(file_lock lock, std::unique_ptr<store_writer> writer,
                           std::string path)
    : lock_(std::move(lock)), writer_(std::move(writer)), path_(std::move(path)) {}

std::unique_ptr<store_writer> sqlite_store::writer() {
  return std::move(writer_);
}

std::unique_ptr<store_reader> sqlite_store::reader() {
  return std::make_unique<sqlite_reader>(path_);
}

} // namespace hubbub
