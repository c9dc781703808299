#pragma once

#include "persistence/sqlite/file_lock.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

/// Opens databases for the tools of `maintenance.hpp`.
namespace hubbub {

/// Opens an existing Hubbub database of this version for reading and writing.
[[nodiscard]] expected<sqlite::database, std::string> open_existing(const std::string& path);

/// True if this process may write the file, and create files beside it.
[[nodiscard]] bool may_be_written(const std::string& path);

/// Properties of a file that change when it is written.
struct file_version {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t bytes = 0;
  std::int64_t seconds = 0; ///< time of the last change
  std::int64_t nanoseconds = 0;
  friend bool operator==(const file_version&, const file_version&) = default;
};

/// A database that is only read. Its file need not be writable, nothing is created beside it,
/// and a WAL beside it is read too. A server that uses the database is not disturbed.
class readable_database {
 public:
  /// Opens an existing Hubbub database of this version.
  [[nodiscard]] static expected<readable_database, std::string> open(const std::string& path);

  [[nodiscard]] sqlite::database& db() { return *db_; }
  [[nodiscard]] std::shared_ptr<sqlite::database> share() const { return db_; }
  /// Fails if a process that was not there at the start has written the file since it was
  /// opened; what was read may then mix several moments. Call it before trusting what was read.
  [[nodiscard]] expected<void, std::string> was_left_alone() const;

 private:
  readable_database(sqlite::database db, std::string path, std::optional<file_version> version)
      : db_(std::make_shared<sqlite::database>(std::move(db))), path_(std::move(path)),
        version_(version) {}

  std::shared_ptr<sqlite::database> db_;
  std::string path_;
  std::optional<file_version> version_; ///< empty: locks keep the file from changing
};

/// A database that nobody else uses, migrated to this version.
struct owned_database {
  file_lock lock;
  sqlite::database db;
};
[[nodiscard]] expected<owned_database, std::string> own_existing(const std::string& path);
/// Takes an existing database for this process alone and migrates it to this version. Creates
/// the file if it does not exist.
[[nodiscard]] expected<owned_database, std::string> own_database(const std::string& path);

/// Returns the message for a failure of SQLite: the task, and SQLite's own words.
[[nodiscard]] std::string failure(const std::string& task, const sqlite::database& db);

} // namespace hubbub
