#include "persistence/sqlite_wal.hpp"

#include <sqlite3.h>

#include <tuple>

namespace hubbub {

sqlite_wal::sqlite_wal(sqlite::database& db, int busy_ms, const wal_limits& limits)
    : db_(db), busy_ms_(busy_ms), limits_(limits) {
  const auto count = [](void* wal, sqlite3*, const char*, int pages) {
    static_cast<sqlite_wal*>(wal)->pages_ = pages;
    return SQLITE_OK;
  };
  // Takes the place of the automatic checkpoint.
  sqlite3_wal_hook(db_.handle(), count, this);
}

sqlite_wal::~sqlite_wal() {
  sqlite3_wal_hook(db_.handle(), nullptr, nullptr);
}

void sqlite_wal::copy_from(std::int64_t pages) {
  if (pages_ < handled_) handled_ = 0; // it began again
  if (pages_ - handled_ < pages) return;
  if (pages_ >= limits_.insist)
    checkpoint(SQLITE_CHECKPOINT_RESTART, limits_.insist_patience_ms);
  else if (pages_ >= limits_.restart)
    checkpoint(SQLITE_CHECKPOINT_RESTART, limits_.restart_patience_ms);
  else
    checkpoint(SQLITE_CHECKPOINT_PASSIVE, 0);
  handled_ = pages_;
}

void sqlite_wal::finish() {
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE, limits_.insist_patience_ms);
}

void sqlite_wal::checkpoint(int mode, int patience_ms) {
  db_.wait_for_locks(patience_ms);
  std::ignore = sqlite3_wal_checkpoint_v2(db_.handle(), "main", mode, nullptr, nullptr);
  db_.wait_for_locks(busy_ms_);
}

} // namespace hubbub
