#include "persistence/maintenance/room_check.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace hubbub {
namespace {

/// Returns by how much `later` is later, or the greatest number if it is by more: a damaged
/// database may say anything.
std::int64_t span_between(std::int64_t earlier, std::int64_t later) {
  const auto span = static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min<std::uint64_t>(span, most));
}

} // namespace

void room_checker::add(const checked_message& each) {
  if (!known_) return;
  if (last_seq_ == 0 && each.seq != says_.first_seq)
    complain("begins at " + std::to_string(each.seq) + ", not at " +
             std::to_string(says_.first_seq));
  if (last_seq_ != 0 && (each.seq <= last_seq_ || span_between(last_seq_, each.seq) != 1))
    complain("has no message between " + std::to_string(last_seq_) + " and " +
             std::to_string(each.seq));
  if (each.id <= last_id_) complain_of(each, "an id that is not above the one before");
  if (each.unchanged && each.rev <= last_rev_)
    complain_of(each, "a rev that is not above the one before");
  if (each.rev > says_.last_rev) complain_of(each, "a rev above the room's last");
  if (each.talking_tombstone) complain_of(each, "content although it was deleted");
  last_seq_ = each.seq;
  last_id_ = each.id;
  if (each.unchanged) last_rev_ = each.rev;
  // `latest_at` is at least this; messages that retention removed may have been later still.
  latest_ = std::max(latest_, each.created_at);
  clock_back_ = std::max(clock_back_, span_between(each.created_at, latest_));
}

void room_checker::end() {
  if (!known_) return;
  if (last_seq_ != says_.last_seq)
    complain("ends at " + std::to_string(last_seq_) + ", not at " +
             std::to_string(says_.last_seq));
  if (latest_ > says_.latest_at || clock_back_ > says_.clock_back_ms)
    complain("has messages of times that its record does not know of");
}

void room_checker::complain(const std::string& what) {
  findings_.add("room " + std::to_string(room_) + " " + what);
}

void room_checker::complain_of(const checked_message& each, const std::string& what) {
  complain("has a message " + std::to_string(each.seq) + " with " + what);
}

namespace {

constexpr auto all_messages =
    "SELECT room_id, seq, id, rev, created_at, edited_at IS NULL AND deleted_at IS NULL,"
    " deleted_at IS NOT NULL AND content <> '' FROM messages ORDER BY room_id, seq";
constexpr auto room_counters =
    "SELECT first_seq, last_seq, last_rev, latest_at, clock_back_ms FROM rooms WHERE id = ?";

expected<std::optional<checked_room>, store_error> counters_of(sqlite::statement& find,
                                                               std::int64_t room) {
  auto found = find.query(room);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return std::nullopt;
  return checked_room{.first_seq = found.integer(0),
                      .last_seq = found.integer(1),
                      .last_rev = found.integer(2),
                      .latest_at = found.integer(3),
                      .clock_back_ms = found.integer(4)};
}

checked_message checked_message_of(const sqlite::rows& found) {
  return {.room = found.integer(0),
          .seq = found.integer(1),
          .id = found.integer(2),
          .rev = found.integer(3),
          .created_at = found.integer(4),
          .unchanged = found.integer(5) != 0,
          .talking_tombstone = found.integer(6) != 0};
}

} // namespace

expected<std::int64_t, store_error> check_rooms(const sqlite::database& db,
                                                check_findings& findings) {
  sqlite::statement messages{db, all_messages};
  sqlite::statement rooms{db, room_counters};
  std::optional<room_checker> room;
  std::int64_t count = 0;
  auto found = messages.query();
  for (;;) {
    const auto there = found.next();
    if (!there) return unexpected(there.error());
    if (!*there) break;
    const auto each = checked_message_of(found);
    if (!room || room->room() != each.room) {
      if (room) room->end();
      const auto says = counters_of(rooms, each.room);
      if (!says) return unexpected(says.error());
      room.emplace(each.room, *says, findings);
    }
    room->add(each);
    ++count;
  }
  if (room) room->end();
  return count;
}

} // namespace hubbub
