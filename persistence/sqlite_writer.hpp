#pragma once

#include "persistence/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Group commit into SQLite. Nothing is remembered between batches: each reads the counters it
/// needs inside its own transaction and writes them back once, so a failed commit leaves
/// nothing to repair.
class sqlite_writer final : public store_writer {
 public:
  sqlite_writer(sqlite::database db, std::int64_t dedupe_window_ms);

  /// Prepares every statement: fails where the schema is not the expected one.
  [[nodiscard]] sqlite::status prepare();

  [[nodiscard]] std::vector<write_outcome> commit(std::span<const write_op> ops,
                                                  timestamp now) override;
  bool purge_dedupe(timestamp now) override;

 private:
  struct room_counters {
    bool exists = false;
    bool changed = false;
    sequence last_seq{};
    revision last_rev{};
  };
  struct batch {
    timestamp now;
    bool changed = false; ///< a message was appended
    message_id last_id{};
    std::unordered_map<room_id, room_counters> rooms{};
  };
  /// The op's own outcome, or the storage failure that ends the batch.
  using result = expected<write_outcome, store_error>;

  [[nodiscard]] expected<std::vector<write_outcome>, store_error>
  try_commit(std::span<const write_op> ops, timestamp now);
  [[nodiscard]] sqlite::status load_counter(batch& current);
  [[nodiscard]] sqlite::status store_counters(const batch& current);
  [[nodiscard]] expected<room_counters*, store_error> counters_of(batch& current, room_id room);

  [[nodiscard]] result apply(batch& current, const append_message& op);
  [[nodiscard]] result apply(batch& current, const create_room& op);
  [[nodiscard]] result insert(batch& current, room_counters& room, const append_message& op);
  [[nodiscard]] result first_of(const append_message& op);
  [[nodiscard]] result repeated_only(const append_message& op, timestamp now);
  /// Records the client_id unless it is there and within the window. False: it is a repeat.
  [[nodiscard]] expected<bool, store_error> claim(const message& fresh);
  [[nodiscard]] timestamp oldest_remembered(timestamp now) const;

  sqlite::database db_;
  std::int64_t dedupe_window_ms_;

  sqlite::statement read_counter_;
  sqlite::statement write_counter_;
  sqlite::statement read_room_;
  sqlite::statement write_room_;
  sqlite::statement find_name_;
  sqlite::statement insert_room_;
  sqlite::statement insert_message_;
  sqlite::statement claim_client_id_;
  sqlite::statement find_client_id_;
  sqlite::statement purge_;
};

} // namespace hubbub
