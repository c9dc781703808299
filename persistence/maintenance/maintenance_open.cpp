#include "persistence/maintenance/maintenance_open.hpp"

#include "persistence/sqlite/sqlite_migrations.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

constexpr int busy_ms = 5000;

expected<void, std::string> must_exist(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::is_regular_file(path, failed)) return {};
  return unexpected("there is no database " + path + ": name the file that the server uses");
}

} // namespace

expected<sqlite::database, std::string> open_existing(const std::string& path,
                                                      sqlite::access mode) {
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
  return db;
}

expected<owned_database, std::string> own_existing(const std::string& path) {
  if (const auto exists = must_exist(path); !exists) return unexpected(exists.error());
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
