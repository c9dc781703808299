#include "persistence/sqlite/sqlite_edits.hpp"

#include "persistence/sqlite/sqlite_columns.hpp"
#include "proto/own_event.hpp"

#include <utility>

namespace hubbub {

namespace {

constexpr auto find_message =
    "SELECT " HUBBUB_MESSAGE_COLUMNS " FROM messages WHERE room_id = ? AND seq = ?";
constexpr auto change_message =
    "UPDATE messages SET rev = ?, content = ?, edited_at = ?, deleted_at = ?"
    " WHERE room_id = ? AND seq = ?";

} // namespace

sqlite_edits::sqlite_edits(const sqlite::database& db, sqlite_search_indexer& search)
    : search_(search), find_(db, find_message), change_(db, change_message) {}

sqlite::status sqlite_edits::prepare() {
  return prepare_all(find_, change_);
}

op_result sqlite_edits::apply(sqlite_batch& batch, const op::edit_message& op) {
  const auto room = batch.room(op.room);
  if (!room) return unexpected(room.error());
  auto found = find(**room, op.room, op.seq, op.user_id);
  if (!found) return unexpected(found.error());
  if (!*found) return found->error();
  auto& now = **found;
  if (now.deleted_at) return store_error::no_such_message;
  if ((*room)->is_closed) return store_error::not_repeated;
  auto content = with_readable_text(now.content, op.content);
  if (now.content == content) return changed{.now = std::move(now), .repeated = true};
  const auto before = std::exchange(now.content, std::move(content));
  now.edited_at = batch.now();
  return store(**room, std::move(now), before);
}

op_result sqlite_edits::apply(sqlite_batch& batch, const op::delete_message& op) {
  const auto room = batch.room(op.room);
  if (!room) return unexpected(room.error());
  auto found = find(**room, op.room, op.seq, op.user_id);
  if (!found) return unexpected(found.error());
  if (!*found) return found->error();
  auto& now = **found;
  if (now.deleted_at) return changed{.now = std::move(now), .repeated = true};
  if ((*room)->is_closed) return store_error::not_repeated;
  const auto before = std::exchange(now.content, {});
  now.deleted_at = batch.now();
  return store(**room, std::move(now), before);
}

expected<expected<message, store_error>, store_error>
sqlite_edits::find(batch_room& room, room_id id, sequence seq, const std::string& user_id) {
  using answer = expected<message, store_error>;
  if (!room.exists) return answer{unexpected(store_error::no_such_room)};
  auto found = find_.query(id, seq);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return answer{unexpected(store_error::no_such_message)};
  auto message = message_of(found);
  if (message.user_id != user_id) return answer{unexpected(store_error::not_the_author)};
  return answer{std::move(message)};
}

op_result sqlite_edits::store(batch_room& room, message now, std::string_view content) {
  now.rev = revision{room.last_rev.value + 1};
  const auto stored =
      change_.run(now.rev, now.content, now.edited_at, now.deleted_at, now.room, now.seq);
  if (!stored) return unexpected(stored.error());
  if (const auto indexed =
          search_.change({now.id, now.room, now.user_id, content}, now.content);
      !indexed)
    return unexpected(indexed.error());
  room.changed = true;
  room.last_rev = now.rev;
  return changed{.now = std::move(now), .repeated = false};
}

} // namespace hubbub
