#include "persistence/sqlite/sqlite_wal.hpp"

#include <sqlite3.h>

#include <tuple>
#include <utility>

namespace hubbub {

sqlite_wal::sqlite_wal(sqlite::database& db, int busy_ms, const wal_limits& limits,
                       log_watch watch)
    : db_(db), busy_ms_(busy_ms), limits_(limits), watch_(std::move(watch)) {
  const auto count = [](void* wal, sqlite3*, const char*, int pages) {
    static_cast<sqlite_wal*>(wal)->pages_ = pages;
    return SQLITE_OK;
  };
  // Replaces the automatic checkpoint.
  sqlite3_wal_hook(db_.handle(), count, this);
}

sqlite_wal::~sqlite_wal() {
  sqlite3_wal_hook(db_.handle(), nullptr, nullptr);
}

void sqlite_wal::copy_from(std::int64_t length) {
  if (pages_ < handled_) handled_ = 0; // the WAL restarted
  const bool much = pages_ - handled_ >= limits_.copy;
  if (!start_) {
    if (much) copy();
  } else if (under_way_ == 0) {
    if (much && pages_ >= length) start_pass(false);
  } else if (under_way_ == 1 && pages_ >= limits_.insist) {
    start_pass(true);
  }
}

void sqlite_wal::after_care() {
  copy_from(limits_.copy);
  if (!held_ || under_way_ > 0) return;
  if (start_)
    start_pass(false);
  else
    copy();
}

std::uint64_t sqlite_wal::bytes() const {
  sqlite3_file* file = nullptr;
  const int code =
      sqlite3_file_control(db_.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
  sqlite3_int64 size = 0;
  const bool known = code == SQLITE_OK && file != nullptr && file->pMethods != nullptr &&
                     file->pMethods->xFileSize(file, &size) == SQLITE_OK;
  return known ? static_cast<std::uint64_t>(size) : 0;
}

void sqlite_wal::leave_copying(store_writer::upkeep_start start) {
  start_ = std::move(start);
  under_way_ = 0;
  done_ = 0;
}

void sqlite_wal::start_pass(bool urgent) {
  ++under_way_;
  handled_ = pages_;
  start_(urgent);
}

void sqlite_wal::on_copied() {
  if (under_way_ == 0) return;
  ++done_;
  if (--under_way_ > 0) return;
  if (pages_ >= limits_.restart) {
    if (done_ < limits_.passes) return start_pass(pages_ - handled_ >= limits_.restart);
    copy();
  }
  done_ = 0;
}

void sqlite_wal::copy() {
  const bool is_long = pages_ >= limits_.insist;
  bool done = true;
  if (is_long) {
    // Truncates the file at once, since it takes much space by now.
    done = checkpoint(SQLITE_CHECKPOINT_TRUNCATE,
                      held_ ? limits_.restart_patience_ms : limits_.insist_patience_ms);
    if (done) pages_ = 0;
  } else if (pages_ >= limits_.restart) {
    std::ignore = checkpoint(SQLITE_CHECKPOINT_RESTART, limits_.restart_patience_ms);
  } else {
    std::ignore = checkpoint(SQLITE_CHECKPOINT_PASSIVE, 0);
  }
  handled_ = pages_;
  set_held(is_long && !done);
}

void sqlite_wal::set_held(bool held) {
  if (held == held_) return;
  held_ = held;
  if (watch_) watch_({.bytes = bytes(), .is_held = held});
}

void sqlite_wal::finish() {
  std::ignore = checkpoint(SQLITE_CHECKPOINT_TRUNCATE, limits_.insist_patience_ms);
}

bool sqlite_wal::checkpoint(int mode, int patience_ms) {
  db_.wait_for_locks(patience_ms);
  const int code = sqlite3_wal_checkpoint_v2(db_.handle(), "main", mode, nullptr, nullptr);
  db_.wait_for_locks(busy_ms_);
  return code == SQLITE_OK;
}

void sqlite_copier::run() {
  if (!db_) {
    auto opened = sqlite::database::open(path_, sqlite::access::read_write, 0);
    // A connection knows the WAL only after its first read.
    if (!opened || !opened->value("PRAGMA user_version")) return;
    db_.emplace(*std::move(opened));
  }
  std::ignore = sqlite3_wal_checkpoint_v2(db_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                          nullptr, nullptr);
}

} // namespace hubbub
