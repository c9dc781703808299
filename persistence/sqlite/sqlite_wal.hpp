#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hubbub {

/// When pages move from the WAL into the database, in pages of 4 KiB.
struct wal_limits {
  /// Fewer new ones than these (8 MB) are never copied, so that a burst overwrites hot pages in
  /// the WAL before they are copied once. Behind a commit of a writer that copies itself, and
  /// behind a step of care, so many are enough.
  std::int64_t copy = 2'000;
  /// A WAL of this length is to begin again: 64 MB. Where somebody else copies, that is when:
  /// the longer a WAL, the more of its pages were overwritten in it.
  std::int64_t restart = 16'000;
  /// How often that one copies then: the second time what was committed during the first, so
  /// that the writer finds little of it to copy, which it must for the WAL to begin again. If
  /// as much was committed as copied, nothing more is until it has.
  int passes = 2;
  /// How long the writer then waits for the readers of the moment; who begins to read meanwhile
  /// reads from the database, and is not waited for. Without, under steady reading, a WAL never
  /// begins again.
  int restart_patience_ms = 20;
  /// From this length on (256 MB) it waits longer, and for whoever copies. A WAL that cannot
  /// begin again even so is held by a reader outside of this process; that is told, and
  /// nobody waits so long again until it is over.
  std::int64_t insist = 64'000;
  int insist_patience_ms = 1'000;
};

/// Keeps the WAL of its connection short. Instead of SQLite's automatic checkpoints: those
/// never make anybody wait, so that the WAL grows for as long as there is always a reader.
class sqlite_wal {
 public:
  /// `busy_ms` is how long the connection waits for other locks. `watch` hears when the WAL
  /// begins to be held, and when it is short again.
  sqlite_wal(sqlite::database& db, int busy_ms, const wal_limits& limits = {},
             log_watch watch = {});
  sqlite_wal(const sqlite_wal&) = delete;
  sqlite_wal& operator=(const sqlite_wal&) = delete;
  ~sqlite_wal();

  /// Call after each commit. A failure is no news: the pages stay in the WAL, where they are
  /// safe.
  void after_commit() { copy_from(limits_.restart); }
  /// Call after a step of care (retention and the like) in place of it: while there is little
  /// to do, what is in the WAL does not stay there. A WAL that was held is tried again.
  void after_care();
  /// How long the file is: it only shrinks where it was very long.
  [[nodiscard]] std::uint64_t bytes() const;
  /// See `store_writer::leave_upkeep`.
  void leave_copying(store_writer::upkeep_start start);
  /// See `store_writer::on_upkeep_done`.
  void on_copied();
  /// Moves everything into the database and leaves an empty WAL. SQLite does so when the last
  /// connection closes, but not if that one only reads. A failure is no news either.
  void finish();

 private:
  /// Has a WAL of this length copied by whoever else copies, or copies itself.
  void copy_from(std::int64_t length);
  void start_pass(bool urgent);
  void copy();
  /// Whether all was copied that was asked for.
  bool checkpoint(int mode, int patience_ms);
  void set_held(bool held);

  sqlite::database& db_;
  int busy_ms_;
  wal_limits limits_;
  std::int64_t pages_ = 0;           ///< in the WAL after the last commit
  std::int64_t handled_ = 0;         ///< of these, how many there were at the last attempt
  store_writer::upkeep_start start_; ///< where somebody else copies
  int under_way_ = 0;                ///< passes that were asked for and are not done
  int done_ = 0;                     ///< and are, since the first of them was asked for
  log_watch watch_;
  bool held_ = false; ///< it is too long, and somebody outside keeps it from beginning again
};

/// Copies from the WAL of a database that another connection writes.
class sqlite_copier final : public store_upkeep {
 public:
  explicit sqlite_copier(std::string path) : path_(std::move(path)) {}
  /// Copies as much as readers allow.
  void run() override;

 private:
  std::string path_;
  std::optional<sqlite::database> db_; ///< once it was needed
};

} // namespace hubbub
