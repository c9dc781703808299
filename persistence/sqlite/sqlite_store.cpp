#include "persistence/sqlite/sqlite_store.hpp"

#include "persistence/sqlite/private_file.hpp"
#include "persistence/sqlite/sqlite_migrations.hpp"
#include "persistence/sqlite/sqlite_reader.hpp"
#include "persistence/sqlite/sqlite_search_indexes.hpp"
#include "persistence/sqlite/sqlite_search_tokenizer.hpp"
#include "persistence/sqlite/sqlite_wal.hpp"
#include "persistence/sqlite/sqlite_writer.hpp"
#include "persistence/system_time.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

// Another tool may hold a lock on the database. A start gives up within a second.
constexpr int open_busy_ms = 500;

// A WAL that grew beyond this, twice the length at which it should restart (`wal_limits`), is
// truncated when it does.
constexpr const char* wal_bytes = "134217728";
// The writer's page cache: 16 MiB, for the inner pages of a large log and of the dedupe table.
constexpr const char* writer_cache_kib = "16384";

constexpr auto in_memory = ":memory:";

sqlite::status configure(sqlite::database& db, durability level) {
  return sqlite_writer::set_durability(db, level).and_then([&] {
    return db.run(std::string{"PRAGMA journal_size_limit = "} + wal_bytes +
                  "; PRAGMA cache_size = -" + writer_cache_kib);
  });
}

sqlite::status read_secret(const sqlite::database& db, std::span<std::uint8_t> secret) {
  sqlite::statement find{db, "SELECT bytes FROM secret"};
  auto found = find.query();
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row || !found.bytes(0, secret)) return unexpected(store_error::corrupt);
  return {};
}

/// Refuses a folder or a device as the place of a database; SQLite's own message is less clear.
expected<void, std::string> must_be_a_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const auto what = fs::status(path, failed);
  if (!fs::exists(what) || fs::is_regular_file(what)) return {};
  return unexpected("the database " + path +
                    (fs::is_directory(what) ? " is a folder: name a file in it"
                                            : " is not a file: choose another name"));
}

} // namespace

expected<sqlite::database, std::string> open_database(const store_config& config) {
  using sqlite::explain, sqlite::migration_error, sqlite::migration_error_of;
  const auto& path = config.path;
  if (path != in_memory) create_for_owner(path); // it holds all messages
  auto opened = sqlite::database::open(path, sqlite::access::read_write, open_busy_ms);
  if (!opened) return unexpected(explain(migration_error::io, path, opened.error()));
  auto& db = *opened;
  if (db.is_read_only())
    return unexpected(explain(migration_error::io, path, "it is read-only"));
  const auto refuse = [&](migration_error why) { return explain(why, path, db.last_error()); };

  const auto scripts = sqlite::migrations();
  const auto origin = sqlite::check_origin(db, static_cast<std::int64_t>(scripts.size()));
  if (!origin) return unexpected(refuse(origin.error()));
  // Set before the first transaction, and only once the file is known to be ours, since the
  // mode is stored in the file.
  const auto mode = db.value("PRAGMA journal_mode = WAL");
  if (!mode) return unexpected(refuse(migration_error_of(mode.error())));
  if (*mode != "wal" && path != in_memory)
    return unexpected(explain(migration_error::io, path, "no WAL on this file system"));
  if (const auto set = configure(db, config.level); !set)
    return unexpected(refuse(migration_error_of(set.error())));
  if (const auto done = sqlite::migrate(db, scripts, sqlite::order_by_id()); !done)
    return unexpected(refuse(done.error()));
  const auto searchable =
      add_search_tokenizer(db).and_then([&] { return ensure_search_index(db); });
  if (!searchable) return unexpected(refuse(migration_error_of(searchable.error())));
  db.wait_for_locks(sqlite_writer::busy_ms);
  return opened;
}

expected<std::unique_ptr<store>, std::string> sqlite_store::open(const store_config& config) {
  std::unique_ptr<sqlite_store> made{new sqlite_store};
  made->path_ = config.path;
  if (config.path != in_memory) {
    if (const auto fits = must_be_a_file(config.path); !fits) return unexpected(fits.error());
    auto lock = file_lock::take(config.path);
    if (!lock) return unexpected(std::move(lock.error()));
    made->lock_.emplace(*std::move(lock));
  }
  auto opened = open_database(config);
  if (!opened) return unexpected(std::move(opened.error()));
  auto db = std::make_shared<sqlite::database>(*std::move(opened));
  const auto half = db->value("SELECT count(*) FROM sqlite_schema WHERE name = 'copying'");
  if (half && *half != "0")
    return unexpected("the database " + config.path +
                      " is a copy that is not whole: run the same hubbub db copy again");
  const auto refuse = [&](sqlite::migration_error why, const std::string& detail) {
    return unexpected(sqlite::explain(why, config.path, detail));
  };
  auto writer = std::make_unique<sqlite_writer>(db, config);
  if (!writer->prepare() || !read_secret(*db, made->secret_))
    return refuse(sqlite::migration_error::corrupt,
                  "its tables are not the ones of its version");
  if (const auto started = writer->start(system_time()); !started)
    return refuse(sqlite::migration_error_of(started.error()), db->last_error());
  made->writer_ = std::move(writer);
  if (made->lock_) made->lock_->keep_file();
  if (config.path == in_memory) made->memory_ = std::move(db);
  return std::unique_ptr<store>{std::move(made)};
}

expected<schema_versions, std::string> sqlite_store::look_at(const store_config& config) {
  using sqlite::explain, sqlite::migration_error_of;
  const auto& path = config.path;
  const auto newest = static_cast<std::int64_t>(sqlite::migrations().size());
  std::error_code failed;
  if (path == in_memory || !std::filesystem::exists(path, failed))
    return schema_versions{0, newest};
  if (const auto fits = must_be_a_file(path); !fits) return unexpected(fits.error());
  auto db = sqlite::database::open(path, sqlite::access::read_only, open_busy_ms);
  if (!db) return unexpected(explain(migration_error_of(store_error::io), path, db.error()));
  if (const auto ours = sqlite::check_origin(*db, newest); !ours)
    return unexpected(explain(ours.error(), path, db->last_error()));
  const auto there = db->value("PRAGMA user_version");
  if (!there)
    return unexpected(explain(migration_error_of(there.error()), path, db->last_error()));
  return schema_versions{std::strtoll(there->c_str(), nullptr, 10), newest};
}

std::unique_ptr<store_writer> sqlite_store::writer() {
  return std::move(writer_);
}

std::unique_ptr<store_reader> sqlite_store::reader() {
  if (memory_) return std::make_unique<sqlite_reader>(memory_);
  return std::make_unique<sqlite_reader>(path_);
}

std::unique_ptr<store_upkeep> sqlite_store::upkeep() {
  if (memory_) return nullptr;
  return std::make_unique<sqlite_copier>(path_);
}

} // namespace hubbub
