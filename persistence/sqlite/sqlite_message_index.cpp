#include "persistence/sqlite/sqlite_message_index.hpp"

namespace hubbub {

namespace {

constexpr auto add_block = "INSERT INTO user_blocks (room_id, user_id, block)"
                           " VALUES (?, ?, ? >> 6) ON CONFLICT DO NOTHING";

} // namespace

sqlite_message_index::sqlite_message_index(const sqlite::database& db,
                                           sqlite_search_indexer& search)
    : search_(search), add_block_(db, add_block) {}

sqlite::status sqlite_message_index::add(const message& fresh) {
  return search_.add({fresh.id, fresh.room, fresh.user_id, fresh.content}).and_then([&] {
    return add_block_.run(fresh.room, fresh.user_id, fresh.seq);
  });
}

} // namespace hubbub
