#include "persistence/maintenance/pg_maintenance.hpp"
#include "persistence/maintenance/room_check.hpp"
#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_open.hpp"

#include <chrono>
#include <map>

namespace hubbub {

namespace {

constexpr std::chrono::hours check_patience{24};
constexpr std::int64_t messages_a_walk = 10'000;

constexpr pg::statement begin_snapshot{"begin_snapshot",
                                       "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr pg::statement end_snapshot{"end_snapshot", "COMMIT"};
constexpr pg::statement next_messages{
    "next_messages",
    "SELECT room_id, seq, id, rev, created_at, edited_at IS NULL AND deleted_at IS NULL,"
    " deleted_at IS NOT NULL AND content <> '' FROM messages"
    " WHERE (room_id, seq) > ($1::bigint, $2::bigint) ORDER BY room_id, seq LIMIT $3::bigint"};
constexpr pg::statement rooms_between{
    "rooms_between", "SELECT id, first_seq, last_seq, last_rev, latest_at, clock_back_ms"
                     " FROM room_records WHERE id = ANY($1::bigint[])"};

/// Queries that find faults. Each row that one returns is a sentence about one fault.
constexpr pg::statement pg_questions[] = {
    {"question_ids",
     "SELECT 'the sequence of message ids stands at ' || last_value ||"
     " ', but there is a message ' || (SELECT max(id) FROM messages) FROM message_ids"
     " WHERE last_value < (SELECT max(id) FROM messages)"},
    {"question_repeats",
     "SELECT 'the repeat of client_id ' || quote_literal(d.client_id) || ' in room ' ||"
     " d.room_id || ' has no message ' || d.seq || ' and no content' FROM dedupe d"
     " WHERE d.content IS NULL AND NOT EXISTS"
     " (SELECT FROM messages m WHERE m.room_id = d.room_id AND m.seq = d.seq) LIMIT 100"},
    {"question_firsts",
     "SELECT 'the repeat of client_id ' || quote_literal(d.client_id) || ' in room ' ||"
     " d.room_id || ' leads to message ' || d.seq || ', which is another' FROM dedupe d"
     " JOIN messages m ON m.room_id = d.room_id AND m.seq = d.seq WHERE m.user_id <> d.user_id"
     " OR m.client_id IS DISTINCT FROM d.client_id OR m.id <> d.id LIMIT 100"},
    {"question_markers",
     "SELECT 'user ' || quote_literal(k.user_id) || ' has read room ' || k.room_id ||"
     " ' up to ' || k.seq || ', beyond its end' FROM read_markers k LEFT JOIN room_records r"
     " ON r.id = k.room_id WHERE k.seq > coalesce(r.last_seq, 0) LIMIT 100"},
    {"question_standings",
     "SELECT 'user ' || quote_literal(user_id) || ' has a standing ' || kind || ' in room ' ||"
     " room_id || ', which is not there' FROM standings s"
     " WHERE NOT EXISTS (SELECT FROM rooms WHERE id = s.room_id) LIMIT 100"},
    {"question_kinds",
     "SELECT 'user ' || quote_literal(user_id) || ' has a standing ' || kind || ' in room ' ||"
     " room_id || ', which means nothing' FROM standings WHERE kind NOT IN (1, 2, 3) LIMIT "
     "100"},
    {"question_closings",
     "SELECT 'room ' || id || ' is closed, but was never closed' FROM rooms"
     " WHERE is_closed AND closings = 0 LIMIT 100"},
    {"question_sessions",
     "SELECT 'a recoverable session in room ' || room_id || ' is not known'"
     " FROM recoverable_rooms r WHERE NOT EXISTS"
     " (SELECT FROM recoverable s WHERE s.session = r.session) LIMIT 100"},
    {"question_owed_gaps",
     "SELECT 'a recoverable session that is owed a gap of room ' || room_id || ' is not known'"
     " FROM owed_gaps o WHERE NOT EXISTS"
     " (SELECT FROM recoverable s WHERE s.session = o.session) LIMIT 100"},
    {"question_secret", "SELECT 'the secret has not 16 bytes' FROM settings"
                        " WHERE length(secret) <> 16 OR (SELECT count(*) FROM settings) <> 1"},
    {"question_floors",
     "SELECT 'room ' || id || ' has a last rev below that of a message' FROM room_records r"
     " WHERE EXISTS (SELECT FROM messages m WHERE m.room_id = r.id AND m.rev > r.last_rev)"
     " LIMIT 100"},
};

/// Walks through the log of all rooms, one page at a time.
class log_walk {
 public:
  log_walk(pg::connection& open, check_findings& findings) : open_(open), findings_(findings) {}

  [[nodiscard]] expected<std::int64_t, pg::failure> run() {
    for (;;) {
      std::vector<checked_message> page;
      pg::exchange read{open_};
      read.add(next_messages, pg::parameters::of(at_.room, at_.seq, messages_a_walk),
               [&](const pg::result& rows) { page = messages_of(rows); });
      if (const auto done = read.run(check_patience); !done) return unexpected(done.error());
      if (page.empty()) break;
      if (const auto known = find_rooms(page); !known) return unexpected(known.error());
      for (const auto& each : page)
        add(each);
      at_ = page.back();
      count_ += std::ssize(page);
    }
    if (room_) room_->end();
    return count_;
  }

 private:
  static std::vector<checked_message> messages_of(const pg::result& rows) {
    std::vector<checked_message> page;
    page.reserve(static_cast<std::size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i)
      page.push_back({.room = rows.integer(i, 0),
                      .seq = rows.integer(i, 1),
                      .id = rows.integer(i, 2),
                      .rev = rows.integer(i, 3),
                      .created_at = rows.integer(i, 4),
                      .unchanged = rows.boolean(i, 5),
                      .talking_tombstone = rows.boolean(i, 6)});
    return page;
  }
  expected<void, pg::failure> find_rooms(const std::vector<checked_message>& page) {
    pg::array ids{pg::element::number};
    std::int64_t last = 0;
    for (const auto& each : page)
      if (std::exchange(last, each.room) != each.room) ids.add(each.room);
    rooms_.clear();
    pg::exchange read{open_};
    read.add(rooms_between, pg::parameters::of(ids), [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i)
        rooms_[rows.integer(i, 0)] = {.first_seq = rows.integer(i, 1),
                                      .last_seq = rows.integer(i, 2),
                                      .last_rev = rows.integer(i, 3),
                                      .latest_at = rows.integer(i, 4),
                                      .clock_back_ms = rows.integer(i, 5)};
    });
    return read.run(check_patience);
  }
  void add(const checked_message& each) {
    if (!room_ || room_->room() != each.room) {
      if (room_) room_->end();
      const auto says = rooms_.find(each.room);
      room_.emplace(each.room,
                    says == rooms_.end() ? std::nullopt : std::optional{says->second},
                    findings_);
    }
    room_->add(each);
  }

  pg::connection& open_;
  check_findings& findings_;
  checked_message at_;
  std::int64_t count_ = 0;
  std::map<std::int64_t, checked_room> rooms_; ///< the rooms of the current page
  std::optional<room_checker> room_;
};

} // namespace

expected<check_report, std::string> check_postgres(const std::string& address) {
  auto open = pg::open_session(address, pg::role::tool, durability::full);
  if (!open) return unexpected(pg::cannot_use(address, open.error()));
  if (auto fits = pg::expect_current(*open, address); !fits) return unexpected(fits.error());
  check_report report;
  check_findings findings;
  pg::exchange begin{*open};
  begin.add(begin_snapshot);
  const auto failed = [&](const pg::failure& why) {
    return unexpected("the check failed: " + why.message);
  };
  if (const auto begun = begin.run(check_patience); !begun) return failed(begun.error());
  const auto messages = log_walk{*open, findings}.run();
  if (!messages) return failed(messages.error());
  pg::exchange ask{*open};
  for (const auto& question : pg_questions)
    ask.add(question, {}, [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i)
        findings.add(rows.text(i, 0));
    });
  ask.add(end_snapshot);
  if (const auto asked = ask.run(check_patience); !asked) return failed(asked.error());
  report.messages = *messages;
  report.search_compared = true; // PostgreSQL has no search index that could be out of step
  report.findings = findings.take();
  return report;
}

} // namespace hubbub
