#include "persistence/index_file/index_file.hpp"

#include "persistence/index_file/index_matches.hpp"
#include "persistence/search/letters.hpp"
#include "persistence/sqlite/private_file.hpp"
#include "persistence/sqlite/sqlite_search_rank.hpp"
#include "persistence/sqlite/sqlite_search_tokenizer.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

namespace hubbub {

namespace {

/// Marks a file as an index (`PRAGMA application_id`): "HubI".
constexpr std::string_view application_mark = "HubI";
constexpr std::int64_t application_number = 0x48756249;
constexpr std::int64_t layout_version = 2;

// Another connection of this process may be writing.
constexpr int busy_ms = 1'000;

// `scope` is as in the database of a SQLite store: it narrows a search to a room or a user.
constexpr const char* create_index = R"(
CREATE TABLE origin (database TEXT NOT NULL, made_by TEXT NOT NULL) STRICT;
CREATE TABLE progress (
  step     INTEGER NOT NULL,
  next     INTEGER NOT NULL,
  taken    INTEGER NOT NULL,
  removals INTEGER NOT NULL
) STRICT;
INSERT INTO progress VALUES (0, 0, 0, 0);
CREATE TABLE running (number INTEGER PRIMARY KEY, taken INTEGER NOT NULL) STRICT;
CREATE TABLE entries (
  id      INTEGER PRIMARY KEY,
  room_id INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  rev     INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  content TEXT NOT NULL
) STRICT;
CREATE INDEX entries_by_place ON entries (room_id, seq);
CREATE VIEW searchable (id, content, scope) AS
  SELECT id, content, 'r' || room_id || ' u' || hex(user_id) FROM entries;
CREATE VIRTUAL TABLE words USING fts5 (
  content, scope, content = 'searchable', content_rowid = 'id', tokenize = 'hubbub'
);
INSERT INTO words (words, rank) VALUES ('crisismerge', 64), ('automerge', 0);
CREATE TABLE search_facts (place INTEGER PRIMARY KEY, facts BLOB NOT NULL) STRICT;
)";

constexpr auto progress = "SELECT step, next, taken, removals FROM progress";
constexpr auto running = "SELECT number, taken FROM running ORDER BY number";
constexpr auto move_progress =
    "UPDATE progress SET step = step + 1, next = ?, taken = ? WHERE step = ?";
constexpr auto forget_running = "DELETE FROM running";
constexpr auto add_running = "INSERT INTO running VALUES (?, ?)";
constexpr auto move_removals = "UPDATE progress SET removals = ?";
constexpr auto entry_by_id = "SELECT room_id, rev, user_id, content FROM entries WHERE id = ?";
constexpr auto entries_below =
    "SELECT id, user_id, content FROM entries WHERE room_id = ? AND seq < ? LIMIT ?";
constexpr auto put_entry = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)";
constexpr auto drop_entry = "DELETE FROM entries WHERE id = ?";
constexpr auto add_words = "INSERT INTO words (rowid, content, scope)"
                           " VALUES (?, ?, 'r' || ? || ' u' || hex(?))";
constexpr auto take_words = "INSERT INTO words (words, rowid, content, scope)"
                            " VALUES ('delete', ?, ?, 'r' || ? || ' u' || hex(?))";

expected<std::int64_t, store_error> number(sqlite::database& db, const std::string& query) {
  return db.value(query).map(
      [](const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); });
}

sqlite::status equip(const sqlite::database& db) {
  return add_search_tokenizer(db).and_then([&] { return add_content_rank(db); }).and_then([&] {
    return add_room_set(db);
  });
}

sqlite::status create_tables(sqlite::database& db, const std::string& origin) {
  sqlite::transaction creation{db};
  sqlite::statement sign{db, "INSERT INTO origin VALUES (?, ?)"};
  const auto made_by = tokenizer_version();
  return creation.begin()
      .and_then([&] { return db.run(create_index); })
      .and_then([&] { return sign.run(origin, made_by); })
      .and_then(
          [&] { return db.run("PRAGMA user_version = " + std::to_string(layout_version)); })
      .and_then([&] { return creation.commit(); });
}

} // namespace

index_file::index_file(sqlite::database opened)
    : db_(std::move(opened)), merges_(db_, "words"),
      facts_(db_, facts_generation, "words", "entries"), read_progress_(db_, progress),
      read_running_(db_, running), write_progress_(db_, move_progress),
      forget_running_(db_, forget_running), add_running_(db_, add_running),
      write_removals_(db_, move_removals), find_entry_(db_, entry_by_id),
      find_below_(db_, entries_below), put_entry_(db_, put_entry), drop_entry_(db_, drop_entry),
      add_words_(db_, add_words), take_words_(db_, take_words) {}

expected<std::unique_ptr<index_file>, store_error> index_file::open(const std::string& path,
                                                                    const std::string& origin) {
  bool is_other = false;
  auto opened = try_open(path, origin, is_other);
  if (!is_other) return opened;
  if (opened) opened->reset(); // closes the file
  remove(path);
  return try_open(path, origin, is_other);
}

expected<std::unique_ptr<index_file>, store_error>
index_file::try_open(const std::string& path, const std::string& origin, bool& is_other) {
  is_other = false;
  const auto failed = [&](store_error why) {
    is_other = why == store_error::corrupt;
    return unexpected(why);
  };
  create_for_owner(path); // it holds the text of all messages
  auto db = sqlite::database::open(path, sqlite::access::read_write, busy_ms);
  if (!db) return unexpected(store_error::io);
  if (const auto equipped = equip(*db); !equipped) return failed(equipped.error());
  const auto fits = fit_of(*db, origin);
  if (!fits) return failed(fits.error());
  is_other = *fits == fit::other;
  if (is_other) return std::unique_ptr<index_file>{};
  // The mark is written before there is a WAL, so that the file itself has it (`check_path`).
  const auto mark = "PRAGMA application_id = " + std::to_string(application_number);
  const auto marked = *fits == fit::empty ? db->run(mark) : sqlite::status{};
  // A transaction costs no fsync: after a loss of power the index is a little behind.
  const auto ready = marked.and_then([&] {
    return db->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                   "PRAGMA cache_size = -8192");
  });
  if (!ready) return failed(ready.error());
  if (*fits == fit::empty)
    if (const auto created = create_tables(*db, origin); !created)
      return failed(created.error());
  std::unique_ptr<index_file> made{new index_file{*std::move(db)}};
  made->is_new_ = *fits == fit::empty;
  // Statements that cannot be prepared show tables that are not ours.
  if (!prepare_all(made->read_progress_, made->read_running_, made->find_entry_,
                   made->add_words_, made->merges_, made->facts_))
    return failed(store_error::corrupt);
  return made;
}

expected<index_file::fit, store_error> index_file::fit_of(sqlite::database& db,
                                                          const std::string& origin) {
  const auto objects = number(db, "SELECT count(*) FROM sqlite_schema");
  if (!objects) return unexpected(objects.error());
  if (*objects == 0) return fit::empty;
  const auto owner = number(db, "PRAGMA application_id");
  if (!owner) return unexpected(owner.error());
  const auto version = number(db, "PRAGMA user_version");
  if (!version) return unexpected(version.error());
  if (*owner != application_number || *version != layout_version) return fit::other;
  const auto database = db.value("SELECT database FROM origin");
  const auto made_by = db.value("SELECT made_by FROM origin");
  if (!database || !made_by) return fit::other;
  return *database == origin && *made_by == tokenizer_version() ? fit::good : fit::other;
}

void index_file::remove(const std::string& path) {
  std::error_code ignored;
  for (const auto* beside : {"", "-wal", "-shm", "-journal"})
    std::filesystem::remove(path + beside, ignored);
}

expected<void, std::string> index_file::check_path(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const auto what = fs::status(path, failed);
  if (!fs::exists(what)) return {};
  if (!fs::is_regular_file(what))
    return unexpected(path + " is not a file: name another place for the search index");
  constexpr std::size_t mark_at = 68; // in the header of a SQLite file
  std::array<char, 100> header{};
  std::ifstream{path, std::ios::binary}.read(header.data(), header.size());
  const std::string_view bytes{header.data(), header.size()};
  // A page of zeros is what a loss of power may leave of an index.
  const bool is_blank = bytes.find_first_not_of('\0') == std::string_view::npos;
  if (is_blank || bytes.substr(mark_at, application_mark.size()) == application_mark) return {};
  return unexpected(path + " is not a search index: remove it, or name another file");
}

expected<log_cursor, store_error> index_file::cursor() {
  log_cursor at;
  {
    auto found = read_progress_.query();
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return unexpected(store_error::corrupt);
    at.step = found.integer(0);
    at.next = {found.integer(1), found.integer(2)};
  }
  auto found = read_running_.query();
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return at;
    at.running.push_back({found.integer(0), found.integer(1)});
  }
}

expected<std::int64_t, store_error> index_file::removals_cursor() {
  auto found = read_progress_.query();
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return unexpected(store_error::corrupt);
  return found.integer(3);
}

sqlite::status index_file::change::put(const indexed_entry& entry) {
  bool is_there = false;
  room_id room;
  std::string user_id;
  std::string content;
  {
    auto found = file_.find_entry_.query(entry.id);
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    is_there = *row;
    if (is_there) {
      if (found.number<revision>(1) == entry.rev) return {};
      room = found.number<room_id>(0);
      user_id = found.text(2);
      content = found.text(3);
    }
  }
  if (is_there)
    if (const auto out = take_out(entry.id, room, user_id, content); !out) return out;
  bytes_ += 1 + std::ssize(entry.content);
  file_.facts_.add(entry.id, entry.room);
  return file_.put_entry_
      .run(entry.id, entry.room, entry.seq, entry.rev, entry.user_id, entry.content)
      .and_then([&] {
        return file_.add_words_.run(entry.id, entry.content, entry.room, entry.user_id);
      });
}

sqlite::status index_file::change::take_out(message_id id, room_id room,
                                            const std::string& user_id,
                                            const std::string& content) {
  bytes_ += 1 + std::ssize(content);
  return file_.take_words_.run(id, content, room, user_id).and_then([&] {
    return file_.drop_entry_.run(id);
  });
}

expected<std::int64_t, store_error>
index_file::change::remove_below(room_id room, sequence first, std::int64_t limit) {
  std::vector<indexed_entry> gone;
  {
    auto found = file_.find_below_.query(room, first, limit);
    for (;;) {
      const auto row = found.next();
      if (!row) return unexpected(row.error());
      if (!*row) break;
      gone.push_back({.id = found.number<message_id>(0),
                      .room = room,
                      .seq = {},
                      .rev = {},
                      .user_id = found.text(1),
                      .content = found.text(2)});
    }
  }
  for (const auto& each : gone)
    if (const auto out = take_out(each.id, room, each.user_id, each.content); !out)
      return unexpected(out.error());
  return std::ssize(gone);
}

expected<bool, store_error> index_file::change::commit(const log_cursor& now) {
  if (const auto moved = file_.write_progress_.run(now.next.number, now.next.taken, now.step);
      !moved)
    return unexpected(moved.error());
  if (file_.write_progress_.changes() == 0) return false;
  if (const auto done = file_.forget_running_.run(); !done) return unexpected(done.error());
  for (const auto& each : now.running)
    if (const auto added = file_.add_running_.run(each.number, each.taken); !added)
      return unexpected(added.error());
  const auto done = file_.facts_.store()
                        .and_then([&] { return file_.merges_.step(std::exchange(bytes_, 0)); })
                        .and_then([&] { return transaction_.commit(); });
  if (!done) return unexpected(done.error());
  return true;
}

sqlite::status index_file::change::commit_removals(std::int64_t cursor) {
  return file_.write_removals_.run(cursor)
      .and_then([&] { return file_.facts_.drop_old(); })
      .and_then([&] { return file_.merges_.step(std::exchange(bytes_, 0)); })
      .and_then([&] { return transaction_.commit(); });
}

} // namespace hubbub
