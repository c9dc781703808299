#include "persistence/maintenance/maintenance.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <stdexcept>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr timestamp soon{now.value + 100};

op::enter_recoverable entering(std::int64_t session, const std::string& user, room_id room) {
  op::enter_recoverable op;
  op.session = recovery_id{session};
  op.pid_hash.fill(static_cast<std::uint8_t>(session));
  op.sid = "sid" + std::to_string(session);
  op.user_id = user;
  op.username = "the " + user;
  op.room = room;
  return op;
}

/// Stores something of every kind that a database can hold.
void furnish(store_config config) {
  config.retention = {{.room_pattern = "old", .max_messages = 3}};
  opened db{config};
  const auto tea = db.create("tea");
  const auto old = db.create("old");
  const auto empty = db.create("empty");
  std::vector<write_op> ops;
  for (int i = 0; i < 1500; ++i)
    ops.emplace_back(say(tea, i % 3 == 0 ? "ann" : "bob", "tea " + std::to_string(i),
                         i % 2 == 0 ? std::optional{"c" + std::to_string(i)} : std::nullopt));
  std::ignore = db.writer().commit(ops, now);
  for (int i = 0; i < 8; ++i)
    std::ignore = db.append(say(old, "ann", "gräßlich ☕", "k" + std::to_string(i)), soon);
  std::ignore = db.append(say(tea, "bob", "the clock went back"), timestamp{now.value - 5000});
  std::ignore = db.write(op::edit_message{tea, sequence{4}, "ann", "edited"}, soon);
  std::ignore = db.write(op::delete_message{tea, sequence{7}, "ann"}, soon);
  std::ignore = db.write(op::mark_read{tea, "ann", sequence{9}});
  std::ignore = db.write(op::mark_read{old, "bob", sequence{0}});
  std::ignore = db.write(entering(4, "dan", tea));
  std::ignore = db.write(op::change_room{tea, true, "olga"});
  for (const auto& [room, is_closed] :
       {std::pair{old, true}, std::pair{old, false}, std::pair{empty, true}})
    std::ignore =
        db.write(op::change_room{room, std::nullopt, std::nullopt, "olga", is_closed});
  std::ignore = db.write(op::set_standing{tea, standing_kind::ban, "eve", "olga",
                                          timestamp{now.value + 1'000'000'000}, "rude"});
  std::ignore = db.write(op::set_standing{tea, standing_kind::member, "mia", "olga"});
  std::ignore = db.write(entering(1, "ann", tea));
  std::ignore = db.write(entering(1, "ann", old));
  std::ignore = db.write(entering(2, "bob", tea));
  std::ignore = db.write(op::end_recoverable{recovery_id{2}});
  std::ignore = db.write(op::owe_gaps{recovery_id{3}, {}, "sid-3", {{old, sequence{4}}}});
  while (db.writer().purge(soon)) {
  }
}

/// Returns all rows of all tables except the search's, as text.
std::string dump(const std::string& path) {
  auto db = raw(path);
  std::string text;
  for (const std::string table :
       {"counters", "rooms", "messages", "dedupe", "read_markers", "recoverable",
        "recoverable_rooms", "owed_gaps", "standings", "user_blocks"}) {
    const auto columns =
        db.value("SELECT group_concat('quote(' || name || ')', '|| '', '' ||') FROM"
                 " (SELECT name FROM pragma_table_info('" +
                 table + "') ORDER BY cid)");
    REQUIRE(columns);
    const auto rows = db.value("SELECT group_concat(line, char(10)) FROM (SELECT " + *columns +
                               " AS line FROM " + table + " ORDER BY line)");
    REQUIRE(rows);
    text += table + "\n" + *rows + "\n";
  }
  const auto secret = db.value("SELECT hex(bytes) FROM secret");
  REQUIRE(secret);
  return text + *secret;
}

const copy_progress quietly = [](std::string_view, std::int64_t, std::int64_t) {};

/// Thrown to interrupt a copy once so much of a part has been copied.
struct broken_off : std::runtime_error {
  using std::runtime_error::runtime_error;
};
copy_progress until(std::int64_t enough, std::string_view part = "messages") {
  return [enough, part](std::string_view of, std::int64_t done, std::int64_t) {
    if (of == part && done >= enough) throw broken_off{"enough"};
  };
}

} // namespace

TEST_CASE("a database that is copied from file to file stays what it is") {
  const sqlite_backend from;
  const sqlite_backend to;
  furnish(from.config());
  const auto copied = copy_database(from.config().path, to.config().path, quietly);
  if (!copied) FAIL(copied.error());
  CHECK(dump(to.config().path) == dump(from.config().path));
  const auto report = check_database(to.config().path);
  REQUIRE(report);
  CHECK(report->findings.empty());
}

TEST_CASE("postgres: a database that went to PostgreSQL and back is the one it was") {
  const sqlite_backend from;
  const postgres_backend there;
  const sqlite_backend back;
  furnish(from.config());
  const auto before = dump(from.config().path);
  auto copied = copy_database(from.config().path, there.config().path, quietly);
  if (!copied) FAIL(copied.error());
  const auto report = check_database(there.config().path);
  if (!report) FAIL(report.error());
  CHECK(report->findings == std::vector<std::string>{});
  CHECK(report->messages == 1504);
  copied = copy_database(there.config().path, back.config().path, quietly);
  if (!copied) FAIL(copied.error());
  CHECK(dump(back.config().path) == before);
}

TEST_CASE("postgres: numbers, repeats, offsets and sessions go on in the copy") {
  const sqlite_backend from;
  const postgres_backend there;
  furnish(from.config());
  std::array<std::uint8_t, 16> secret{};
  std::optional<recoverable_session> session;
  room_record tea;
  {
    opened db{from.config()};
    secret = db.whole().secret();
    session = *db.reader().find_recoverable(recovery_id{2});
    tea = *db.reader().find_room("tea");
  }
  REQUIRE(copy_database(from.config().path, there.config().path, quietly));
  auto config = there.config();
  config.dedupe_window_ms = 1'000'000;
  opened db{config};
  CHECK(db.whole().secret() == secret);
  CHECK(*db.reader().find_room("tea") == tea);
  CHECK(*db.reader().is_member(recovery_id{2}, tea.id, false));
  CHECK_FALSE(*db.reader().is_member(recovery_id{4}, tea.id, false)); // lost before the copy
  const auto known = *db.reader().find_recoverable(recovery_id{2});
  REQUIRE((known && session));
  CHECK(known->pid_hash == session->pid_hash);
  CHECK(known->sid == session->sid);
  CHECK(known->ended_at == session->ended_at);
  CHECK(known->joined == session->joined);
  const auto next = db.append(say(tea.id, "ann", "next")).stored;
  CHECK(next.seq.value == tea.last_seq.value + 1);
  CHECK(next.rev.value == tea.last_rev.value + 1);
  CHECK(next.id == message_id{1510});
  CHECK(db.append(say(tea.id, "ann", "again", "c0")).repeated);
  // Its message was removed by retention.
  const auto repeat = db.append(say(room_id{2}, "ann", "again", "k0"));
  CHECK(repeat.repeated);
  CHECK(repeat.stored.content == "gräßlich ☕");
  CHECK(db.create("next") == room_id{4});
}

TEST_CASE("postgres: a copy that was broken off goes on and serves nobody before") {
  const sqlite_backend from;
  furnish(from.config());
  const auto before = dump(from.config().path);
  const auto check = [&](const store_config& to) {
    CHECK_THROWS_AS(copy_database(from.config().path, to.path, until(1000)), broken_off);
    const auto half = open_store(to);
    REQUIRE_FALSE(half);
    CHECK(half.error().find("not whole") != std::string::npos);
    std::int64_t first = -1;
    const auto copied =
        copy_database(from.config().path, to.path,
                      [&](std::string_view table, std::int64_t done, std::int64_t) {
                        if (table == "messages" && first < 0) first = done;
                      });
    if (!copied) FAIL(copied.error());
    CHECK(first == 1000);
  };
  const postgres_backend there;
  check(there.config());
  const sqlite_backend back;
  REQUIRE(copy_database(there.config().path, back.config().path, quietly));
  CHECK(dump(back.config().path) == before);
  const sqlite_backend file;
  check(file.config());
  CHECK(dump(file.config().path) == before);
}

TEST_CASE("a copy to a file that was broken off while its search was built goes on with that") {
  const sqlite_backend from;
  const sqlite_backend to;
  furnish(from.config());
  {
    opened db{from.config()};
    db.fill(db.create("many"), 6'000); // more than one step
  }
  const auto done =
      GENERATE(0, 1, 6'000); // before its first step, after it, and after the last
  const auto& path = to.config().path;
  CHECK_THROWS_AS(
      copy_database(from.config().path, path, until(done, "message ids in the search")),
      broken_off);
  CHECK_FALSE(open_store(to.config()));
  const auto copied = copy_database(from.config().path, path, quietly);
  if (!copied) FAIL(copied.error());
  CHECK(dump(path) == dump(from.config().path));
  const auto report = check_database(path);
  REQUIRE(report);
  CHECK(report->findings.empty());
  CHECK(report->search_compared);
}

TEST_CASE("a copy never mixes with what is there") {
  const sqlite_backend from;
  const sqlite_backend to;
  furnish(from.config());
  { opened{to.config()}.create("other"); }
  const auto mixed = copy_database(from.config().path, to.config().path, quietly);
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().find("has rooms already") != std::string::npos);

  const sqlite_backend half;
  CHECK_THROWS_AS(copy_database(from.config().path, half.config().path, until(1000)),
                  broken_off);
  { std::ignore = opened{from.config()}.append(say(room_id{1}, "ann", "later")); }
  const auto changed = copy_database(from.config().path, half.config().path, quietly);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().find("written to since") != std::string::npos);
  CHECK_FALSE(copy_database(from.config().path + ".none", to.config().path, quietly));
}

TEST_CASE("a copy that another version began is not gone on with") {
  const sqlite_backend from;
  const sqlite_backend half;
  furnish(from.config());
  CHECK_THROWS_AS(copy_database(from.config().path, half.config().path, until(1000)),
                  broken_off);
  REQUIRE(raw(half.config().path).run("UPDATE copying SET source = substr(source, 3)"));
  const auto copied = copy_database(from.config().path, half.config().path, quietly);
  REQUIRE_FALSE(copied);
  CHECK(copied.error().find("another version of Hubbub") != std::string::npos);
}

TEST_CASE("a copy that was broken off does not go on after anything else was changed") {
  const sqlite_backend from;
  const sqlite_backend half;
  furnish(from.config());
  { const opened ends_sessions{from.config()}; }
  const auto tea = room_id{1};
  CHECK_THROWS_AS(copy_database(from.config().path, half.config().path, until(1000)),
                  broken_off);
  std::optional<write_op> changed;
  SECTION("as it does after nothing was") {}
  SECTION("a read marker") {
    changed = op::mark_read{tea, "ann", sequence{10}};
  }
  SECTION("a standing") {
    changed = op::set_standing{
        tea,        standing_kind::ban, "eve", "olga", timestamp{now.value + 1'000'000'000},
        "very rude"};
  }
  SECTION("a session") {
    changed = op::resume_recoverable{recovery_id{2}};
  }
  SECTION("a membership") {
    changed = op::drop_standing{tea, standing_kind::member, "mia", "olga"};
  }
  SECTION("an owner") {
    changed = op::change_room{tea, std::nullopt, "mia"};
  }
  {
    opened db{from.config()};
    if (changed) CHECK_FALSE(std::holds_alternative<store_error>(db.write(*changed)));
  }
  const auto copied = copy_database(from.config().path, half.config().path, quietly);
  CHECK(copied.has_value() == !changed.has_value());
  if (changed) CHECK(copied.error().find("written to since") != std::string::npos);
}

TEST_CASE("postgres: rooms are exported, imported and checked") {
  const sqlite_backend from;
  const postgres_backend there;
  furnish(from.config());
  { opened db{there.config()}; }
  std::vector<std::string> lines;
  const auto keep = [&](std::string_view line) {
    lines.emplace_back(line);
    return true;
  };
  REQUIRE(export_room(from.config().path, std::string{"tea"}, keep) == 1501);
  const auto feed = [&]() {
    return [&lines, i = std::size_t{0}]() mutable -> std::optional<std::string> {
      if (i == lines.size()) return std::nullopt;
      return lines[i++];
    };
  };
  const auto imported = import_room(there.config().path, "tea", feed());
  if (!imported) FAIL(imported.error());
  CHECK(*imported == 1501);
  const auto all = lines;
  lines.clear();
  CHECK(export_room(there.config().path, std::string{"tea"}, keep) == 1501);
  CHECK(lines.size() == all.size());
  CHECK(lines.front() == all.front()); // the line of the room's properties
  const auto report = check_database(there.config().path);
  REQUIRE(report);
  CHECK(report->findings == std::vector<std::string>{});
  {
    opened db{there.config()};
    CHECK(db.reader().find_room("tea")->owner == "olga");
    CHECK(db.reader().read_standings(room_id{1})->size() == 2);
    CHECK(import_room(there.config().path, "tea", feed())
              .error()
              .find("a server uses the database") != std::string::npos);
  }
  lines = {"{}"};
  CHECK_FALSE(import_room(there.config().path, "more", feed()));
  run_sql(there.config().path, "DELETE FROM messages WHERE room_id = 1 AND seq = 700;"
                               "UPDATE messages SET rev = 9000 WHERE room_id = 1 AND seq = 9");
  const auto damaged = check_database(there.config().path);
  REQUIRE(damaged);
  CHECK(damaged->findings.size() >= 2);
  CHECK(damaged->findings.front().find("room 1") != std::string::npos);
  CHECK_FALSE(back_up_database(there.config().path, "x"));
  CHECK_FALSE(compact_database(there.config().path));
}
