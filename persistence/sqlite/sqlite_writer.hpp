#pragma once

#include "persistence/sqlite/sqlite_appends.hpp"
#include "persistence/sqlite/sqlite_batch.hpp"
#include "persistence/sqlite/sqlite_edits.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_markers.hpp"
#include "persistence/sqlite/sqlite_recovery.hpp"
#include "persistence/sqlite/sqlite_retention.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "persistence/sqlite/sqlite_standings.hpp"
#include "persistence/sqlite/sqlite_wal.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hubbub {

/// Group commit into SQLite: one transaction for each batch; each op is applied by the class
/// for its kind.
class sqlite_writer final : public store_writer {
 public:
  /// How long a commit waits for the lock of another tool, in milliseconds. That is longer than
  /// at a start, since senders can be told `overloaded` meanwhile.
  static constexpr int busy_ms = 5000;
  /// Sets whether the following commits wait for the disk.
  [[nodiscard]] static sqlite::status set_durability(sqlite::database& db, durability level);

  sqlite_writer(std::shared_ptr<sqlite::database> db, const store_config& config);
  /// Takes the tail into the search, and moves everything into the database file, as far as
  /// readers allow.
  ~sqlite_writer() override;
  sqlite_writer(const sqlite_writer&) = delete;
  sqlite_writer& operator=(const sqlite_writer&) = delete;

  /// Prepares every statement. Fails if the schema is not the expected one.
  [[nodiscard]] sqlite::status prepare();
  /// Ends the recoverable sessions that the last server did not end.
  [[nodiscard]] sqlite::status start(timestamp now) {
    tell_of_search();
    return recovery_.end_all(now);
  }

  [[nodiscard]] std::vector<write_outcome> commit(std::span<const write_op> ops,
                                                  timestamp now) override;
  bool purge(timestamp now) override;
  [[nodiscard]] search_progress searching() const override { return search_.progress(); }
  [[nodiscard]] std::int64_t search_tail() const override { return search_.tail(); }
  bool index_tail() override;
  [[nodiscard]] std::uint64_t log_bytes() const override { return wal_.bytes(); }
  void stop_writing() override { damaged_ = true; }
  void leave_upkeep(const upkeep_start& start) override { wal_.leave_copying(start); }
  void on_upkeep_done() override {
    if (!damaged_) wal_.on_copied();
  }

 private:
  [[nodiscard]] expected<std::vector<write_outcome>, store_error>
  try_commit(std::span<const write_op> ops, timestamp now);
  [[nodiscard]] sqlite::status set(durability level);
  [[nodiscard]] expected<bool, store_error> try_purge(timestamp now);
  void tell_of_search();
  /// Removes records or messages that have expired.
  [[nodiscard]] expected<bool, store_error> purge_some(timestamp now);
  struct purged {
    bool some = false;
    bool more = false;
  };
  /// Removes some of the expired records, sessions and standings.
  [[nodiscard]] expected<purged, store_error> purge_records(timestamp now);

  [[nodiscard]] op_result apply(const op::append_message& op) {
    return appends_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::create_room& op);
  [[nodiscard]] op_result apply(const op::change_room& op) {
    return standings_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::set_standing& op) {
    return standings_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::drop_standing& op) {
    return standings_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::expel_user& op) {
    return standings_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::edit_message& op) { return edits_.apply(batch_, op); }
  [[nodiscard]] op_result apply(const op::delete_message& op) {
    return edits_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::mark_read& op) { return markers_.apply(batch_, op); }
  [[nodiscard]] op_result apply(const op::enter_recoverable& op) {
    return recovery_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::leave_recoverable& op) {
    return recovery_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::end_recoverable& op) {
    return recovery_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::resume_recoverable& op) {
    return recovery_.apply(batch_, op);
  }
  [[nodiscard]] op_result apply(const op::owe_gaps& op) { return recovery_.apply(batch_, op); }

  std::shared_ptr<sqlite::database> db_;
  durability level_; ///< durability of batches
  durability set_;   ///< durability of the connection now
  sqlite_wal wal_;
  bool damaged_ = false;
  bool retention_is_next_ = false;
  bool purge_is_next_ = false; ///< purge before the next step of the search
  std::string path_;
  search_watch on_search_;
  search_progress told_; ///< progress that `on_search_` was told last
  sqlite_search_indexer search_;
  sqlite_batch batch_;
  sqlite_appends appends_;
  sqlite_edits edits_;
  sqlite_marker_writes markers_;
  sqlite_standing_writes standings_;
  sqlite_recovery_writes recovery_;
  sqlite_retention retention_;
  std::int64_t max_rooms_;
  sqlite::statement find_name_;
  sqlite::statement count_rooms_;
  sqlite::statement insert_room_;
};

} // namespace hubbub
