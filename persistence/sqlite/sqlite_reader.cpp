#include "persistence/sqlite/sqlite_reader.hpp"

#include "persistence/sqlite/sqlite_columns.hpp"
#include "persistence/sqlite/sqlite_room_filter.hpp"
#include "persistence/sqlite/sqlite_search_rank.hpp"
#include "persistence/sqlite/sqlite_search_tokenizer.hpp"

#include <algorithm>

namespace hubbub {

namespace {

// In WAL mode a reader waits only while another process recovers or removes the WAL.
constexpr int reader_busy_ms = 1000;

constexpr auto room_by_id = "SELECT " HUBBUB_ROOM_COLUMNS " FROM rooms WHERE id = ?";
constexpr auto room_by_name = "SELECT " HUBBUB_ROOM_COLUMNS " FROM rooms WHERE name = ?";
// lower() handles only ASCII; instr(), unlike LIKE, has no wildcards.
constexpr auto shown_rooms = "SELECT " HUBBUB_ROOM_COLUMNS " FROM rooms"
                             " WHERE id > ?1 AND (?2 = '' OR instr(lower(name), lower(?2)) > 0)"
                             " AND (is_private = 0 OR ?6 OR " HUBBUB_KNOWN_TO(
                                 "?4", "?5") ")"
                                             " AND is_named(name, ?7) ORDER BY id LIMIT ?3";

template <class Name>
expected<room_record, store_error> one_room(sqlite::statement& lookup, const Name& name) {
  auto found = lookup.query(name);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return unexpected(store_error::no_such_room);
  return room_of(found);
}

} // namespace

sqlite_reader::connection::connection(std::shared_ptr<sqlite::database> opened)
    : db(std::move(opened)), room_by_id(*db, hubbub::room_by_id),
      room_by_name(*db, hubbub::room_by_name), rooms_after(*db, shown_rooms), pages(*db),
      search(*db), markers(*db), standings(*db), recovery(*db) {}

expected<sqlite_reader::connection*, store_error> sqlite_reader::connected() {
  if (!connection_) {
    auto db = sqlite::database::open(path_, sqlite::access::read_only, reader_busy_ms);
    if (!db) return unexpected(store_error::io);
    connection_.emplace(std::make_shared<sqlite::database>(*std::move(db)));
  }
  if (!connection_->is_equipped) {
    const auto& db = *connection_->db;
    const auto added =
        add_room_filter(db).and_then([&] { return add_search_tokenizer(db); }).and_then([&] {
          return add_content_rank(db);
        });
    if (!added) return unexpected(added.error());
    connection_->is_equipped = true;
  }
  return &*connection_;
}

template <class Answer, class Read>
expected<Answer, store_error> sqlite_reader::at_one_moment(const Read& read) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  sqlite::snapshot moment{*(*open)->db};
  if (const auto begun = moment.begin(); !begun) return unexpected(begun.error());
  return read(**open);
}

template <class Read>
expected<message_page, store_error> sqlite_reader::page_of(room_id room, const Read& read) {
  return at_one_moment<message_page>(
      [&](connection& open) -> expected<message_page, store_error> {
        auto page = read(open);
        // A page with messages proves that the room exists.
        if (page && page->messages.empty() && !page->has_more)
          if (const auto found = one_room(open.room_by_id, room); !found)
            return unexpected(found.error());
        return page;
      });
}

expected<room_record, store_error> sqlite_reader::find_room(room_id id) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  return one_room((*open)->room_by_id, id);
}

expected<room_record, store_error> sqlite_reader::find_room(std::string_view name) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  return one_room((*open)->room_by_name, name);
}

expected<std::vector<room_record>, store_error>
sqlite_reader::list_rooms(room_id after, std::string_view q, std::int64_t limit,
                          const room_viewer& viewer) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  // SQLite takes a negative limit for no limit.
  auto found = (*open)->rooms_after.query(
      after, q, std::max<std::int64_t>(limit, 0), name_of(viewer), viewer.now,
      static_cast<std::int64_t>(viewer.sees_all), patterns_of(viewer));
  std::vector<room_record> rooms;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return rooms;
    auto room = room_of(found);
    if (!room) return unexpected(room.error());
    rooms.push_back(*std::move(room));
  }
}

expected<message_page, store_error> sqlite_reader::read_messages(const message_range& range) {
  return page_of(range.room, [&](connection& open) { return open.pages.read(range); });
}

expected<message_page, store_error> sqlite_reader::read_changes(const change_range& range) {
  return page_of(range.room, [&](connection& open) { return open.pages.read_changes(range); });
}

expected<std::vector<sequence>, store_error>
sqlite_reader::acked_messages(recovery_id session, const message_range& range) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  return (*open)->pages.acked(session, range);
}

expected<search_page, store_error> sqlite_reader::search(const search_query& query) {
  return at_one_moment<search_page>(
      [&](connection& open) { return open.search.search(query); });
}

expected<std::vector<read_marker>, store_error>
sqlite_reader::read_markers(std::string_view user_id, std::span<const room_id> rooms) {
  return at_one_moment<std::vector<read_marker>>(
      [&](connection& open) { return open.markers.read(user_id, rooms); });
}

expected<std::vector<standing>, store_error> sqlite_reader::read_standings(room_id room) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  return (*open)->standings.read(room);
}

expected<user_standing, store_error>
sqlite_reader::standing_of(room_id room, std::string_view user_id, timestamp now) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  return (*open)->standings.of(room, user_id, now);
}

expected<std::optional<recoverable_session>, store_error>
sqlite_reader::find_recoverable(recovery_id session) {
  return at_one_moment<std::optional<recoverable_session>>(
      [&](connection& open) { return open.recovery.find(session); });
}

expected<bool, store_error> sqlite_reader::is_member(recovery_id session, room_id room,
                                                     bool sees_all) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  return (*open)->recovery.is_member(session, room, sees_all);
}

} // namespace hubbub
