#include "persistence/maintenance/import_line.hpp"
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/maintenance/maintenance_open.hpp"
#include "persistence/maintenance/pg_maintenance.hpp"
#include "persistence/postgres/pg_address.hpp"
#include "persistence/sqlite/sqlite_batch.hpp"
#include "persistence/sqlite/sqlite_message_index.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "persistence/sqlite/sqlite_standings.hpp"
#include "persistence/system_time.hpp"
#include "proto/json/text.hpp"

#include <limits>
#include <utility>
#include <variant>

namespace hubbub {

namespace {

constexpr auto find_room = "SELECT id FROM rooms WHERE name = ?";
constexpr auto create_room = "INSERT INTO rooms (name, created_at) VALUES (?, ?) RETURNING id";
constexpr auto insert_message =
    "INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, client_id,"
    " created_at, edited_at, deleted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
// The client that sent a message may send it again. If the id is known already, it keeps
// standing for the message that it stood for first.
constexpr auto remember_client_id =
    "INSERT INTO dedupe (room_id, user_id, client_id, seq, id, rev, username, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

/// Appends to one room, in the transaction of its caller. SQLite spills what does not fit into
/// its memory to the WAL.
class room_appender {
 public:
  explicit room_appender(sqlite::database& db)
      : search_(db), batch_(db), find_room_(db, find_room), create_room_(db, create_room),
        insert_(db, insert_message), index_(db, search_), remember_(db, remember_client_id),
        standings_(db) {
    batch_.start({});
  }

  [[nodiscard]] sqlite::status enter(const std::string& name, timestamp now) {
    if (const auto known = search_.prepare(); !known) return known;
    auto found = find_room_.query(name);
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (*row) {
      room_ = found.number<room_id>(0);
      return {};
    }
    auto created = create_room_.query(name, now);
    if (const auto made = created.next(); !made) return unexpected(made.error());
    room_ = created.number<room_id>(0);
    is_new_ = true;
    return {};
  }

  /// Changes the room's properties, unless the room existed before.
  [[nodiscard]] sqlite::status add(op::change_room op) {
    if (!is_new_) return {};
    op.room = room_;
    const auto changed = standings_.apply(batch_, op);
    if (!changed) return unexpected(changed.error());
    return {};
  }
  [[nodiscard]] sqlite::status add(const standing& each) {
    if (!is_new_) return {};
    return standings_.put(room_, each);
  }
  [[nodiscard]] sqlite::status add(message fresh) {
    const auto room = batch_.room(room_);
    if (!room) return unexpected(room.error());
    const auto last_id = batch_.last_id();
    if (!last_id) return unexpected(last_id.error());
    fresh.id = message_id{last_id->value + 1};
    fresh.seq = sequence{(*room)->last_seq.value + 1};
    fresh.rev = revision{(*room)->last_rev.value + 1};
    batch_.took(**room, fresh);
    const auto inserted = insert_.run(room_, fresh.seq, fresh.id, fresh.rev, fresh.user_id,
                                      fresh.username, fresh.content, fresh.client_id,
                                      fresh.created_at, fresh.edited_at, fresh.deleted_at);
    if (!inserted) return inserted;
    fresh.room = room_;
    const auto added = index_.add(fresh);
    if (!added) return added;
    if (++unmerged_ == merged_together) {
      if (const auto merged = merge(); !merged) return merged;
    }
    if (!fresh.client_id) return {};
    return remember_.run(room_, fresh.user_id, fresh.client_id, fresh.seq, fresh.id, fresh.rev,
                         fresh.username, fresh.created_at);
  }

  [[nodiscard]] sqlite::status finish() {
    return merge().and_then([this] { return batch_.store(); });
  }

 private:
  /// As many messages as a large batch of the server has: after each, the index is merged a
  /// little.
  static constexpr int merged_together = 200;

  [[nodiscard]] sqlite::status merge() {
    unmerged_ = 0;
    return search_.finish_commit();
  }

  room_id room_;
  bool is_new_ = false;
  int unmerged_ = 0;
  sqlite_search_indexer search_;
  sqlite_batch batch_;
  sqlite::statement find_room_;
  sqlite::statement create_room_;
  sqlite::statement insert_;
  sqlite_message_index index_;
  sqlite::statement remember_;
  sqlite_standing_writes standings_;
};

} // namespace

expected<std::int64_t, std::string>
import_room(const std::string& path, const std::string& room, const line_source& source) {
  if (pg::is_address(path)) return import_into_postgres(path, room, source);
  const auto name =
      clean_name(room, std::numeric_limits<std::size_t>::max(), "the room's name");
  if (!name) return unexpected(name.error().message);
  auto owned = own_existing(path);
  if (!owned) return unexpected(std::move(owned.error()));
  auto& db = owned->db;
  room_appender log{db};
  sqlite::transaction change{db};
  if (!change.begin() || !log.enter(*name, system_time()))
    return unexpected(failure("the import", db));
  std::int64_t lines = 0;
  std::int64_t messages = 0;
  while (auto line = source()) {
    // Editors may leave a byte order mark at the start, and an empty last line.
    if (++lines == 1) line = std::string{without_bom(*line)};
    if (trim(*line).empty()) continue;
    auto read = read_import_line(*line);
    if (!read)
      return unexpected("line " + std::to_string(lines) + " is no message (" + read.error() +
                        "): nothing was imported");
    if (std::holds_alternative<message>(*read)) ++messages;
    if (!std::visit([&](auto& each) { return log.add(std::move(each)); }, *read))
      return unexpected(failure("the import", db));
  }
  if (!log.finish() || !change.commit()) return unexpected(failure("the import", db));
  return messages;
}

} // namespace hubbub
