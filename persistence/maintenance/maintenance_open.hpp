#pragma once

#include "persistence/sqlite/file_lock.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

/// How the tools of `maintenance.hpp` get at a database.
namespace hubbub {

/// Opens a database that is there, is ours and is of this version, to read and to write.
[[nodiscard]] expected<sqlite::database, std::string> open_existing(const std::string& path);

/// Whether this process may write the file, and beside it.
[[nodiscard]] bool may_be_written(const std::string& path);

/// What tells that a file was written.
struct file_version {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t bytes = 0;
  std::int64_t seconds = 0; ///< of its last change
  std::int64_t nanoseconds = 0;
  friend bool operator==(const file_version&, const file_version&) = default;
};

/// A database that is only read. Its file need not be writable, nothing is created beside it,
/// and what is in a WAL beside it is read with it. A server that has it is not disturbed.
class readable_database {
 public:
  /// Opens a database that is there, is ours and is of this version.
  [[nodiscard]] static expected<readable_database, std::string> open(const std::string& path);

  [[nodiscard]] sqlite::database& db() { return *db_; }
  [[nodiscard]] std::shared_ptr<sqlite::database> share() const { return db_; }
  /// Fails if somebody wrote the file since it was opened, who was not there then: what was
  /// read may be of several moments. To be asked before what was read is believed.
  [[nodiscard]] expected<void, std::string> was_left_alone() const;

 private:
  readable_database(sqlite::database db, std::string path, std::optional<file_version> version)
      : db_(std::make_shared<sqlite::database>(std::move(db))), path_(std::move(path)),
        version_(version) {}

  std::shared_ptr<sqlite::database> db_;
  std::string path_;
  std::optional<file_version> version_; ///< none: locks keep it from changing
};

/// A database that nobody else has, brought to this version.
struct owned_database {
  file_lock lock;
  sqlite::database db;
};
[[nodiscard]] expected<owned_database, std::string> own_existing(const std::string& path);
/// The same, where the file is created if it is not there.
[[nodiscard]] expected<owned_database, std::string> own_database(const std::string& path);

/// What to say when SQLite failed: what was to be done, and SQLite's own words.
[[nodiscard]] std::string failure(const std::string& task, const sqlite::database& db);

} // namespace hubbub
