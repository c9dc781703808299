#include "persistence/sqlite/sqlite_search_filling.hpp"

namespace hubbub {

namespace {

constexpr auto read_left = "SELECT value FROM counters WHERE name = ?";
constexpr auto write_left = "UPDATE counters SET value = ?2 WHERE name = ?1";
constexpr auto remove_left = "DELETE FROM counters WHERE name = ?";
// The messages of the index with the cursor ?2 that are in the block of the newest message
// below the id ?1. Those after the cursor bring their facts with them.
constexpr auto unfilled_messages =
    "SELECT id, room_id FROM messages WHERE id < ?1"
    " AND id <= (SELECT value FROM counters WHERE name = ?2)"
    " AND id >= (SELECT max(id) / ?3 * ?3 FROM messages"
    " WHERE id < ?1 AND id <= (SELECT value FROM counters WHERE name = ?2))";

} // namespace

search_facts_filling::search_facts_filling(sqlite::database& db, const search_index& index)
    : db_(db), counter_(index.unfilled()), cursor_(index.cursor()), read_(db, read_left),
      write_(db, write_left), remove_(db, remove_left), messages_(db, unfilled_messages) {}

sqlite::status search_facts_filling::prepare() {
  if (const auto done = prepare_all(read_, write_, remove_, messages_); !done) return done;
  auto found = read_.query(counter_);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  left_ = *row ? found.integer(0) : 0;
  return {};
}

sqlite::status search_facts_filling::step(search_facts_writer& facts) {
  std::int64_t block = 0;
  sqlite::transaction change{db_};
  const auto done =
      change.begin()
          .and_then([&] { return fill(facts, block); })
          .and_then([&] { return facts.store(); })
          .and_then(
              [&] { return block > 0 ? write_.run(counter_, block) : remove_.run(counter_); })
          .and_then([&] { return change.commit(); });
  if (done) left_ = block;
  return done;
}

sqlite::status search_facts_filling::fill(search_facts_writer& facts, std::int64_t& block) {
  auto found = messages_.query(left_ * facts_block::messages, cursor_, facts_block::messages);
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return {};
    const auto id = found.number<message_id>(0);
    block = facts_block::of(id);
    facts.add(id, found.number<room_id>(1));
  }
}

} // namespace hubbub
