#include "persistence/sqlite/sqlite_writer.hpp"

#include "persistence/free_space.hpp"
#include "persistence/sqlite/sqlite_columns.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

// About two milliseconds of deletions, each in the table and in its index.
constexpr std::int64_t purged_records = 200;
constexpr std::int64_t purged_sessions = 50; // sessions purged in one step, with their rooms

std::int64_t appends_in(std::span<const write_op> ops) {
  return std::ranges::count_if(
      ops, [](const auto& op) { return std::holds_alternative<op::append_message>(op); });
}

constexpr auto find_name = "SELECT 1 FROM rooms WHERE name = ?";
// The greatest id is the number of rooms: ids rise by one, and no room is ever removed.
constexpr auto count_rooms = "SELECT coalesce(max(id), 0) FROM rooms";
constexpr auto insert_room =
    "INSERT INTO rooms (name, created_at, owner, is_private) VALUES (?, ?, ?, ?)"
    " RETURNING " HUBBUB_ROOM_COLUMNS;

} // namespace

sqlite_writer::sqlite_writer(std::shared_ptr<sqlite::database> db, const store_config& config)
    : db_(std::move(db)), level_(config.level), set_(config.level),
      wal_(*db_, busy_ms, {}, config.on_log), path_(config.path), on_search_(config.on_search),
      search_(*db_), batch_(*db_), appends_(*db_, config.dedupe_window_ms, search_),
      edits_(*db_, search_), markers_(*db_), standings_(*db_),
      recovery_(*db_, config.recovery_window_ms), retention_(*db_, config.retention, search_),
      max_rooms_(config.max_rooms), find_name_(*db_, find_name),
      count_rooms_(*db_, count_rooms), insert_room_(*db_, insert_room) {}

sqlite_writer::~sqlite_writer() {
  while (sqlite_writer::index_tail()) {
  }
  if (!damaged_) wal_.finish();
}

sqlite::status sqlite_writer::prepare() {
  return search_.prepare()
      .and_then([&] { return batch_.prepare(); })
      .and_then([&] { return appends_.prepare(); })
      .and_then([&] { return edits_.prepare(); })
      .and_then([&] { return markers_.prepare(); })
      .and_then([&] { return standings_.prepare(); })
      .and_then([&] { return recovery_.prepare(); })
      .and_then([&] { return retention_.prepare(); })
      .and_then([&] { return prepare_all(find_name_, count_rooms_, insert_room_); });
}

std::vector<write_outcome> sqlite_writer::commit(std::span<const write_op> ops, timestamp now) {
  if (ops.empty()) return {};
  if (damaged_) return std::vector<write_outcome>(ops.size(), store_error::corrupt);
  auto outcomes = try_commit(ops, now);
  if (outcomes) {
    wal_.after_commit();
    return *std::move(outcomes);
  }
  damaged_ = outcomes.error() == store_error::corrupt;
  return std::vector<write_outcome>(ops.size(), outcomes.error());
}

expected<std::vector<write_outcome>, store_error>
sqlite_writer::try_commit(std::span<const write_op> ops, timestamp now) {
  if (const auto done = set(level_); !done) return unexpected(done.error());
  sqlite::transaction change{*db_};
  if (const auto begun = change.begin(); !begun) return unexpected(begun.error());
  batch_.start(now);
  search_.start_commit(appends_in(ops));
  std::vector<write_outcome> outcomes;
  outcomes.reserve(ops.size());
  for (const auto& op : ops) {
    auto outcome = std::visit([&](const auto& each) { return apply(each); }, op);
    if (!outcome) return unexpected(outcome.error());
    outcomes.push_back(*std::move(outcome));
  }
  if (const auto done = search_.finish_commit(); !done) return unexpected(done.error());
  if (const auto stored = batch_.store(); !stored) return unexpected(stored.error());
  if (const auto done = change.commit(); !done) return unexpected(done.error());
  search_.on_committed();
  return outcomes;
}

bool sqlite_writer::index_tail() {
  if (damaged_ || search_.tail() == 0) return false;
  // Need not wait for the disk: if a loss of power undoes it, the tail is as it was.
  const auto more = set(durability::normal).and_then([&] { return search_.follow(); });
  if (more)
    wal_.after_commit();
  else
    damaged_ = more.error() == store_error::corrupt;
  return more.value_or(false);
}

op_result sqlite_writer::apply(const op::create_room& op) {
  // Looked up first, since a failed INSERT would use up a number.
  {
    auto taken = find_name_.query(op.name);
    const auto row = taken.next();
    if (!row) return unexpected(row.error());
    if (*row) return store_error::already_exists;
  }
  {
    auto counted = count_rooms_.query();
    const auto row = counted.next();
    if (!row) return unexpected(row.error());
    if (counted.integer(0) >= max_rooms_) return store_error::too_many_rooms;
  }
  auto created = insert_room_.query(op.name, batch_.now(), op.owner,
                                    static_cast<std::int64_t>(op.is_private));
  const auto row = created.next();
  if (!row) return unexpected(row.error());
  auto room = room_of(created);
  if (!room) return unexpected(room.error());
  // An earlier op of this batch may have missed it.
  batch_.add_room(room->id);
  return *std::move(room);
}

sqlite::status sqlite_writer::set_durability(sqlite::database& db, durability level) {
  return db.run(level == durability::full ? "PRAGMA synchronous = FULL"
                                          : "PRAGMA synchronous = NORMAL");
}

sqlite::status sqlite_writer::set(durability level) {
  if (level == set_) return {};
  return set_durability(*db_, level).map([&] { set_ = level; });
}

bool sqlite_writer::purge(timestamp now) {
  if (damaged_) return false;
  // Failures are ignored here: the next batch meets the same failure and reports it.
  const bool more = try_purge(now).value_or(false);
  wal_.after_care();
  return more;
}

expected<bool, store_error> sqlite_writer::try_purge(timestamp now) {
  // Need not wait for the disk: if a loss of power undoes the purge, it is purged again.
  if (const auto done = set(durability::normal); !done) return unexpected(done.error());
  if (!search_.has_work()) return purge_some(now);
  // Alternates with removing what has expired.
  purge_is_next_ = !purge_is_next_;
  if (purge_is_next_)
    if (const auto more = purge_some(now); !more || *more) return more;
  const auto more = search_.step(free_bytes(path_));
  tell_of_search();
  if (!more || *more) return more;
  return purge_some(now);
}

void sqlite_writer::tell_of_search() {
  const auto& progress = search_.progress();
  if (progress.building == told_.building && progress.disk_too_full == told_.disk_too_full)
    return;
  told_ = progress;
  if (on_search_) on_search_(progress);
}

expected<bool, store_error> sqlite_writer::purge_some(timestamp now) {
  // Retention and the rest take turns, so that a waiting batch waits for one transaction only.
  if (std::exchange(retention_is_next_, false)) {
    const auto due = retention_.step(now);
    if (!due || *due) return due;
  }
  const auto records = purge_records(now);
  if (!records) return unexpected(records.error());
  if (!records->some) return retention_.step(now);
  retention_is_next_ = retention_.has_rules();
  return records->more || retention_is_next_;
}

expected<sqlite_writer::purged, store_error> sqlite_writer::purge_records(timestamp now) {
  sqlite::transaction change{*db_};
  if (const auto begun = change.begin(); !begun) return unexpected(begun.error());
  const auto records = appends_.purge(now, purged_records);
  if (!records) return unexpected(records.error());
  const auto sessions = recovery_.purge(now, purged_sessions);
  if (!sessions) return unexpected(sessions.error());
  const auto standings = standings_.purge(now, purged_records);
  if (!standings) return unexpected(standings.error());
  if (const auto done = change.commit(); !done) return unexpected(done.error());
  return purged{*records + *sessions + *standings > 0, *standings == purged_records ||
                                                           *records == purged_records ||
                                                           *sessions == purged_sessions};
}

} // namespace hubbub
