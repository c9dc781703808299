#include "persistence/free_space.hpp"
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/maintenance/maintenance_open.hpp"
#include "persistence/postgres/pg_address.hpp"
#include "persistence/sqlite/private_file.hpp"
#include "persistence/sqlite/sqlite_migrations.hpp"
#include "persistence/sqlite/sqlite_search_indexes.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

namespace fs = std::filesystem;

/// Removes an unfinished file, unless it was kept.
class unfinished_file {
 public:
  explicit unfinished_file(std::string path) : path_(std::move(path)) { remove(); }
  unfinished_file(const unfinished_file&) = delete;
  unfinished_file& operator=(const unfinished_file&) = delete;
  ~unfinished_file() { remove(); }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::error_code rename_to(const std::string& target) {
    std::error_code failed;
    fs::rename(path_, target, failed);
    return failed;
  }

 private:
  void remove() {
    std::error_code ignored;
    for (const auto* suffix : {"", "-journal", "-wal", "-shm"})
      fs::remove(path_ + suffix, ignored);
  }

  std::string path_;
};

/// Syncs the folder of a file: a new name is only as durable as the folder that holds it.
void sync_folder_of(const std::string& path) {
  const auto folder = fs::absolute(path).parent_path().string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Copies all pages in one step, so that the copy is one snapshot.
expected<void, std::string> copy(sqlite::database& from, sqlite::database& to) {
  auto* copying = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (!copying) return unexpected(failure("the backup", to));
  const int code = sqlite3_backup_step(copying, -1);
  sqlite3_backup_finish(copying);
  if (code == SQLITE_DONE) return {};
  return unexpected(std::string{"the backup failed: "} + sqlite3_errstr(code));
}

/// What the compaction of an older file needs in its folder, in parts of what the file holds:
/// the messages a second time, their pages in the WAL, and then the pages of the whole file.
constexpr double free_parts = 2.5;

/// Puts the messages of an older file in the order of their ids, in one transaction.
expected<void, std::string> put_in_order(sqlite::database& db, const std::string& path) {
  const auto older =
      db.value("SELECT count(*) FROM sqlite_schema WHERE name = 'messages_by_id'");
  const auto used = db.value("SELECT (page_count - freelist_count) * page_size FROM"
                             " pragma_page_count, pragma_freelist_count, pragma_page_size");
  if (!older || !used) return unexpected(failure("the compaction", db));
  if (*older == "0") return {};
  const auto free = free_bytes_beside(path);
  const auto needed = static_cast<std::uintmax_t>(free_parts * std::stod(*used));
  if (free < needed)
    return unexpected("the compaction of this file needs " + std::to_string(needed) +
                      " free bytes beside it, and there are " + std::to_string(free) +
                      ": make room, or let hubbub db copy write a new file elsewhere");
  sqlite::transaction change{db};
  const auto done =
      change.begin().and_then([&] { return db.run(sqlite::order_by_id()); }).and_then([&] {
        return change.commit();
      });
  // Read before the transaction is rolled back, which takes SQLite's words away.
  if (!done) return unexpected(failure("the compaction", db));
  return {};
}

} // namespace

expected<void, std::string> back_up_database(const std::string& path,
                                             const std::string& target) {
  if (pg::is_address(path))
    return unexpected(std::string{"PostgreSQL's own tools back its databases up: use pg_dump"});
  auto from = readable_database::open(path);
  if (!from) return unexpected(std::move(from.error()));
  std::error_code failed;
  if (fs::equivalent(path, target, failed))
    return unexpected(
        std::string{"the backup would replace the database itself: name another file"});
  unfinished_file part{target + ".part"};
  {
    create_for_owner(part.path());
    auto to = sqlite::database::open(part.path(), sqlite::access::read_write, 0);
    if (!to) return unexpected("cannot write " + part.path() + ": " + to.error());
    if (auto copied = copy(from->db(), *to); !copied) return copied;
  }
  if (auto alone = from->was_left_alone(); !alone) return alone;
  share_like(path, part.path());
  if (const auto error = part.rename_to(target))
    return unexpected("cannot write " + target + ": " + error.message());
  sync_folder_of(target);
  return {};
}

expected<compacted, std::string> compact_database(const std::string& path) {
  if (pg::is_address(path))
    return unexpected(std::string{"PostgreSQL uses the room of what was removed by itself; "
                                  "VACUUM FULL gives it back"});
  auto owned = own_existing(path);
  if (!owned) return unexpected(std::move(owned.error()));
  auto& db = owned->db;
  std::error_code ignored;
  const auto checkpoint = [&] { return db.value("PRAGMA wal_checkpoint(TRUNCATE)"); };
  if (!checkpoint()) return unexpected(failure("the compaction", db));
  compacted sizes;
  sizes.bytes_before = fs::file_size(path, ignored);
  if (auto ordered = put_in_order(db, path); !ordered)
    return unexpected(std::move(ordered.error()));
  // The search comes before the rest, since merging it leaves pages free.
  sqlite::statement answering{db, answering_index_query};
  const auto index = read_answering_index(answering);
  if (!index) return unexpected(failure("the compaction", db));
  const auto table = index->table();
  if (!db.run("INSERT INTO " + table + " (" + table + ") VALUES ('optimize'); VACUUM") ||
      !checkpoint())
    return unexpected(failure("the compaction", db));
  sizes.bytes_after = fs::file_size(path, ignored);
  return sizes;
}

} // namespace hubbub
