#include "persistence/sqlite_writer.hpp"

#include <utility>

namespace hubbub {

namespace {

// About two milliseconds of deletions, each in the table and in its index.
constexpr std::int64_t purge_rows = 200;

constexpr auto read_counter = "SELECT value FROM counters WHERE name = 'last_message_id'";
constexpr auto write_counter = "UPDATE counters SET value = ? WHERE name = 'last_message_id'";
constexpr auto read_room = "SELECT last_seq, last_rev FROM rooms WHERE id = ?";
constexpr auto write_room =
    "UPDATE rooms SET last_seq = ?, last_rev = ?, last_message_at = ? WHERE id = ?";
constexpr auto find_name = "SELECT 1 FROM rooms WHERE name = ?";
constexpr auto insert_room = "INSERT INTO rooms (name, created_at) VALUES (?, ?) RETURNING id";
constexpr auto insert_message =
    "INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, client_id,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
// The last parameter is the oldest record that still counts.
constexpr auto claim_client_id =
    "INSERT INTO dedupe (room_id, user_id, client_id, seq, id, rev, username, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET seq = excluded.seq, id = excluded.id, rev = excluded.rev,"
    " username = excluded.username, created_at = excluded.created_at, content = NULL"
    " WHERE created_at < ?";
constexpr auto find_client_id =
    "SELECT d.id, d.seq, d.rev, d.username, coalesce(d.content, m.content, ''), d.created_at"
    " FROM dedupe d LEFT JOIN messages m ON m.room_id = d.room_id AND m.seq = d.seq"
    " WHERE d.room_id = ? AND d.user_id = ? AND d.client_id = ?";
constexpr auto purge =
    "DELETE FROM dedupe WHERE (room_id, user_id, client_id) IN"
    " (SELECT room_id, user_id, client_id FROM dedupe WHERE created_at < ? LIMIT ?)";

} // namespace

sqlite_writer::sqlite_writer(sqlite::database db, std::int64_t dedupe_window_ms)
    : db_(std::move(db)), dedupe_window_ms_(dedupe_window_ms), read_counter_(db_, read_counter),
      write_counter_(db_, write_counter), read_room_(db_, read_room),
      write_room_(db_, write_room), find_name_(db_, find_name), insert_room_(db_, insert_room),
      insert_message_(db_, insert_message), claim_client_id_(db_, claim_client_id),
      find_client_id_(db_, find_client_id), purge_(db_, purge) {}

sqlite::status sqlite_writer::prepare() {
  for (auto* each :
       {&read_counter_, &write_counter_, &read_room_, &write_room_, &find_name_, &insert_room_,
        &insert_message_, &claim_client_id_, &find_client_id_, &purge_})
    if (const auto prepared = each->prepare(); !prepared) return prepared;
  return {};
}

std::vector<write_outcome> sqlite_writer::commit(std::span<const write_op> ops, timestamp now) {
  if (ops.empty()) return {};
  auto outcomes = try_commit(ops, now);
  if (!outcomes) return std::vector<write_outcome>(ops.size(), outcomes.error());
  return *std::move(outcomes);
}

expected<std::vector<write_outcome>, store_error>
sqlite_writer::try_commit(std::span<const write_op> ops, timestamp now) {
  sqlite::transaction change{db_};
  if (const auto begun = change.begin(); !begun) return unexpected(begun.error());
  batch current{.now = now};
  if (const auto loaded = load_counter(current); !loaded) return unexpected(loaded.error());

  std::vector<write_outcome> outcomes;
  outcomes.reserve(ops.size());
  for (const auto& op : ops) {
    auto outcome = std::visit([&](const auto& each) { return apply(current, each); }, op);
    if (!outcome) return unexpected(outcome.error());
    outcomes.push_back(*std::move(outcome));
  }

  if (const auto stored = store_counters(current); !stored) return unexpected(stored.error());
  if (const auto done = change.commit(); !done) return unexpected(done.error());
  return outcomes;
}

sqlite::status sqlite_writer::load_counter(batch& current) {
  auto found = read_counter_.query();
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  // Starting again from zero would give out numbers a second time.
  if (!*row) return unexpected(store_error::corrupt);
  current.last_id = found.number<message_id>(0);
  return {};
}

sqlite::status sqlite_writer::store_counters(const batch& current) {
  if (!current.changed) return {};
  if (const auto stored = write_counter_.run(current.last_id); !stored) return stored;
  for (const auto& [id, room] : current.rooms) {
    if (!room.changed) continue;
    if (const auto stored = write_room_.run(room.last_seq, room.last_rev, current.now, id);
        !stored)
      return stored;
  }
  return {};
}

expected<sqlite_writer::room_counters*, store_error> sqlite_writer::counters_of(batch& current,
                                                                                room_id room) {
  const auto [entry, added] = current.rooms.try_emplace(room);
  auto& counters = entry->second;
  if (!added) return &counters;
  auto found = read_room_.query(room);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (*row)
    counters = {.exists = true,
                .last_seq = found.number<sequence>(0),
                .last_rev = found.number<revision>(1)};
  return &counters;
}

sqlite_writer::result sqlite_writer::apply(batch& current, const append_message& op) {
  const auto room = counters_of(current, op.room);
  if (!room) return unexpected(room.error());
  if (!(*room)->exists) return store_error::no_such_room;
  if (op.only_if_repeated) return repeated_only(op, current.now);
  return insert(current, **room, op);
}

sqlite_writer::result sqlite_writer::apply(batch& current, const create_room& op) {
  // Looked up first, since a failed INSERT would use up a number.
  {
    auto taken = find_name_.query(op.name);
    const auto row = taken.next();
    if (!row) return unexpected(row.error());
    if (*row) return store_error::already_exists;
  }
  auto created = insert_room_.query(op.name, current.now);
  const auto row = created.next();
  if (!row) return unexpected(row.error());
  room_record room;
  room.id = created.number<room_id>(0);
  room.name = op.name;
  room.created_at = current.now;
  // An earlier op of this batch may have missed it.
  current.rooms[room.id] = {.exists = true};
  return room;
}

sqlite_writer::result sqlite_writer::insert(batch& current, room_counters& room,
                                            const append_message& op) {
  message fresh{.id = message_id{current.last_id.value + 1},
                .room = op.room,
                .seq = sequence{room.last_seq.value + 1},
                .rev = revision{room.last_rev.value + 1},
                .user_id = op.user_id,
                .username = op.username,
                .content = op.content,
                .client_id = op.client_id,
                .created_at = current.now};
  if (fresh.client_id) {
    const auto claimed = claim(fresh);
    if (!claimed) return unexpected(claimed.error());
    if (!*claimed) return first_of(op);
  }
  const auto inserted =
      insert_message_.run(fresh.room, fresh.seq, fresh.id, fresh.rev, fresh.user_id,
                          fresh.username, fresh.content, fresh.client_id, fresh.created_at);
  if (!inserted) return unexpected(inserted.error());
  current.changed = true;
  current.last_id = fresh.id;
  room.changed = true;
  room.last_seq = fresh.seq;
  room.last_rev = fresh.rev;
  return appended{.stored = std::move(fresh), .repeated = false};
}

expected<bool, store_error> sqlite_writer::claim(const message& fresh) {
  const auto claimed = claim_client_id_.run(
      fresh.room, fresh.user_id, fresh.client_id, fresh.seq, fresh.id, fresh.rev,
      fresh.username, fresh.created_at, oldest_remembered(fresh.created_at));
  if (!claimed) return unexpected(claimed.error());
  return db_.changes() > 0;
}

sqlite_writer::result sqlite_writer::first_of(const append_message& op) {
  auto found = find_client_id_.query(op.room, op.user_id, op.client_id);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return store_error::not_repeated;
  return appended{.stored = {.id = found.number<message_id>(0),
                             .room = op.room,
                             .seq = found.number<sequence>(1),
                             .rev = found.number<revision>(2),
                             .user_id = op.user_id,
                             .username = found.text(3),
                             .content = found.text(4),
                             .client_id = op.client_id,
                             .created_at = found.number<timestamp>(5)},
                  .repeated = true};
}

sqlite_writer::result sqlite_writer::repeated_only(const append_message& op, timestamp now) {
  if (!op.client_id) return store_error::not_repeated;
  auto first = first_of(op);
  if (!first) return first;
  const auto* found = std::get_if<appended>(&*first);
  if (found && found->stored.created_at < oldest_remembered(now))
    return store_error::not_repeated;
  return first;
}

bool sqlite_writer::purge_dedupe(timestamp now) {
  // A failure is no news here: the next batch meets it too, and has somebody to tell.
  sqlite::transaction change{db_};
  if (!change.begin() || !purge_.run(oldest_remembered(now), purge_rows)) return false;
  const bool more = db_.changes() == purge_rows;
  return change.commit() && more;
}

timestamp sqlite_writer::oldest_remembered(timestamp now) const {
  return timestamp{now.value - dedupe_window_ms_};
}

} // namespace hubbub
