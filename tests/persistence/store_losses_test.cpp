// What every store must do: a user who loses a room does not get it back when they are let in
// again.
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>
#include <string>
#include <tuple>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr recovery_id bobs{1};

op::enter_recoverable entering(recovery_id session, const std::string& user, room_id room) {
  op::enter_recoverable op;
  op.session = session;
  op.pid_hash.fill(0xab);
  op.sid = "sid";
  op.user_id = user;
  op.username = user;
  op.room = room;
  return op;
}

op::set_standing listed(room_id room, standing_kind kind, const std::string& user) {
  op::set_standing op;
  op.room = room;
  op.kind = kind;
  op.user_id = user;
  op.by = "olga";
  return op;
}

/// A room of olga's in which bob has a recoverable session.
struct den : opened {
  explicit den(const store_config& config) : opened(config) {
    op::create_room op{"den"};
    op.owner = "olga";
    room = std::get<room_record>(write(op)).id;
    enter(bobs, "bob");
  }
  void enter(recovery_id session, const std::string& user, bool afresh = false) {
    auto op = entering(session, user, room);
    op.afresh = afresh;
    REQUIRE(std::holds_alternative<room_position>(write(op)));
  }
  void set_private(bool is_private) {
    std::ignore = write(op::change_room{room, is_private, std::nullopt});
  }
  void put(standing_kind kind, const std::string& user) {
    std::ignore = write(listed(room, kind, user));
  }
  void drop(standing_kind kind, const std::string& user) {
    std::ignore = write(op::drop_standing{room, kind, user});
  }
  bool has(recovery_id session, bool sees_all = false) {
    const auto is_member = reader().is_member(session, room, sees_all);
    REQUIRE(is_member);
    CHECK(says_has(session, sees_all) == *is_member);
    return *is_member;
  }
  /// Returns what the session itself says of its membership.
  bool says_has(recovery_id session, bool sees_all) {
    const auto known = reader().find_recoverable(session);
    REQUIRE(known);
    if (!*known) return false;
    const auto& [joined, lost, hidden] =
        std::tie((*known)->joined, (*known)->lost, (*known)->hidden);
    return std::ranges::count(joined, room, &room_position::room) > 0 &&
           std::ranges::count(lost, room) == 0 &&
           (sees_all || std::ranges::count(hidden, room) == 0);
  }

  room_id room;
};

} // namespace

STORE_TEST_CASE("whoever a room loses by becoming private has lost it for good") {
  TestType backend;
  den db{backend.config()};
  db.put(standing_kind::member, "ann");
  db.enter(recovery_id{2}, "ann");
  db.enter(recovery_id{3}, "olga");
  CHECK(db.has(bobs));
  db.set_private(true);
  CHECK_FALSE(db.has(bobs));
  SECTION("when it is public again") {
    db.set_private(false);
  }
  SECTION("when they are put on its roster") {
    db.put(standing_kind::member, "bob");
  }
  SECTION("when they become its owner") {
    db.put(standing_kind::member, "olga");
    std::ignore = db.write(op::change_room{db.room, std::nullopt, "bob"});
  }
  SECTION("when it becomes private again, with them on its roster") {
    db.set_private(false);
    db.put(standing_kind::member, "bob");
    db.set_private(true);
  }
  CHECK_FALSE(db.has(bobs));
  CHECK(db.has(recovery_id{2}));
  CHECK(db.has(recovery_id{3}));
  db.enter(bobs, "bob"); // as if it were in the room: nothing new begins
  CHECK_FALSE(db.has(bobs));
  db.enter(bobs, "bob", true);
  CHECK(db.has(bobs));
}

STORE_TEST_CASE("whoever sees every room loses none by its becoming private") {
  TestType backend;
  den db{backend.config()};
  db.set_private(true);
  db.set_private(true);
  CHECK(db.has(bobs, true));
  CHECK_FALSE(db.has(bobs));
  db.put(standing_kind::member, "bob");
  CHECK_FALSE(db.has(bobs, true)); // by name
}

STORE_TEST_CASE("whoever is taken off the roster of a private room has lost it for good") {
  TestType backend;
  den db{backend.config()};
  db.put(standing_kind::member, "bob");
  db.set_private(true);
  db.put(standing_kind::member, "bob"); // again, which changes nothing
  CHECK(db.has(bobs));
  db.drop(standing_kind::mute, "bob");
  CHECK(db.has(bobs));
  db.drop(standing_kind::member, "bob");
  CHECK_FALSE(db.has(bobs));
  SECTION("when they are put on it again") {
    db.put(standing_kind::member, "bob");
  }
  SECTION("when it is public again") {
    db.set_private(false);
  }
  CHECK_FALSE(db.has(bobs));
  db.enter(bobs, "bob", true);
  CHECK(db.has(bobs));
}

STORE_TEST_CASE("whoever is taken off the roster of a public room has lost nothing") {
  TestType backend;
  den db{backend.config()};
  db.put(standing_kind::member, "bob");
  const bool was_private = GENERATE(false, true);
  if (was_private) db.set_private(true);
  db.set_private(false);
  db.drop(standing_kind::member, "bob");
  CHECK(db.has(bobs));
  db.put(standing_kind::member, "bob");
  CHECK(db.has(bobs));
  db.drop(standing_kind::member, "bob");
  db.set_private(true);
  CHECK_FALSE(db.has(bobs));
}

STORE_TEST_CASE("a ban ends memberships by itself") {
  TestType backend;
  den db{backend.config()};
  db.enter(recovery_id{2}, "bob");
  std::ignore = db.write(op::end_recoverable{recovery_id{2}});
  db.put(standing_kind::mute, "bob");
  CHECK(db.has(bobs));
  db.put(standing_kind::ban, "bob");
  db.drop(standing_kind::ban, "bob");
  CHECK_FALSE(db.has(bobs));
  CHECK((*db.reader().find_recoverable(bobs))->joined.empty());
  // It was away, so its client was told nothing and has to begin anew.
  CHECK_FALSE(*db.reader().find_recoverable(recovery_id{2}));
}

STORE_TEST_CASE("a membership that began behind a loss is its own") {
  TestType backend;
  den db{backend.config()};
  db.set_private(true);
  db.set_private(false);
  std::ignore = db.append(say(db.room, "ann", "hello"));
  db.enter(bobs, "bob", true);
  CHECK(db.has(bobs));
  CHECK((*db.reader().find_recoverable(bobs))->joined.front().seq == sequence{1});
  std::ignore = db.write(op::leave_recoverable{bobs, db.room});
  CHECK_FALSE(db.has(bobs));
}

STORE_TEST_CASE("whoever is in a room that is closed has lost it for good") {
  TestType backend;
  den db{backend.config()};
  db.put(standing_kind::member, "ann");
  db.enter(recovery_id{2}, "ann");
  db.enter(recovery_id{3}, "olga");
  const auto set_closed = [&db](bool is_closed) {
    const op::change_room op{db.room, std::nullopt, std::nullopt, "olga", is_closed};
    return std::get<room_record>(db.write(op)).is_closed;
  };
  CHECK_FALSE(set_closed(false));
  CHECK(db.has(bobs));
  CHECK((*db.reader().find_recoverable(bobs))->lost.empty());
  CHECK(set_closed(true));
  CHECK(set_closed(true));
  const auto nobody_has_it = [&db] {
    for (const auto session : {bobs, recovery_id{2}, recovery_id{3}})
      for (const bool sees_all : {false, true})
        CHECK_FALSE(db.has(session, sees_all));
  };
  const auto lost = [&db] { return (*db.reader().find_recoverable(bobs))->lost; };
  nobody_has_it();
  CHECK(lost() == std::vector{db.room});
  CHECK_FALSE(set_closed(false));
  nobody_has_it();
  CHECK(lost() == std::vector{db.room});
  db.enter(bobs, "bob"); // as if it were in the room: nothing new begins
  CHECK_FALSE(db.has(bobs));
  db.enter(bobs, "bob", true);
  CHECK(db.has(bobs));
  CHECK(lost().empty());
}

STORE_TEST_CASE("losses of one batch are counted in its order") {
  TestType backend;
  opened db{backend.config()};
  const room_id room{1};
  auto anns = entering(recovery_id{2}, "ann", room);
  auto dans = entering(recovery_id{3}, "dan", room);
  auto late = entering(recovery_id{4}, "eve", room);
  const std::vector<write_op> ops{
      op::create_room{"den", "olga"},
      entering(bobs, "bob", room),
      anns,
      listed(room, standing_kind::member, "ann"),
      dans,
      listed(room, standing_kind::member, "dan"),
      op::drop_standing{room, standing_kind::member, "dan"}, // nothing is lost: it is public
      op::change_room{room, true, std::nullopt},             // by bob and dan
      listed(room, standing_kind::member, "bob"),
      late,
      op::drop_standing{room, standing_kind::member, "ann"},
      op::change_room{room, false, std::nullopt},
      listed(room, standing_kind::ban, "eve"),
      op::drop_standing{room, standing_kind::ban, "eve"},
      op::expel_user{room, "eve"},
  };
  const auto outcomes = db.writer().commit(ops, now);
  REQUIRE(outcomes.size() == ops.size());
  CHECK(std::get<room_record>(outcomes.front()).id == room);
  CHECK_FALSE(std::get<room_record>(outcomes.front()).is_private);
  CHECK_FALSE(std::get<room_record>(outcomes[11]).is_private);
  CHECK(std::get<expelled>(outcomes.back()).sessions.empty()); // by the ban before
  for (const auto session : {bobs, anns.session, dans.session, late.session})
    CHECK_FALSE(*db.reader().is_member(session, room, false));
  CHECK(*db.reader().is_member(dans.session, room, true));
  CHECK_FALSE(*db.reader().is_member(anns.session, room, true));
  dans.afresh = true;
  const std::vector<write_op> again{op::leave_recoverable{bobs, room}, dans, anns};
  std::ignore = db.writer().commit(again, now);
  CHECK(*db.reader().is_member(dans.session, room, false));
  CHECK_FALSE(*db.reader().is_member(anns.session, room, false));
}
