#pragma once

#include "persistence/index_file/index_file.hpp"
#include "persistence/postgres/pg_session.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hubbub {

/// A portion of the changes of messages since a cursor, all as of one moment.
///
/// A reader that follows the log by the ids of messages would miss those of a transaction that
/// commits after a later one. This one follows it by transactions: PostgreSQL's snapshot says
/// which of them were still running at its moment, and the cursor keeps them until they end. So
/// nothing is missed, and nothing waits for a transaction that stays open.
struct log_portion {
  std::vector<indexed_entry> entries;
  log_cursor after;        ///< the cursor once the entries were taken in
  bool has_more = false;   ///< more was committed at that moment
  bool is_older = false;   ///< the database is older than the cursor: it was restored
  std::int64_t behind = 0; ///< about how many messages remain
};
[[nodiscard]] expected<log_portion, store_error>
read_log_portion(pg_session& session, const log_cursor& from, std::int64_t limit);

/// Rooms whose oldest messages were removed, in the order of the removing transactions.
struct removals_portion {
  struct floor {
    std::int64_t transaction;
    room_id room;
    sequence first; ///< the room has no messages before it
  };
  std::vector<floor> floors;
  std::int64_t settled = 0; ///< all transactions below this one have ended
};
/// Reads removals by this transaction and later ones, in rooms after `after` where they are by
/// the transaction itself.
[[nodiscard]] expected<removals_portion, store_error>
read_removals(pg_session& session, std::int64_t transaction, room_id after, std::int64_t limit);

/// Returns a text that tells this database from every other; where PostgreSQL tells, also from
/// its own copy on another server and from an earlier state of it that was restored.
[[nodiscard]] expected<std::string, store_error> read_origin(pg_session& session);

} // namespace hubbub
