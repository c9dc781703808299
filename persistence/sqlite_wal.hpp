#pragma once

#include "persistence/sqlite_handle.hpp"

#include <cstdint>
#include <memory>

namespace hubbub {

/// When the writer moves pages from the WAL into the database, in pages of 4 KiB.
struct wal_limits {
  /// So many new ones are copied, as far as readers allow: 8 MB, so that a burst overwrites hot
  /// pages in the WAL before they are copied once.
  std::int64_t copy = 2'000;
  /// The same behind a step of care, which has its time: copying 2 MB takes a third of what 8
  /// MB take, of which most is the disk's.
  std::int64_t copy_after_care = 500;
  /// A WAL of this length is to begin again: 64 MB. It does by itself when nobody reads from
  /// it, which under steady reading is never.
  std::int64_t restart = 16'000;
  /// How long the writer then waits for the readers of the moment; who begins to read meanwhile
  /// reads from the database, and is not waited for.
  int restart_patience_ms = 20;
  /// From this length on (256 MB) it waits longer.
  std::int64_t insist = 64'000;
  int insist_patience_ms = 1'000;
};

/// Keeps the WAL of its connection short. Instead of SQLite's automatic checkpoints: those
/// never make anybody wait, so that the WAL grows for as long as there is always a reader.
class sqlite_wal {
 public:
  /// `busy_ms` is how long the connection waits for other locks.
  sqlite_wal(sqlite::database& db, int busy_ms, const wal_limits& limits = {});
  sqlite_wal(const sqlite_wal&) = delete;
  sqlite_wal& operator=(const sqlite_wal&) = delete;
  ~sqlite_wal();

  /// Call after each commit. A failure is no news: the pages stay in the WAL, where they are
  /// safe.
  void after_commit() { copy_from(limits_.copy); }
  /// Call after each step of care (retention and the like), in place of `after_commit`.
  void after_care() { copy_from(limits_.copy_after_care); }
  /// Moves everything into the database and leaves an empty WAL. SQLite does so when the last
  /// connection closes, but not if that one only reads. A failure is no news either.
  void finish();

 private:
  /// Copies where there are at least so many new pages.
  void copy_from(std::int64_t pages);
  void checkpoint(int mode, int patience_ms);

  sqlite::database& db_;
  int busy_ms_;
  wal_limits limits_;
  std::int64_t pages_ = 0;   ///< in the WAL after the last commit
  std::int64_t handled_ = 0; ///< of these, how many there were at the last attempt
};

} // namespace hubbub
