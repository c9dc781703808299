#include "persistence/sqlite/sqlite_message_index.hpp"

namespace hubbub {

namespace {

// As the view `searchable` has it.
constexpr auto add_words = "INSERT INTO search (rowid, content, scope)"
                           " VALUES (?, ?, 'r' || ? || ' u' || hex(?))";
constexpr auto add_block = "INSERT INTO user_blocks (room_id, user_id, block)"
                           " VALUES (?, ?, ? >> 6) ON CONFLICT DO NOTHING";

} // namespace

sqlite_message_index::sqlite_message_index(const sqlite::database& db)
    : add_words_(db, add_words), add_block_(db, add_block) {}

sqlite::status sqlite_message_index::add(const message& fresh) {
  return add_words_.run(fresh.id, fresh.content, fresh.room, fresh.user_id).and_then([&] {
    return add_block_.run(fresh.room, fresh.user_id, fresh.seq);
  });
}

} // namespace hubbub
