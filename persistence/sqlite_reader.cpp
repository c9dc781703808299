#include "persistence/sqlite_reader.hpp"

#include <algorithm>
#include <iterator>

namespace hubbub {

namespace {

// In WAL mode a reader waits only while another process recovers or removes the WAL.
constexpr int reader_busy_ms = 1000;

constexpr auto room_by_id = "SELECT id, name, created_at, last_seq, last_rev, last_message_at"
                            " FROM rooms WHERE id = ?";
constexpr auto room_by_name = "SELECT id, name, created_at, last_seq, last_rev, last_message_at"
                              " FROM rooms WHERE name = ?";
// lower() knows ASCII only; instr(), unlike LIKE, has no wildcards.
constexpr auto rooms_after =
    "SELECT id, name, created_at, last_seq, last_rev, last_message_at FROM rooms"
    " WHERE id > ?1 AND (?2 = '' OR instr(lower(name), lower(?2)) > 0) ORDER BY id LIMIT ?3";
constexpr auto oldest_messages =
    "SELECT id, room_id, seq, rev, user_id, username, content, client_id, created_at"
    " FROM messages WHERE room_id = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?";
constexpr auto newest_messages =
    "SELECT id, room_id, seq, rev, user_id, username, content, client_id, created_at"
    " FROM messages WHERE room_id = ? AND seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?";

room_record room_of(const sqlite::rows& row) {
  room_record room;
  room.id = row.number<room_id>(0);
  room.name = row.text(1);
  room.created_at = row.number<timestamp>(2);
  room.last_seq = row.number<sequence>(3);
  room.last_rev = row.number<revision>(4);
  if (!row.is_null(5)) room.last_message_at = row.number<timestamp>(5);
  return room;
}

message message_of(const sqlite::rows& row) {
  return {.id = row.number<message_id>(0),
          .room = row.number<room_id>(1),
          .seq = row.number<sequence>(2),
          .rev = row.number<revision>(3),
          .user_id = row.text(4),
          .username = row.text(5),
          .content = row.text(6),
          .client_id = row.optional_text(7),
          .created_at = row.number<timestamp>(8)};
}

template <class Name>
expected<room_record, store_error> one_room(sqlite::statement& lookup, const Name& name) {
  auto found = lookup.query(name);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return unexpected(store_error::no_such_room);
  return room_of(found);
}

} // namespace

sqlite_reader::connection::connection(sqlite::database opened)
    : db(std::move(opened)), room_by_id(db, hubbub::room_by_id),
      room_by_name(db, hubbub::room_by_name), rooms_after(db, hubbub::rooms_after),
      oldest_messages(db, hubbub::oldest_messages),
      newest_messages(db, hubbub::newest_messages) {}

expected<sqlite_reader::connection*, store_error> sqlite_reader::connected() {
  if (!connection_) {
    auto db = sqlite::database::open(path_, sqlite::access::read_only, reader_busy_ms);
    if (!db) return unexpected(store_error::io);
    connection_.emplace(*std::move(db));
  }
  return &*connection_;
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
sqlite_reader::list_rooms(room_id after, std::string_view q, std::int64_t limit) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  // SQLite takes a negative limit for none.
  auto found = (*open)->rooms_after.query(after, q, std::max<std::int64_t>(limit, 0));
  std::vector<room_record> rooms;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return rooms;
    rooms.push_back(room_of(found));
  }
}

expected<message_page, store_error> sqlite_reader::read_messages(const message_range& range) {
  const auto open = connected();
  if (!open) return unexpected(open.error());
  const auto window = window_of(range);
  auto page = read_window(**open, range.room, window);
  if (!page) return page;
  // A page with messages proves that there is a room.
  if (page->messages.empty() && !page->has_more) {
    const auto room = one_room((*open)->room_by_id, range.room);
    if (!room) return unexpected(room.error());
  }
  if (window.newest_first) std::reverse(page->messages.begin(), page->messages.end());
  return page;
}

expected<message_page, store_error> sqlite_reader::read_window(connection& open, room_id room,
                                                               const message_window& window) {
  auto& statement = window.newest_first ? open.newest_messages : open.oldest_messages;
  // One more than asked for tells whether there are more.
  auto found = statement.query(room, window.first, window.last, window.limit + 1);
  message_page page;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return page;
    page.has_more = std::ssize(page.messages) == window.limit;
    if (page.has_more) return page;
    page.messages.push_back(message_of(found));
  }
}

} // namespace hubbub
