#include "persistence/maintenance/maintenance.hpp"
#include "persistence/maintenance/maintenance_open.hpp"
#include "persistence/postgres/pg_address.hpp"
#include "persistence/postgres/pg_open.hpp"
#include "persistence/postgres/pg_reader.hpp"
#include "persistence/sqlite/sqlite_reader.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/chat/standing_json.hpp"
#include "proto/json/json.hpp"

#include <memory>
#include <utility>

namespace hubbub {

namespace {

// Bounds the memory in use: some megabytes if every message has the greatest length.
constexpr std::int64_t messages_a_page = 500;

std::string sentence_for(store_error why) {
  switch (why) {
  case store_error::no_such_room: return "there is no such room";
  case store_error::corrupt: return "the database is damaged: check it, or restore a backup";
  default: return "the database cannot be read";
  }
}

/// Makes a line about the room itself.
template <class Write>
std::string line_of(std::string_view what, const Write& write) {
  std::string text;
  json::writer out{text};
  out.begin_object().key(what);
  write(out);
  out.end_object();
  return text;
}

/// Makes the line of the room's properties; empty if it has no more than its name.
std::string room_line(const room_record& room) {
  return line_of("room", [&room](json::writer& out) {
    out.begin_object().field("private", room.is_private);
    if (room.owner) out.field("owner", *room.owner);
    if (room.is_closed) out.field("closed", true);
    out.end_object();
  });
}

std::string standing_line(const standing& each) {
  return line_of("standing", [&each](json::writer& out) { write_standing(out, each); });
}

expected<std::int64_t, std::string> export_from(store_reader& reader, const room_ref& room,
                                                const line_sink& sink) {
  const auto record = std::holds_alternative<room_id>(room)
                          ? reader.find_room(std::get<room_id>(room))
                          : reader.find_room(std::string_view{std::get<std::string>(room)});
  if (!record) return unexpected(sentence_for(record.error()));
  const auto standings = reader.read_standings(record->id);
  if (!standings) return unexpected(sentence_for(standings.error()));
  if (policy_of(*record) != room_policy{} && !sink(room_line(*record))) return 0;
  for (const auto& each : *standings)
    if (!sink(standing_line(each))) return 0;
  message_range range{.room = record->id,
                      .after = sequence{0},
                      .up_to = record->last_seq,
                      .limit = messages_a_page};
  std::int64_t exported = 0;
  // Each page is a snapshot of its own: one over the whole export would keep the server's WAL
  // from restarting.
  for (;;) {
    const auto page = reader.read_messages(range);
    if (!page) return unexpected(sentence_for(page.error()));
    for (const auto& each : page->messages) {
      if (!sink(message_json(each, record->name))) return exported;
      ++exported;
    }
    if (!page->has_more) return exported;
    range.after = page->messages.back().seq;
  }
}

expected<std::int64_t, std::string>
export_from_postgres(const std::string& address, const room_ref& room, const line_sink& sink) {
  {
    auto open = pg::open_session(address, pg::role::reader, durability::full);
    if (!open) return unexpected(pg::cannot_use(address, open.error()));
    if (auto fits = pg::expect_current(*open, address); !fits) return unexpected(fits.error());
  }
  pg_reader reader{address};
  return export_from(reader, room, sink);
}

} // namespace

expected<std::int64_t, std::string> export_room(const std::string& path, const room_ref& room,
                                                const line_sink& sink) {
  if (pg::is_address(path)) return export_from_postgres(path, room, sink);
  auto db = readable_database::open(path);
  if (!db) return unexpected(std::move(db.error()));
  sqlite_reader reader{db->share()};
  auto exported = export_from(reader, room, sink);
  if (!exported) return exported;
  return db->was_left_alone().map([&exported] { return *exported; });
}

} // namespace hubbub
