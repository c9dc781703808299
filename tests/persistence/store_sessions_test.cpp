// What every store must do: read markers and recoverable sessions.
#include "tests/persistence/store_fixture.hpp"

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr recovery_id session{0x0123456789abcdef};

room_position at(room_id room, std::int64_t seq, std::int64_t rev) {
  return {.room = room, .seq = sequence{seq}, .rev = revision{rev}};
}

op::enter_recoverable enter(room_id room, recovery_id id = session) {
  op::enter_recoverable op;
  op.session = id;
  op.pid_hash.fill(0xab);
  op.sid = "sid-1";
  op.user_id = "ann";
  op.username = "Ann";
  op.room = room;
  return op;
}

std::optional<recoverable_session> find(opened& db, recovery_id id = session) {
  auto found = db.reader().find_recoverable(id);
  REQUIRE(found);
  return *std::move(found);
}

std::int64_t mark(opened& db, room_id room, const std::string& user, std::int64_t seq) {
  return std::get<marked>(db.write(op::mark_read{room, user, sequence{seq}})).seq.value;
}

read_marker marker(opened& db, const std::string& user, room_id room) {
  const std::vector rooms{room};
  const auto markers = db.reader().read_markers(user, rooms);
  REQUIRE(markers);
  REQUIRE(markers->size() == 1);
  return markers->front();
}

} // namespace

STORE_TEST_CASE("a read marker goes forward only, and not past the end") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 5);
  CHECK(mark(db, room, "bob", 3) == 3);
  CHECK(mark(db, room, "bob", 2) == 3);
  CHECK(mark(db, room, "bob", 99) == 5);
  CHECK(mark(db, room, "cat", -7) == 0);
  CHECK(marker(db, "bob", room).seq == sequence{5});
  CHECK(failed_with(db.write(op::mark_read{room_id{9}, "bob", sequence{1}}),
                    store_error::no_such_room));
}

STORE_TEST_CASE("unread are the others' messages behind the marker") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  db.fill(tea, 3); // by ann
  std::ignore = db.append(say(tea, "bob", "mine"));
  std::ignore = db.append(say(tea, "ann", "deleted"));
  std::ignore = db.write(op::delete_message{tea, sequence{5}, "ann"});
  std::ignore = mark(db, tea, "bob", 1);

  CHECK(marker(db, "bob", tea).unread == 2);
  CHECK(marker(db, "ann", tea).unread == 1);
  CHECK(marker(db, "cat", tea).unread == 4);
  const std::vector rooms{cake, tea, room_id{77}};
  const auto all = db.reader().read_markers("bob", rooms);
  REQUIRE(all->size() == 3);
  CHECK((*all)[0].room == cake);
  CHECK((*all)[0].unread == 0);
  CHECK((*all)[1].seq == sequence{1});
  CHECK((*all)[2].seq == sequence{0});

  db.fill(cake, max_unread + 5);
  CHECK(marker(db, "bob", cake).unread == max_unread);
}

STORE_TEST_CASE("a recoverable session has the rooms it entered and did not leave") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  db.fill(cake, 3);
  CHECK_FALSE(find(db));
  CHECK(std::get<room_position>(db.write(enter(cake))) == at(cake, 3, 3));
  CHECK(std::get<room_position>(db.write(enter(tea))) == at(tea, 0, 0));
  std::ignore = db.write(enter(tea, recovery_id{-5}));
  CHECK(failed_with(db.write(enter(room_id{99})), store_error::no_such_room));

  auto known = find(db);
  REQUIRE(known);
  CHECK(known->pid_hash == enter(tea).pid_hash);
  CHECK(known->sid == "sid-1");
  CHECK(known->user_id == "ann");
  CHECK(known->username == "Ann");
  CHECK_FALSE(known->ended_at);
  CHECK(known->joined == std::vector{at(tea, 0, 0), at(cake, 3, 3)});

  std::ignore = db.write(op::edit_message{cake, sequence{1}, "ann", "changed"});
  std::ignore = db.write(enter(cake));
  CHECK(find(db)->joined == std::vector{at(tea, 0, 0), at(cake, 3, 3)});
  std::ignore = db.write(op::leave_recoverable{session, tea});
  CHECK(find(db)->joined == std::vector{at(cake, 3, 3)});
  CHECK(find(db, recovery_id{-5})->joined == std::vector{at(tea, 0, 0)});
}

STORE_TEST_CASE("a session enters a room at its own place among the appends of a batch") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const std::vector<write_op> batch{say(tea, "ann", "before"), enter(tea),
                                    say(tea, "ann", "after")};
  const auto outcomes = db.writer().commit(batch, now);
  CHECK(std::get<room_position>(outcomes[1]) == at(tea, 1, 1));
  CHECK(find(db)->joined == std::vector{at(tea, 1, 1)});
}

STORE_TEST_CASE("a session that ended is kept for the window, one to forget is not") {
  TestType backend;
  auto config = backend.config();
  config.recovery_window_ms = 100;
  opened db{config};
  const auto tea = db.create("tea");
  std::ignore = db.write(enter(tea));
  std::ignore = db.write(op::end_recoverable{.session = session});
  CHECK(find(db)->ended_at == now);
  CHECK_FALSE(db.writer().purge(timestamp{now.value + 100}));
  CHECK(find(db)->joined.size() == 1);

  // It came back.
  std::ignore = db.write(op::resume_recoverable{session});
  CHECK_FALSE(find(db)->ended_at);
  CHECK_FALSE(db.writer().purge(timestamp{now.value + 1000}));
  REQUIRE(find(db));

  std::ignore = db.write(op::end_recoverable{.session = session});
  CHECK_FALSE(db.writer().purge(timestamp{now.value + 101}));
  CHECK_FALSE(find(db));

  std::ignore = db.write(enter(tea));
  std::ignore = db.write(op::end_recoverable{.session = session, .forget = true});
  CHECK_FALSE(find(db));
}

STORE_TEST_CASE("a session whose end lies ahead of the clock is kept for one window") {
  TestType backend;
  auto config = backend.config();
  config.recovery_window_ms = 100;
  opened db{config};
  const auto tea = db.create("tea");
  std::ignore = db.write(enter(tea));
  std::ignore =
      db.write(op::end_recoverable{.session = session}, timestamp{now.value + 1'000'000});
  while (db.writer().purge(now)) {
  }
  CHECK(find(db)->ended_at == now);
  while (db.writer().purge(timestamp{now.value + 101})) {
  }
  CHECK_FALSE(find(db));
}

STORE_TEST_CASE("a room that is written behind its session's end comes too late") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto forget = GENERATE(false, true);
  const auto had_a_room = GENERATE(false, true);
  if (had_a_room) std::ignore = db.write(enter(db.create("cake")));
  std::ignore = db.write(op::end_recoverable{.session = session, .forget = forget});
  CHECK(failed_with(db.write(enter(tea)), store_error::session_over));
  CHECK(find(db).has_value() == (had_a_room && !forget));
  if (const auto known = find(db)) CHECK(known->joined.size() == 1);
}

STORE_TEST_CASE("many sessions past their window go in small steps") {
  TestType backend;
  auto config = backend.config();
  config.recovery_window_ms = 100;
  opened db{config};
  const auto tea = db.create("tea");
  std::vector<write_op> ops;
  for (int i = 0; i < 300; ++i) {
    ops.emplace_back(enter(tea, recovery_id{i}));
    ops.emplace_back(op::end_recoverable{.session = recovery_id{i}});
  }
  std::ignore = db.writer().commit(ops, now);
  const timestamp past{now.value + 101};
  CHECK(db.writer().purge(past));
  while (db.writer().purge(past)) {
  }
  for (int i = 0; i < 300; ++i)
    REQUIRE_FALSE(find(db, recovery_id{i}));
}

STORE_TEST_CASE("the base of a membership stays where the join was that created it") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  db.fill(tea, 3);
  std::ignore = db.write(enter(tea));
  db.fill(tea, 2);
  CHECK(std::get<room_position>(db.write(enter(tea))) == at(tea, 5, 5));
  CHECK(find(db)->joined == std::vector{at(tea, 3, 3)});
  auto again = enter(tea);
  again.since = sequence{1};
  std::ignore = db.write(again);
  CHECK(find(db)->joined == std::vector{at(tea, 3, 3)});
  // A user who left and comes back is a new member.
  std::ignore = db.write(op::leave_recoverable{session, tea});
  std::ignore = db.write(again);
  CHECK(find(db)->joined == std::vector{at(tea, 1, 5)});
  std::ignore = db.write(op::leave_recoverable{session, tea});
  again.since = sequence{99};
  std::ignore = db.write(again);
  CHECK(find(db)->joined == std::vector{at(tea, 5, 5)});
}

STORE_TEST_CASE("a gap that is owed is kept as long as its session may come to hear it") {
  TestType backend;
  auto config = backend.config();
  config.recovery_window_ms = 100;
  opened db{config};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  db.fill(tea, 9);
  op::owe_gaps owed{session, {}, "sid-1", {{tea, sequence{4}}, {cake, sequence{1}}}};
  owed.pid_hash.fill(0xab);
  std::ignore = db.write(owed);
  const auto fresh = find(db);
  REQUIRE(fresh);
  CHECK(fresh->user_id.empty());
  CHECK(fresh->joined.empty());
  CHECK(fresh->owed == owed.gaps);

  auto join = enter(tea);
  join.gap_from = sequence{6}; // the earlier one stays
  std::ignore = db.write(join);
  CHECK(find(db)->user_id == "ann");
  CHECK(find(db)->owed == owed.gaps);
  std::ignore = db.write(op::leave_recoverable{session, tea});
  CHECK(find(db)->owed == std::vector{owed_gap{cake, sequence{1}}});
  std::ignore = db.write(join);
  join.gap_from = sequence{2}; // of a member that joins again
  std::ignore = db.write(join);
  CHECK(find(db)->owed == std::vector{owed_gap{tea, sequence{6}}, owed_gap{cake, sequence{1}}});

  std::ignore = db.write(op::end_recoverable{.session = session});
  CHECK(find(db)->owed.size() == 2);
  while (db.writer().purge(timestamp{now.value + 101})) {
  }
  CHECK_FALSE(find(db));
  owed.gaps.clear();
  std::ignore = db.write(owed);
  CHECK(find(db)->owed.empty());
}

STORE_TEST_CASE("a gap that is told late changes nothing else of its session") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  db.fill(tea, 9);
  const op::owe_gaps owed{session, enter(tea).pid_hash, enter(tea).sid, {{cake, sequence{1}}}};
  SECTION("it has joined a room") {
    std::ignore = db.write(enter(tea));
    const auto before = find(db);
    std::ignore = db.write(owed);
    const auto after = find(db);
    CHECK(after->user_id == "ann");
    CHECK(after->joined == before->joined);
    CHECK_FALSE(after->ended_at);
    CHECK(after->owed == owed.gaps);
  }
  SECTION("it has ended") {
    std::ignore = db.write(op::end_recoverable{session});
    CHECK_FALSE(find(db));
    std::ignore = db.write(owed);
    REQUIRE(find(db));
    CHECK(find(db)->ended_at == now);
    CHECK(find(db)->owed == owed.gaps);
    CHECK(failed_with(db.write(enter(tea)), store_error::session_over));
  }
  SECTION("it has ended in a room") {
    std::ignore = db.write(enter(tea));
    std::ignore = db.write(op::end_recoverable{session});
    std::ignore = db.write(owed);
    CHECK(find(db)->user_id == "ann");
    CHECK(find(db)->ended_at == now);
  }
  SECTION("it was forgotten") {
    std::ignore = db.write(enter(tea));
    std::ignore = db.write(op::end_recoverable{session, true});
    std::ignore = db.write(owed);
    CHECK_FALSE(find(db));
  }
}
