#include "persistence/sqlite/sqlite_search_indexer.hpp"

#include "persistence/sqlite/sqlite_columns.hpp"
#include "persistence/sqlite/sqlite_search_facts.hpp"
#include "persistence/sqlite/sqlite_search_filling.hpp"
#include "persistence/sqlite/sqlite_search_merges.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

namespace {

// From this many new messages on a commit takes them in at once: for each of them it writes
// less than a page of the index.
constexpr std::int64_t many_messages = 16;
// The tail never gets longer; the commit that would make it longer takes it in. So if the index
// cannot be written any more, neither can messages, and a search has to read this many at most.
constexpr std::int64_t longest_tail = 1'000;

// An index of words takes less than half of a database that holds nothing else, and messages
// need space as well.
constexpr std::int64_t index_share = 2;
constexpr std::int64_t most_reserve = 256 << 20;

constexpr auto unbounded = std::numeric_limits<std::int64_t>::max();

constexpr auto last_id =
    "SELECT " HUBBUB_LAST_MESSAGE_ID " FROM counters WHERE name = 'last_message_id'";
constexpr auto find_cursor = "SELECT value FROM counters WHERE name = ?";
// Also the counter of ids, which is on the same page.
constexpr auto move_cursor =
    "UPDATE counters SET value = iif(name = ?2, ?1, " HUBBUB_LAST_MESSAGE_ID
    ") WHERE name IN (?2, 'last_message_id')";
constexpr auto log_behind = "SELECT id, room_id, user_id, content FROM messages"
                            " WHERE id > ? ORDER BY id LIMIT ?";

// `scope` is as in the view `searchable`: it narrows a search to a room or a user inside the
// index. It holds one word for each, the user's in hexadecimal so that it stays one word.
constexpr auto words_to_add =
    "(rowid, content, scope) VALUES (?, ?, 'r' || ? || ' u' || hex(?))";
constexpr auto words_to_remove =
    ", rowid, content, scope) VALUES ('delete', ?, ?, 'r' || ? || ' u' || hex(?))";

} // namespace

struct sqlite_search_indexer::target {
  target(sqlite::database& db, search_index which)
      : index(std::move(which)), table(index.table()), cursor_name(index.cursor()),
        add_sql("INSERT INTO " + table + " " + words_to_add),
        remove_sql("INSERT INTO " + table + " (" + table + words_to_remove), add(db, add_sql),
        remove(db, remove_sql), commit_merges(db, table), care_merges(db, table),
        facts(db, index.generation, table, "messages"), filling(db, index) {}

  [[nodiscard]] sqlite::status add_words(const indexed_message& each) {
    bytes += 1 + std::ssize(each.content);
    facts.add(each.id, each.room);
    return add.run(each.id, each.content, each.room, each.user_id);
  }
  [[nodiscard]] sqlite::status remove_words(const indexed_message& each) {
    bytes += 1 + std::ssize(each.content);
    return remove.run(each.id, each.content, each.room, each.user_id);
  }

  search_index index;
  std::string table;
  std::string cursor_name;
  std::string add_sql;
  std::string remove_sql;
  sqlite::statement add;
  sqlite::statement remove;
  sqlite_search_merges commit_merges;
  sqlite_search_merges care_merges;
  search_facts_writer facts;
  search_facts_filling filling;

  // The state within the current transaction.
  std::optional<message_id> cursor;
  bool moved = false;
  bool removed = false;
  std::int64_t bytes = 0; ///< approximate bytes of text whose words were added or removed
};

sqlite_search_indexer::sqlite_search_indexer(sqlite::database& db)
    : db_(db), read_counter_(db, find_cursor), write_counter_(db, move_cursor),
      last_id_(db, last_id), log_(db, log_behind) {}

sqlite_search_indexer::~sqlite_search_indexer() = default;

sqlite::status sqlite_search_indexer::prepare() {
  targets_.clear();
  leaving_.clear();
  auto indexes = read_search_indexes(db_);
  if (!indexes) return unexpected(indexes.error());
  for (auto& each : *indexes) {
    if (each.state == search_index_state::leaving) {
      leaving_.push_back(std::move(each));
      continue;
    }
    auto& made = *targets_.emplace_back(std::make_unique<target>(db_, std::move(each)));
    if (const auto prepared = prepare_all(made.add, made.remove, made.commit_merges,
                                          made.care_merges, made.facts, made.filling);
        !prepared)
      return prepared;
  }
  return prepare_all(read_counter_, write_counter_, last_id_, log_)
      .and_then([&] { return measure(); })
      .and_then([&] { return measure_tail(); });
}

void sqlite_search_indexer::start() {
  at_once_ = true;
  took_in_tail_ = false;
  left_ = 0;
  for (auto& each : targets_) {
    each->cursor.reset();
    each->moved = false;
    each->removed = false;
    each->bytes = 0;
    each->facts.start();
  }
}

void sqlite_search_indexer::start_commit(std::int64_t messages) {
  start();
  at_once_ = messages >= many_messages || tail_ + messages > longest_tail;
}

void sqlite_search_indexer::on_committed() {
  if (took_in_tail_)
    tail_ = 0;
  else
    tail_ += left_;
}

expected<message_id, store_error> sqlite_search_indexer::read_cursor(std::string_view name) {
  auto found = read_counter_.query(name);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  // Beginning again from zero would put every word into the index a second time.
  if (!*row) return unexpected(store_error::corrupt);
  return found.number<message_id>(0);
}

expected<message_id, store_error> sqlite_search_indexer::last_message() {
  auto found = last_id_.query();
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return unexpected(store_error::corrupt);
  return found.number<message_id>(0);
}

expected<message_id, store_error> sqlite_search_indexer::cursor_of(target& which) {
  if (!which.cursor) {
    const auto stored = read_cursor(which.cursor_name);
    if (!stored) return stored;
    which.cursor = *stored;
  }
  return *which.cursor;
}

sqlite::status sqlite_search_indexer::add(const indexed_message& fresh) {
  if (!at_once_) {
    ++left_;
    return {};
  }
  took_in_tail_ = true;
  for (auto& each : targets_) {
    const auto cursor = cursor_of(*each);
    if (!cursor) return unexpected(cursor.error());
    if (cursor->value + 1 < fresh.id.value &&
        each->index.state == search_index_state::answering) {
      if (const auto taken = take_in(*each, {unbounded, unbounded}); !taken)
        return unexpected(taken.error());
      continue;
    }
    if (cursor->value + 1 != fresh.id.value) continue; // it gets there by itself
    if (const auto added = each->add_words(fresh); !added) return added;
    each->cursor = fresh.id;
    each->moved = true;
  }
  return {};
}

sqlite::status sqlite_search_indexer::change(const indexed_message& before,
                                             std::string_view content) {
  auto after = before;
  after.content = content;
  for (auto& each : targets_) {
    const auto cursor = cursor_of(*each);
    if (!cursor) return unexpected(cursor.error());
    if (*cursor < before.id) continue;
    if (const auto removed = each->remove_words(before); !removed) return removed;
    if (const auto added = each->add_words(after); !added) return added;
  }
  return {};
}

sqlite::status sqlite_search_indexer::remove(const indexed_message& gone) {
  for (auto& each : targets_) {
    const auto cursor = cursor_of(*each);
    if (!cursor) return unexpected(cursor.error());
    if (*cursor < gone.id) continue;
    each->removed = true;
    if (const auto removed = each->remove_words(gone); !removed) return removed;
  }
  return {};
}

sqlite::status sqlite_search_indexer::store_cursors() {
  for (auto& each : targets_) {
    if (const auto stored = each->facts.store(); !stored) return stored;
    if (!std::exchange(each->moved, false)) continue;
    if (const auto stored = write_counter_.run(each->cursor, each->cursor_name); !stored)
      return stored;
  }
  return {};
}

sqlite::status sqlite_search_indexer::finish_commit() {
  for (auto& each : targets_)
    if (const auto merged = each->commit_merges.step(std::exchange(each->bytes, 0)); !merged)
      return merged;
  return store_cursors();
}

sqlite::status sqlite_search_indexer::finish_care() {
  for (auto& each : targets_) {
    each->care_merges.note(std::exchange(each->bytes, 0));
    if (std::exchange(each->removed, false))
      if (const auto dropped = each->facts.drop_old(); !dropped) return dropped;
  }
  return store_cursors();
}

sqlite::status sqlite_search_indexer::take_in_tail() {
  start();
  if (auto* to = answering())
    if (const auto taken = take_in(*to, {unbounded, unbounded}); !taken)
      return unexpected(taken.error());
  return store_cursors();
}

expected<bool, store_error> sqlite_search_indexer::merge_step() {
  for (auto& each : targets_) {
    if (!each->care_merges.is_due()) continue;
    sqlite::transaction change{db_};
    const auto merged = change.begin()
                            .and_then([&] { return each->care_merges.merge_portion(); })
                            .and_then([&] { return change.commit(); });
    if (!merged) return unexpected(merged.error());
    return true;
  }
  return false;
}

bool sqlite_search_indexer::has_work() const {
  return progress_.building || !leaving_.empty() ||
         std::ranges::any_of(targets_,
                             [](const auto& each) { return !each->filling.is_done(); });
}

expected<bool, store_error> sqlite_search_indexer::fill_step() {
  for (auto& each : targets_) {
    if (each->filling.is_done()) continue;
    start();
    if (const auto filled = each->filling.step(each->facts); !filled)
      return unexpected(filled.error());
    return true;
  }
  return false;
}

expected<bool, store_error> sqlite_search_indexer::step(std::uint64_t free_bytes) {
  if (const auto merged = merge_step(); !merged || *merged) return merged;
  if (auto* built = building()) return build_step(*built, free_bytes);
  if (const auto filled = fill_step(); !filled || *filled) return filled;
  if (leaving_.empty()) return false;
  const auto more = remove_some_of(db_, leaving_.front());
  if (!more) return more;
  if (!*more) leaving_.erase(leaving_.begin());
  return has_work();
}

sqlite_search_indexer::target* sqlite_search_indexer::building() {
  for (auto& each : targets_)
    if (each->index.state == search_index_state::building) return each.get();
  return nullptr;
}

sqlite_search_indexer::target* sqlite_search_indexer::answering() {
  for (auto& each : targets_)
    if (each->index.state == search_index_state::answering) return each.get();
  return nullptr;
}

sqlite::status sqlite_search_indexer::measure_tail() {
  tail_ = 0;
  const auto* answers = answering();
  if (!answers) return {};
  const auto last = last_message();
  if (!last) return unexpected(last.error());
  const auto cursor = read_cursor(answers->cursor_name);
  if (!cursor) return unexpected(cursor.error());
  tail_ = std::max<std::int64_t>(last->value - cursor->value, 0);
  return {};
}

expected<bool, store_error> sqlite_search_indexer::follow(index_pace pace) {
  if (const auto measured = measure_tail(); !measured) return unexpected(measured.error());
  if (tail_ == 0) return false;
  const auto& step = pace == index_pace::alone ? large_step : small_step;
  start();
  sqlite::transaction change{db_};
  const auto done = change.begin()
                        .and_then([&] { return take_in_some(*answering(), step); })
                        .and_then([&](bool) { return finish_commit(); })
                        .and_then([&] { return change.commit(); })
                        .and_then([&] { return measure_tail(); });
  if (!done) return unexpected(done.error());
  return tail_ > 0;
}

expected<bool, store_error> sqlite_search_indexer::build_step(target& built,
                                                              std::uint64_t free_bytes) {
  if (const auto measured = measure(); !measured) return unexpected(measured.error());
  const auto needed = bytes_to_build(progress_.behind);
  if (!needed) return unexpected(needed.error());
  progress_.disk_too_full = free_bytes < static_cast<std::uint64_t>(*needed);
  if (progress_.disk_too_full) return false;

  start();
  sqlite::transaction change{db_};
  if (const auto begun = change.begin(); !begun) return unexpected(begun.error());
  const auto whole = take_in_some(built, small_step);
  const auto done = whole.and_then([&](bool at_the_end) -> sqlite::status {
    const auto finished = finish_care();
    if (!finished || !at_the_end) return finished;
    return let_built_index_answer(db_);
  });
  const auto stored = done.and_then([&] { return change.commit(); });
  if (!stored) {
    progress_.disk_too_full = stored.error() == store_error::full;
    return unexpected(stored.error());
  }
  if (!*whole) {
    if (const auto measured = measure(); !measured) return unexpected(measured.error());
    return true;
  }
  if (const auto known = prepare(); !known) return unexpected(known.error());
  return has_work();
}

expected<bool, store_error> sqlite_search_indexer::take_in_some(target& to,
                                                                const bounds& at_most) {
  auto whole = take_in(to, at_most);
  if (!whole || !*whole) return whole;
  const auto last = last_message();
  if (!last) return unexpected(last.error());
  to.cursor = *last; // everything up to there is gone
  to.moved = true;
  return true;
}

expected<bool, store_error> sqlite_search_indexer::take_in(target& to, const bounds& at_most) {
  const auto cursor = cursor_of(to);
  if (!cursor) return unexpected(cursor.error());
  std::int64_t messages = 0;
  std::int64_t bytes = 0;
  auto behind = log_.query(*cursor, at_most.messages);
  while (messages < at_most.messages && bytes < at_most.bytes) {
    const auto row = behind.next();
    if (!row) return unexpected(row.error());
    if (!*row) return true;
    const auto user_id = behind.text(2);
    const auto content = behind.text(3);
    const indexed_message each{behind.number<message_id>(0), behind.number<room_id>(1), user_id,
                               content};
    if (const auto added = to.add_words(each); !added) return unexpected(added.error());
    to.cursor = each.id;
    to.moved = true;
    ++messages;
    bytes += std::ssize(content);
  }
  return false;
}

sqlite::status sqlite_search_indexer::measure() {
  const auto* built = building();
  progress_.building = built != nullptr;
  if (!built) {
    progress_ = {};
    return {};
  }
  const auto last = last_message();
  if (!last) return unexpected(last.error());
  const auto cursor = read_cursor(built->cursor_name);
  if (!cursor) return unexpected(cursor.error());
  progress_.behind = last->value - cursor->value;
  progress_.of = last->value;
  return {};
}

expected<std::int64_t, store_error> sqlite_search_indexer::bytes_to_build(std::int64_t behind) {
  const auto pages = db_.value("PRAGMA page_count");
  if (!pages) return unexpected(pages.error());
  constexpr std::int64_t page_bytes = 4096;
  const std::int64_t bytes = std::stoll(*pages) * page_bytes;
  const auto share = static_cast<double>(behind) /
                     static_cast<double>(std::max<std::int64_t>(progress_.of, 1));
  return static_cast<std::int64_t>(static_cast<double>(bytes) * share) / index_share +
         std::min(bytes, most_reserve);
}

} // namespace hubbub
