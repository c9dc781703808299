#include "persistence/maintenance.hpp"
#include "persistence/maintenance_open.hpp"
#include "persistence/sqlite_reader.hpp"
#include "proto/chat_event.hpp"

#include <memory>
#include <utility>

namespace hubbub {

namespace {

// What is in memory at a time: some megabytes where every message is as long as may be.
constexpr std::int64_t messages_a_page = 500;

std::string sentence_for(store_error why) {
  switch (why) {
  case store_error::no_such_room: return "there is no such room";
  case store_error::corrupt: return "the database is damaged: check it, or restore a backup";
  default: return "the database cannot be read";
  }
}

} // namespace

expected<std::int64_t, std::string> export_room(const std::string& path, const room_ref& room,
                                                const line_sink& sink) {
  auto db = open_existing(path, sqlite::access::read_only);
  if (!db) return unexpected(std::move(db.error()));
  sqlite_reader reader{std::make_shared<sqlite::database>(*std::move(db))};
  const auto record = std::holds_alternative<room_id>(room)
                          ? reader.find_room(std::get<room_id>(room))
                          : reader.find_room(std::string_view{std::get<std::string>(room)});
  if (!record) return unexpected(sentence_for(record.error()));
  message_range range{.room = record->id,
                      .after = sequence{0},
                      .up_to = record->last_seq,
                      .limit = messages_a_page};
  std::int64_t exported = 0;
  // A snapshot a page: one over all of it would keep the server's WAL from being used again.
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

} // namespace hubbub
