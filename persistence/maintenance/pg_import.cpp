#include "persistence/maintenance/import_line.hpp"
#include "persistence/maintenance/pg_maintenance.hpp"
#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_open.hpp"
#include "persistence/system_time.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <variant>

namespace hubbub {

namespace {

constexpr std::chrono::hours import_patience{24};
constexpr std::size_t messages_a_step = 500;
/// The node as which a tool owns the database; a server would own it as the same node.
constexpr std::int64_t only_node = 1;

constexpr pg::statement begin_change{"begin", "BEGIN"};
constexpr pg::statement end_change{"commit", "COMMIT"};
constexpr pg::statement lock_creation{"lock_creation",
                                      "SELECT FROM settings FOR NO KEY UPDATE"};
constexpr pg::statement find_named_room{
    "find_room", "SELECT id, last_seq, last_rev, latest_at, clock_back_ms FROM room_records"
                 " WHERE name = $1::text"};
constexpr pg::statement create_named_room{
    "create_room", "INSERT INTO rooms (id, name, created_at)"
                   " SELECT coalesce(max(id), 0) + 1, $1::text, $2::bigint FROM rooms"};
constexpr pg::statement change_record{
    "change_record", "UPDATE rooms SET owner = coalesce($2::text, owner),"
                     " is_private = coalesce($3::boolean, is_private), is_closed = $4::boolean,"
                     " closings = $4::boolean::int::bigint WHERE id = $1::bigint"};
constexpr pg::statement put_standing{
    "put_standing",
    "INSERT INTO standings (room_id, kind, user_id, set_by, set_at, until, reason) VALUES"
    " ($1::bigint, $2::bigint, $3::text, $4::text, $5::bigint, $6::bigint, $7::text)"
    " ON CONFLICT (room_id, kind, user_id) DO UPDATE SET set_by = excluded.set_by,"
    " set_at = excluded.set_at, until = excluded.until, reason = excluded.reason"};
// The client that sent a message may send it again. If the id is known already, it keeps
// standing for the message that it stood for first.
constexpr pg::statement insert_messages{
    "import_messages",
    "WITH placed AS MATERIALIZED (SELECT i.*, nextval('message_ids') AS id FROM"
    " unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],"
    " $8::bigint[], $9::bigint[], $10::bigint[]) WITH ORDINALITY AS i(seq, rev, user_id,"
    " username, content, client_id, created_at, edited_at, deleted_at, n)),"
    " remembered AS (INSERT INTO dedupe (room_id, user_id, client_id, seq, id, rev, username,"
    " created_at) SELECT DISTINCT ON (user_id, client_id) $1::bigint, user_id, client_id, seq,"
    " id, rev, username, created_at FROM placed WHERE client_id IS NOT NULL"
    " ORDER BY user_id, client_id, n ON CONFLICT DO NOTHING)"
    " INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, client_id,"
    " created_at, edited_at, deleted_at) SELECT $1::bigint, seq, id, rev, user_id, username,"
    " content, client_id, created_at, edited_at, deleted_at FROM placed"};
constexpr pg::statement keep_clock{"keep_clock", "UPDATE rooms SET latest_at = $2::bigint,"
                                                 " clock_back_ms = $3::bigint"
                                                 " WHERE id = $1::bigint"};

/// Appends to one room, in one transaction.
class appender {
 public:
  explicit appender(pg::connection& open) : open_(open) {}

  [[nodiscard]] expected<void, pg::failure> enter(const std::string& name, timestamp now) {
    pg::exchange enter{open_};
    enter.add(begin_change);
    enter.add(lock_creation);
    enter.add(find_named_room, pg::parameters::of(name),
              [this](const pg::result& rows) { take(rows); });
    if (auto done = enter.run(import_patience); !done || room_.value != 0) return done;
    is_new_ = true;
    pg::exchange create{open_};
    create.add(create_named_room, pg::parameters::of(name, now));
    create.add(find_named_room, pg::parameters::of(name),
               [this](const pg::result& rows) { take(rows); });
    return create.run(import_patience);
  }

  /// Changes the room's properties, unless the room existed before.
  [[nodiscard]] expected<void, pg::failure> add(const op::change_room& op) {
    if (!is_new_) return {};
    std::optional<bool> is_private = op.is_private;
    pg::exchange change{open_};
    change.add(change_record,
               pg::parameters::of(room_, op.owner, is_private, op.is_closed.value_or(false)));
    return change.run(import_patience);
  }
  [[nodiscard]] expected<void, pg::failure> add(const standing& each) {
    if (!is_new_) return {};
    pg::exchange put{open_};
    put.add(put_standing,
            pg::parameters::of(room_, static_cast<std::int64_t>(each.kind), each.user_id,
                               each.by, each.at, each.until, each.reason));
    return put.run(import_patience);
  }
  [[nodiscard]] expected<void, pg::failure> add(message fresh) {
    fresh.seq = sequence{++last_seq_};
    fresh.rev = revision{++last_rev_};
    latest_at_ = std::max(latest_at_, fresh.created_at.value);
    clock_back_ms_ = std::max(clock_back_ms_, latest_at_ - fresh.created_at.value);
    waiting_.push_back(std::move(fresh));
    return waiting_.size() < messages_a_step ? expected<void, pg::failure>{} : write();
  }

  [[nodiscard]] expected<void, pg::failure> finish() {
    if (auto done = write(); !done) return done;
    pg::exchange end{open_};
    end.add(keep_clock,
            pg::parameters::of(room_, timestamp{latest_at_}, timestamp{clock_back_ms_}));
    end.add(end_change);
    return end.run(import_patience);
  }

 private:
  void take(const pg::result& rows) {
    if (rows.empty()) return;
    room_ = rows.number<room_id>(0, 0);
    last_seq_ = rows.integer(0, 1);
    last_rev_ = rows.integer(0, 2);
    latest_at_ = rows.integer(0, 3);
    clock_back_ms_ = rows.integer(0, 4);
  }

  [[nodiscard]] expected<void, pg::failure> write() {
    if (waiting_.empty()) return {};
    using list = pg::array;
    list seqs{pg::element::number};
    list revs{pg::element::number};
    list users{pg::element::text};
    list names{pg::element::text};
    list contents{pg::element::text};
    list client_ids{pg::element::text};
    list created{pg::element::number};
    list edited{pg::element::number};
    list deleted{pg::element::number};
    for (const auto& each : waiting_) {
      seqs.add(each.seq);
      revs.add(each.rev);
      users.add(std::string_view{each.user_id});
      names.add(std::string_view{each.username});
      contents.add(std::string_view{each.content});
      client_ids.add(std::optional<std::string_view>{each.client_id});
      created.add(each.created_at);
      edited.add(each.edited_at);
      deleted.add(each.deleted_at);
    }
    pg::exchange insert{open_};
    insert.add(insert_messages, pg::parameters::of(room_, seqs, revs, users, names, contents,
                                                   client_ids, created, edited, deleted));
    waiting_.clear();
    return insert.run(import_patience);
  }

  pg::connection& open_;
  room_id room_;
  bool is_new_ = false;
  std::int64_t last_seq_ = 0;
  std::int64_t last_rev_ = 0;
  std::int64_t latest_at_ = 0;
  std::int64_t clock_back_ms_ = 0;
  std::vector<message> waiting_;
};

} // namespace

expected<pg::connection, std::string> own_postgres(const std::string& address) {
  auto open = pg::open_session(address, pg::role::tool, durability::full);
  if (!open) return unexpected(pg::cannot_use(address, open.error()));
  if (auto fits = pg::migrate(*open, address); !fits) return unexpected(fits.error());
  if (auto taken = pg::take_for_tool(*open, address); !taken) return unexpected(taken.error());
  return open;
}

expected<std::int64_t, std::string> import_into_postgres(const std::string& address,
                                                         const std::string& room,
                                                         const line_source& source) {
  const auto name =
      clean_name(room, std::numeric_limits<std::size_t>::max(), "the room's name");
  if (!name) return unexpected(name.error().message);
  auto open = own_postgres(address);
  if (!open) return unexpected(std::move(open.error()));
  const auto failed = [](const pg::failure& why) {
    return unexpected("the import failed: " + why.message);
  };
  appender log{*open};
  if (const auto entered = log.enter(*name, system_time()); !entered)
    return failed(entered.error());
  std::int64_t lines = 0;
  std::int64_t messages = 0;
  while (const auto line = source()) {
    ++lines;
    if (line->empty()) continue;
    auto read = read_import_line(*line);
    if (!read)
      return unexpected("line " + std::to_string(lines) + " is no message (" + read.error() +
                        "): nothing was imported");
    if (std::holds_alternative<message>(*read)) ++messages;
    const auto added = std::visit([&](auto& each) { return log.add(std::move(each)); }, *read);
    if (!added) return failed(added.error());
  }
  if (const auto done = log.finish(); !done) return failed(done.error());
  return messages;
}

} // namespace hubbub
