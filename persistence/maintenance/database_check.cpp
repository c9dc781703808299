#include "persistence/maintenance/maintenance.hpp"
#include "persistence/maintenance/maintenance_open.hpp"
#include "persistence/maintenance/pg_maintenance.hpp"
#include "persistence/maintenance/room_check.hpp"
#include "persistence/postgres/pg_address.hpp"
#include "persistence/search/letters.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "persistence/sqlite/sqlite_search_indexes.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace hubbub {

namespace {

/// Queries that find faults. Each row that one returns is a sentence about one fault.
constexpr const char* questions[] = {
    "SELECT 'there is no counter of message ids'"
    " WHERE NOT EXISTS (SELECT 1 FROM counters WHERE name = 'last_message_id')",

    "SELECT 'room ' || id || ' is empty but says that it begins at ' || first_seq ||"
    " ' and ends at ' || last_seq FROM rooms"
    " WHERE first_seq <> last_seq + 1"
    " AND NOT EXISTS (SELECT 1 FROM messages WHERE room_id = rooms.id) LIMIT 100",

    "SELECT 'the repeat of client_id ' || quote(d.client_id) || ' in room ' || d.room_id ||"
    " ' has no message ' || d.seq || ' and no content' FROM dedupe d"
    " WHERE d.content IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM messages m WHERE m.room_id = d.room_id AND m.seq = d.seq) LIMIT 100",

    "SELECT 'the repeat of client_id ' || quote(d.client_id) || ' in room ' || d.room_id ||"
    " ' leads to message ' || d.seq || ', which is another' FROM dedupe d"
    " JOIN messages m ON m.room_id = d.room_id AND m.seq = d.seq"
    " WHERE m.user_id <> d.user_id OR m.client_id IS NOT d.client_id OR m.id <> d.id LIMIT 100",

    "SELECT 'user ' || quote(k.user_id) || ' has read room ' || k.room_id || ' up to ' || "
    "k.seq ||"
    " ', beyond its end' FROM read_markers k LEFT JOIN rooms r ON r.id = k.room_id"
    " WHERE k.seq > coalesce(r.last_seq, 0) LIMIT 100",

    "SELECT 'user ' || quote(user_id) || ' has a standing ' || kind || ' in room ' || room_id "
    "||"
    " ', which is not there' FROM standings"
    " WHERE room_id NOT IN (SELECT id FROM rooms) LIMIT 100",

    "SELECT 'user ' || quote(user_id) || ' has a standing ' || kind || ' in room ' || room_id "
    "||"
    " ', which means nothing' FROM standings WHERE kind NOT IN (1, 2, 3) LIMIT 100",

    "SELECT 'room ' || id || ' is closed, but was never closed' FROM rooms"
    " WHERE is_closed AND closings = 0 LIMIT 100",

    "SELECT 'a recoverable session in room ' || room_id || ' is not known' FROM "
    "recoverable_rooms"
    " WHERE session NOT IN (SELECT session FROM recoverable) LIMIT 100",

    "SELECT 'a recoverable session that is owed a gap of room ' || room_id || ' is not known'"
    " FROM owed_gaps WHERE session NOT IN (SELECT session FROM recoverable) LIMIT 100",

    "SELECT 'the secret has not 16 bytes'"
    " WHERE (SELECT group_concat(length(bytes)) FROM secret) IS NOT '16'",

    "SELECT 'message ' || id || ' is not among those of its user' FROM messages m"
    " WHERE NOT EXISTS (SELECT 1 FROM user_blocks b WHERE b.room_id = m.room_id"
    " AND b.user_id = m.user_id AND b.block = m.seq >> 6) LIMIT 100",

    "SELECT 'user ' || quote(user_id) || ' has no message in block ' || block || ' of room ' ||"
    " room_id || ', which says so' FROM user_blocks b WHERE NOT EXISTS"
    " (SELECT 1 FROM messages m WHERE m.room_id = b.room_id AND m.user_id = b.user_id"
    " AND m.seq BETWEEN b.block << 6 AND (b.block << 6) + 63) LIMIT 100",

    "SELECT 'there is no search index that answers, or more than one'"
    " WHERE (SELECT count(*) FROM search_indexes WHERE state = 1) <> 1",
};

/// Queries that find faults of one search index. `db check` runs them for each index that the
/// server fills, with the names of its table and of its cursor filled in.
constexpr const char* index_questions[] = {
    "SELECT 'the search has no cursor CURSOR'"
    " WHERE NOT EXISTS (SELECT 1 FROM counters WHERE name = 'CURSOR')",

    "SELECT 'message ' || id || ' is not in the search' FROM messages"
    " WHERE id <= (SELECT value FROM counters WHERE name = 'CURSOR')"
    " AND id NOT IN (SELECT id FROM TABLE_docsize) LIMIT 100",

    "SELECT 'the search knows a message ' || id || ' that is not there' FROM TABLE_docsize"
    " WHERE id NOT IN (SELECT id FROM messages"
    " WHERE id <= (SELECT value FROM counters WHERE name = 'CURSOR')) LIMIT 100",
};

/// Passes the rows of a query to `take`.
template <class Take>
sqlite::status ask(const sqlite::database& db, std::string_view question, const Take& take) {
  sqlite::statement asking{db, question};
  auto answers = asking.query();
  for (;;) {
    const auto row = answers.next();
    if (!row) return unexpected(row.error());
    if (!*row) return {};
    take(answers.text(0));
  }
}

/// Runs SQLite's own check of pages, and of indexes against their tables.
sqlite::status check_pages(const sqlite::database& db, check_findings& findings) {
  return ask(db, "PRAGMA integrity_check", [&](const std::string& answer) {
    if (answer != "ok") findings.add("SQLite: " + answer);
  });
}

sqlite::status check_meaning(const sqlite::database& db, check_findings& findings) {
  for (const auto* question : questions) {
    const auto asked =
        ask(db, question, [&](std::string answer) { findings.add(std::move(answer)); });
    if (!asked) return asked;
  }
  return {};
}

std::string replaced(std::string text, std::string_view placeholder, std::string_view value) {
  for (auto at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + value.size()))
    text.replace(at, placeholder.size(), value);
  return text;
}

sqlite::status check_indexes(const sqlite::database& db, check_findings& findings) {
  const auto indexes = read_search_indexes(db);
  if (!indexes) return unexpected(indexes.error());
  for (const auto& each : *indexes) {
    if (each.state == search_index_state::leaving) continue;
    for (const auto* question : index_questions) {
      const auto asked =
          ask(db, replaced(replaced(question, "TABLE", each.table()), "CURSOR", each.cursor()),
              [&](std::string answer) { findings.add(std::move(answer)); });
      if (!asked) return asked;
    }
  }
  return {};
}

/// True if this program can compare the words of an index: it was made by the same rules.
bool can_compare(const search_index& index) {
  return index.generation == 0 || index.made_by == tokenizer_version();
}

/// Takes the tail of the log, which a crash leaves, into the index that answers, in the
/// transaction of the caller, who rolls it back: the comparison is with all messages.
sqlite::status take_in_tail(sqlite::database& db) {
  sqlite_search_indexer indexer{db};
  return indexer.prepare().and_then([&] { return indexer.take_in_tail(); });
}

/// Compares every word of every message with the search. SQLite treats that query as a write,
/// hence the lock. Returns false if there is nothing to compare with.
expected<bool, std::string> compare_search(const std::string& path, check_findings& findings) {
  auto db = open_existing(path);
  if (!db) return unexpected(std::move(db.error()));
  sqlite::transaction change{*db};
  sqlite::statement answering{*db, answering_index_query};
  if (!change.begin()) return unexpected(failure("the check", *db));
  const auto index = read_answering_index(answering);
  if (!index) return unexpected(failure("the check", *db));
  if (!can_compare(*index)) return false;
  if (!take_in_tail(*db)) return unexpected(failure("the check", *db));
  const auto table = index->table();
  if (!db->run("INSERT INTO " + table + " (" + table + ", rank) VALUES ('integrity-check', 1)"))
    findings.add("the search is not in step with the messages (" + db->last_error() + ")");
  return true;
}

/// Checks everything but the words of the search, at one moment.
expected<void, std::string> check_content(const std::string& path, check_report& report,
                                          check_findings& findings) {
  auto opened = readable_database::open(path);
  if (!opened) return unexpected(std::move(opened.error()));
  auto& db = opened->db();
  sqlite::snapshot moment{db};
  const auto checked = [&] {
    if (!moment.begin() || !check_pages(db, findings)) return false;
    // If the file is damaged, its contents cannot be checked for their meaning.
    if (!findings.empty()) return true;
    const auto messages = check_rooms(db, findings);
    report.messages = messages.value_or(0);
    return messages && check_meaning(db, findings) && check_indexes(db, findings);
  };
  const bool read = checked();
  if (auto alone = opened->was_left_alone(); !alone) return alone;
  if (!read) return unexpected(failure("the check", db));
  return {};
}

} // namespace

expected<check_report, std::string> check_database(const std::string& path) {
  if (pg::is_address(path)) return check_postgres(path);
  check_report report;
  check_findings findings;
  if (const auto done = check_content(path, report, findings); !done)
    return unexpected(done.error());
  if (findings.empty() && may_be_written(path)) {
    if (const auto lock = file_lock::take(path)) {
      const auto compared = compare_search(path, findings);
      if (!compared) return unexpected(compared.error());
      report.search_compared = *compared;
    }
  }
  report.findings = findings.take();
  return report;
}

} // namespace hubbub
