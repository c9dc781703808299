#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hubbub {

/// When pages are copied from the WAL into the database, in pages of 4 KiB.
struct wal_limits {
  /// Fewest new pages (8 MB) that are copied, so that a burst overwrites hot pages in the WAL
  /// before they are copied once. This many suffice after a commit of a writer that copies
  /// itself, and after a step of care.
  std::int64_t copy = 2'000;
  /// Length at which a WAL should restart: 64 MB. If somebody else copies, this is also when
  /// copying begins: the longer a WAL, the more of its pages were overwritten in it.
  std::int64_t restart = 16'000;
  /// How many passes a separate copier makes then. The second pass copies what was committed
  /// during the first, so that the writer finds little left to copy, which it must do before
  /// the WAL can restart. If as much was committed as copied, commits wait for the next pass.
  int passes = 2;
  /// How long the writer then waits for current readers. A reader that begins meanwhile reads
  /// from the database and is not waited for. Without this wait, a WAL would never restart
  /// under steady reading.
  int restart_patience_ms = 20;
  /// Length (256 MB) from which on the writer waits longer, and also for the copier. If the WAL
  /// still cannot restart, a reader outside of this process holds it; that is reported, and
  /// nobody waits that long again until it is over.
  std::int64_t insist = 64'000;
  int insist_patience_ms = 1'000;
};

/// Keeps the WAL of its connection short. It replaces SQLite's automatic checkpoints, which
/// never make anybody wait, so that the WAL grows for as long as there is always a reader.
class sqlite_wal {
 public:
  /// Attaches to the connection. `busy_ms` is how long the connection waits for other locks.
  /// `watch` is called when the WAL begins to be held, and when it is short again.
  sqlite_wal(sqlite::database& db, int busy_ms, const wal_limits& limits = {},
             log_watch watch = {});
  sqlite_wal(const sqlite_wal&) = delete;
  sqlite_wal& operator=(const sqlite_wal&) = delete;
  ~sqlite_wal();

  /// Call after each commit. Failures are ignored here: the pages stay safe in the WAL.
  void after_commit() { copy_from(limits_.restart); }
  /// Call after a step of care (retention and the like) instead of `after_commit`, so that the
  /// WAL is emptied while there is little to do. A WAL that was held is tried again.
  void after_care();
  /// Returns the length of the file, which only shrinks if it was very long.
  [[nodiscard]] std::uint64_t bytes() const;
  /// Leaves copying to somebody else; see `store_writer::leave_upkeep`.
  void leave_copying(store_writer::upkeep_start start);
  /// Says that a copy is done; see `store_writer::on_upkeep_done`.
  void on_copied();
  /// Moves everything into the database and leaves an empty WAL. SQLite does so when the last
  /// connection closes, but not if that connection only reads. Failures are ignored.
  void finish();

 private:
  /// Has a WAL of at least this length copied by the separate copier, or copies it here.
  void copy_from(std::int64_t length);
  void start_pass(bool urgent);
  void copy();
  /// True if everything that was asked for was copied.
  bool checkpoint(int mode, int patience_ms);
  void set_held(bool held);

  sqlite::database& db_;
  int busy_ms_;
  wal_limits limits_;
  std::int64_t pages_ = 0;           ///< pages in the WAL after the last commit
  std::int64_t handled_ = 0;         ///< pages that were there at the last attempt to copy
  store_writer::upkeep_start start_; ///< set if somebody else copies
  int under_way_ = 0;                ///< passes that were asked for and are not done
  /// Passes that are done, since the first of them was asked for.
  int done_ = 0;
  log_watch watch_;
  /// The WAL is too long, and a reader outside of this process keeps it from restarting.
  bool held_ = false;
};

/// Copies from the WAL of a database that another connection writes.
class sqlite_copier final : public store_upkeep {
 public:
  explicit sqlite_copier(std::string path) : path_(std::move(path)) {}
  /// Copies as much as readers allow.
  void run() override;

 private:
  std::string path_;
  std::optional<sqlite::database> db_; ///< opened when it is first needed
};

} // namespace hubbub
