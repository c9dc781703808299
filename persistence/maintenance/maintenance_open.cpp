#include "persistence/maintenance/maintenance_open.hpp"

#include "persistence/sqlite/sqlite_migrations.hpp"
#include "persistence/sqlite/sqlite_search_tokenizer.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

namespace fs = std::filesystem;

constexpr int busy_ms = 5000;

expected<void, std::string> must_exist(const std::string& path) {
  std::error_code failed;
  if (fs::is_regular_file(path, failed)) return {};
  return unexpected("there is no database " + path + ": name the file that the server uses");
}

std::optional<file_version> version_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return file_version{.device = found.st_dev,
                      .inode = found.st_ino,
                      .bytes = found.st_size,
                      .seconds = found.st_mtim.tv_sec,
                      .nanoseconds = found.st_mtim.tv_nsec};
}

bool has_bytes(const std::string& path) {
  const auto version = version_of(path);
  return version && version->bytes > 0;
}

/// Resolves symbolic links, as SQLite does: the WAL lies beside the file that they lead to.
std::string behind_links(const std::string& path) {
  std::error_code failed;
  const auto real = fs::canonical(path, failed);
  return failed ? path : real.string();
}

/// Returns how to read a file so that nothing is left beside it.
sqlite::access access_to_read(const std::string& path) {
  // If both files exist, a process uses the database, or used it and died; then SQLite's shared
  // locks are needed. A journal that was left over must be handled by SQLite.
  if ((version_of(path + "-shm") && version_of(path + "-wal")) || has_bytes(path + "-journal"))
    return sqlite::access::read_only;
  return has_bytes(path + "-wal") ? sqlite::access::unshared : sqlite::access::immutable;
}

expected<sqlite::database, std::string> open_as(const std::string& path, sqlite::access mode) {
  using sqlite::explain, sqlite::migration_error, sqlite::migration_error_of;
  if (const auto exists = must_exist(path); !exists) return unexpected(exists.error());
  auto db = sqlite::database::open(path, mode, busy_ms);
  if (!db) return unexpected(explain(migration_error::io, path, db.error()));
  const auto newest = std::to_string(sqlite::migrations().size());
  if (const auto origin = sqlite::check_origin(*db, std::stoll(newest)); !origin)
    return unexpected(explain(origin.error(), path, db->last_error()));
  const auto version = db->value("PRAGMA user_version");
  if (!version)
    return unexpected(explain(migration_error_of(version.error()), path, db->last_error()));
  if (*version != newest)
    return unexpected("the database " + path +
                      " was written by an older version of Hubbub: start the server with it "
                      "once, which brings it up to date");
  if (const auto added = add_search_tokenizer(*db); !added)
    return unexpected(explain(migration_error_of(added.error()), path, db->last_error()));
  return db;
}

} // namespace

expected<sqlite::database, std::string> open_existing(const std::string& path) {
  return open_as(path, sqlite::access::read_write);
}

bool may_be_written(const std::string& path) {
  const auto real = behind_links(path);
  const auto writable = [](const std::string& name) {
    return ::faccessat(AT_FDCWD, name.c_str(), W_OK, AT_EACCESS) == 0;
  };
  return writable(real) && writable(fs::absolute(real).parent_path().string());
}

expected<readable_database, std::string> readable_database::open(const std::string& path) {
  const auto real = behind_links(path);
  // Taken before the file is opened, so that every later change is noticed.
  auto version = version_of(real);
  const auto mode = access_to_read(real);
  if (mode == sqlite::access::read_only) version.reset();
  return open_as(path, mode).map([&](sqlite::database db) {
    return readable_database{std::move(db), real, version};
  });
}

expected<void, std::string> readable_database::was_left_alone() const {
  if (!version_ || version_of(path_) == version_) return {};
  return unexpected("the database " + path_ + " was written while it was read: try again");
}

expected<owned_database, std::string> own_existing(const std::string& path) {
  if (const auto exists = must_exist(path); !exists) return unexpected(exists.error());
  return own_database(path);
}

expected<owned_database, std::string> own_database(const std::string& path) {
  auto lock = file_lock::take(path);
  if (!lock) return unexpected(std::move(lock.error()));
  store_config config;
  config.path = path;
  auto db = open_database(config);
  if (!db) return unexpected(std::move(db.error()));
  return owned_database{*std::move(lock), *std::move(db)};
}

std::string failure(const std::string& task, const sqlite::database& db) {
  return task + " failed: " + db.last_error();
}

} // namespace hubbub
