// What every store must do: owners, private rooms, members, bans and mutes.
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>
#include <tuple>

using namespace hubbub;
using namespace hubbub::test;

namespace {

using names = std::vector<std::string>;

room_record make(opened& db, const std::string& name, const std::string& owner,
                 bool is_private = true) {
  return std::get<room_record>(db.write(op::create_room{name, owner, is_private}));
}

standing put(opened& db, room_id room, standing_kind kind, const std::string& user,
             std::optional<timestamp> until = std::nullopt) {
  return std::get<standing>(
      db.write(op::set_standing{room, kind, user, "olga", until, "why not"}));
}

names listed(opened& db, const room_viewer& viewer, const std::string& q = "") {
  const auto rooms = db.reader().list_rooms(room_id{0}, q, 100, viewer);
  REQUIRE(rooms);
  names all;
  for (const auto& room : *rooms)
    all.push_back(room.name);
  return all;
}

/// True if a search of all rooms finds exactly one message in each of these rooms.
bool finds(opened& db, const room_viewer& viewer, const names& rooms) {
  const auto page = db.reader().search({.room = std::nullopt, .text = "tea", .viewer = viewer});
  REQUIRE(page);
  names all;
  for (const auto& hit : page->hits)
    all.push_back(hit.room_name);
  std::sort(all.begin(), all.end());
  return all == rooms;
}

room_viewer as(const std::string& user) {
  return {.user_id = user, .now = now};
}

op::enter_recoverable entering(std::int64_t session, const std::string& user, room_id room) {
  op::enter_recoverable op;
  op.session = recovery_id{session};
  op.pid_hash[0] = static_cast<std::uint8_t>(session);
  op.sid = "sid";
  op.user_id = user;
  op.username = user;
  op.room = room;
  return op;
}

} // namespace

STORE_TEST_CASE("a room remembers its owner and whether it is private") {
  TestType backend;
  opened db{backend.config()};
  const auto made = make(db, "den", "olga");
  CHECK(made.owner == "olga");
  CHECK(made.is_private);
  CHECK(*db.reader().find_room(made.id) == made);
  const auto open = db.reader().find_room(db.create("square"));
  CHECK_FALSE(open->owner);
  CHECK_FALSE(open->is_private);

  // Each can be changed alone, also in the batch of an append.
  const std::vector<write_op> ops{say(made.id, "olga", "one"),
                                  op::change_room{made.id, false, std::nullopt},
                                  op::change_room{made.id, std::nullopt, "pia"}};
  const auto outcomes = db.writer().commit(ops, now);
  const auto& now_open = std::get<room_record>(outcomes[1]);
  CHECK_FALSE(now_open.is_private);
  CHECK(now_open.owner == "olga");
  CHECK(now_open.last_seq == sequence{1});
  const auto& given = std::get<room_record>(outcomes[2]);
  CHECK(given.owner == "pia");
  CHECK_FALSE(given.is_private);
  CHECK(*db.reader().find_room("den") == given);
  CHECK(failed_with(db.write(op::change_room{room_id{99}, true, std::nullopt}),
                    store_error::no_such_room));
}

STORE_TEST_CASE("nothing is added to a closed room, and all of it can be read") {
  TestType backend;
  opened db{backend.config()};
  const auto room = make(db, "den", "olga", false).id;
  const auto first = db.append(say(room, "bob", "the tea", "b-1")).stored;
  const op::change_room close{room, std::nullopt, std::nullopt, "olga", true};
  const op::change_room open{room, std::nullopt, std::nullopt, "olga", false};
  const auto closed = std::get<room_record>(db.write(close));
  CHECK(closed.is_closed);
  CHECK_FALSE(closed.is_private);
  CHECK(closed.owner == "olga");
  CHECK(*db.reader().find_room("den") == closed);

  CHECK(failed_with(db.write(say(room, "bob", "more")), store_error::not_repeated));
  CHECK(failed_with(db.write(say(room, "bob", "more", "b-2")), store_error::not_repeated));
  CHECK(failed_with(db.write(op::edit_message{room, first.seq, "bob", "coffee"}),
                    store_error::not_repeated));
  CHECK(failed_with(db.write(op::delete_message{room, first.seq, "bob"}),
                    store_error::not_repeated));
  const auto repeat = std::get<appended>(db.write(say(room, "bob", "the tea", "b-1")));
  CHECK(repeat.repeated);
  CHECK(repeat.stored == first);
  CHECK(db.log(room) == std::vector{first});
  CHECK(finds(db, as("bob"), {"den"}));
  CHECK(listed(db, as("bob")) == names{"den"});
  CHECK(failed_with(db.write(op::create_room{"den"}), store_error::already_exists));

  // In one batch it counts from the order on.
  const std::vector<write_op> ops{open,  say(room, "bob", "two"),
                                  close, say(room, "bob", "three"),
                                  open,  say(room, "bob", "four", "b-4")};
  const auto outcomes = db.writer().commit(ops, now);
  CHECK(std::get<appended>(outcomes[1]).stored.seq == sequence{2});
  CHECK(failed_with(outcomes[3], store_error::not_repeated));
  CHECK(std::get<appended>(outcomes[5]).stored.seq == sequence{3});
  CHECK_FALSE(db.reader().find_room(room)->is_closed);
}

STORE_TEST_CASE("a standing is kept as it was said, and said anew") {
  TestType backend;
  opened db{backend.config()};
  const auto room = make(db, "den", "olga").id;
  const auto other = make(db, "attic", "olga").id;
  const auto ban = put(db, room, standing_kind::ban, "bob", timestamp{now.value + 50});
  const auto member = put(db, room, standing_kind::member, "bob");
  CHECK(ban ==
        standing{standing_kind::ban, "bob", "olga", now, timestamp{now.value + 50}, "why not"});
  std::ignore = put(db, other, standing_kind::mute, "ann");
  CHECK(*db.reader().read_standings(room) == std::vector{member, ban});

  const auto again = std::get<standing>(
      db.write(op::set_standing{room, standing_kind::ban, "bob", "root", std::nullopt, ""},
               timestamp{now.value + 7}));
  CHECK(*db.reader().read_standings(room) == std::vector{member, again});
  CHECK(std::holds_alternative<noted>(
      db.write(op::drop_standing{room, standing_kind::ban, "bob"})));
  CHECK(std::holds_alternative<noted>(
      db.write(op::drop_standing{room, standing_kind::ban, "bob"})));
  CHECK(*db.reader().read_standings(room) == std::vector{member});
  CHECK(db.reader().read_standings(room_id{99})->empty());
  CHECK(failed_with(db.write(op::set_standing{room_id{99}, standing_kind::ban, "bob", "olga"}),
                    store_error::no_such_room));
}

STORE_TEST_CASE("a user's standing is that of the moment") {
  TestType backend;
  opened db{backend.config()};
  const auto room = make(db, "den", "olga").id;
  const timestamp end{now.value + 50};
  std::ignore = put(db, room, standing_kind::member, "bob");
  std::ignore = put(db, room, standing_kind::mute, "bob", end);
  const auto of = [&](const std::string& user, timestamp at) {
    return *db.reader().standing_of(room, user, at);
  };
  CHECK(of("bob", now) == user_standing{.member = true, .muted = true});
  CHECK(of("bob", timestamp{end.value - 1}).muted);
  CHECK(of("bob", end) == user_standing{.member = true});
  CHECK(of("Bob", now) == user_standing{});
}

STORE_TEST_CASE("what has run out is purged, the rest is not") {
  TestType backend;
  opened db{backend.config()};
  const auto room = make(db, "den", "olga").id;
  for (int i = 0; i < 300; ++i)
    std::ignore =
        put(db, room, standing_kind::ban, std::to_string(i), timestamp{now.value + 1});
  const auto later = put(db, room, standing_kind::ban, "x", timestamp{now.value + 3});
  const auto ever = put(db, room, standing_kind::mute, "x");
  CHECK_FALSE(db.writer().purge(now));
  CHECK(db.reader().read_standings(room)->size() == 302);
  CHECK(db.writer().purge(timestamp{now.value + 1}));
  CHECK_FALSE(db.writer().purge(timestamp{now.value + 1}));
  CHECK(*db.reader().read_standings(room) == std::vector{later, ever});
}

STORE_TEST_CASE("lists and searches show a private room to whom it is there for") {
  TestType backend;
  opened db{backend.config()};
  const auto open = db.create("open");
  const auto den = make(db, "den", "olga").id;
  // "" is not a user's name, but equals no owner
  const auto empty_name = make(db, "mine", "").id;
  std::ignore = db.write(op::change_room{empty_name, true, std::nullopt});
  for (const auto room : {open, den})
    std::ignore = db.append(say(room, "olga", "some tea"));
  std::ignore = put(db, den, standing_kind::member, "mia");
  std::ignore = put(db, den, standing_kind::member, "bob");
  std::ignore = put(db, den, standing_kind::ban, "bob", timestamp{now.value + 5});
  std::ignore = put(db, den, standing_kind::mute, "max");
  std::ignore = put(db, den, standing_kind::ban, "olga"); // an owner is never banned

  const names all{"den", "open"};
  const names some{"open"};
  for (const std::string user : {"olga", "mia"}) {
    CHECK(finds(db, as(user), all));
    CHECK(listed(db, as(user), "E") == names{"open", "den"});
  }
  for (const std::string user : {"bob", "max", "eve", "Mia"}) {
    CHECK(finds(db, as(user), some));
    CHECK(listed(db, as(user)) == some);
  }
  CHECK(finds(db, {}, some));
  CHECK(finds(db, {.user_id = "bob", .now = timestamp{now.value + 5}}, all));
  CHECK(listed(db, {.user_id = "bob", .now = timestamp{now.value + 5}}) ==
        names{"open", "den"});
  CHECK(finds(db, {.sees_all = true}, all));
  CHECK(listed(db, {.sees_all = true}) == names{"open", "den", "mine"});
  // A query for the room itself has been allowed before.
  CHECK(db.reader().search({.room = den, .text = "tea"})->hits.size() == 1);
}

STORE_TEST_CASE("pages stay exact where rooms are hidden") {
  TestType backend;
  opened db{backend.config()};
  for (int i = 0; i < 40; ++i)
    std::ignore = make(db, std::to_string(i), i % 2 == 0 ? "ann" : "bob", i % 5 != 0);
  names paged;
  room_id after{0};
  for (;;) {
    const auto page = db.reader().list_rooms(after, "", 7, as("ann"));
    REQUIRE(page);
    for (const auto& room : *page)
      paged.push_back(room.name);
    if (page->size() < 7) break;
    after = page->back().id;
  }
  CHECK(paged.size() == 24); // 20 of ann's and 4 of bob's that are public
  for (int i = 0; i < 40; ++i)
    std::ignore = db.append(say(room_id{i + 1}, "x", "tea"));
  std::size_t hits = 0;
  search_query query{.room = std::nullopt, .text = "tea", .offset = 0, .limit = 5};
  query.viewer = as("ann");
  for (bool more = true; more; query.offset += 5) {
    const auto page = db.reader().search(query);
    hits += page->hits.size();
    CHECK((!page->has_more || page->hits.size() == 5));
    more = page->has_more;
  }
  CHECK(hits == 24);
}

STORE_TEST_CASE("lists and searches show no room but those that the viewer may name") {
  TestType backend;
  opened db{backend.config()};
  for (const std::string name : {"tea", "team-a", "team-b", "cup", "T*"})
    std::ignore = db.append(say(db.create(name), "ann", "some tea"));
  std::ignore = db.append(say(make(db, "team-c", "olga").id, "olga", "some tea"));
  const auto naming = [](names patterns, bool sees_all = false) {
    auto viewer = as("ann");
    viewer.sees_all = sees_all;
    viewer.patterns = std::move(patterns);
    return viewer;
  };
  const auto shows = [&](const room_viewer& viewer, const names& rooms) {
    auto list = listed(db, viewer);
    std::sort(list.begin(), list.end());
    CHECK(list == rooms);
    CHECK(finds(db, viewer, rooms));
  };
  shows(naming({"team-*"}), {"team-a", "team-b"});
  shows(naming({"team-*"}, true), {"team-a", "team-b", "team-c"}); // private ones too
  shows(naming({"team-c"}), {});
  shows(naming({"te", "Tea"}), {});
  shows(naming({"cup", "tea", "te*a"}), {"cup", "tea", "team-a"});
  shows(naming({"t?a", "[t]ea", "te%"}), {}); // only the star is an operator
  shows(naming({"T*"}), {"T*"});
  shows(naming({}), {});
  shows(naming({}, true), {});
  shows(naming({"*"}, true), {"T*", "cup", "tea", "team-a", "team-b", "team-c"});
}

STORE_TEST_CASE("pages are whole where the viewer may name few rooms") {
  TestType backend;
  opened db{backend.config()};
  for (int i = 0; i < 60; ++i) {
    const auto room =
        make(db, (i % 3 == 0 ? "mine-" : "other-") + std::to_string(i), "ann", i % 2 == 0);
    std::ignore = db.append(say(room.id, "ann", "tea"));
  }
  auto viewer = as("bob");
  viewer.patterns = names{"mine-*"};
  const auto first = db.reader().list_rooms(room_id{0}, "", 7, viewer);
  REQUIRE(first);
  REQUIRE(first->size() == 7);
  CHECK(first->back().name == "mine-39");
  const auto rest = db.reader().list_rooms(first->back().id, "", 7, viewer);
  CHECK(rest->size() == 3);
  search_query query{.room = std::nullopt, .text = "tea", .offset = 0, .limit = 7};
  query.viewer = viewer;
  auto page = db.reader().search(query);
  CHECK(page->hits.size() == 7);
  CHECK(page->has_more);
  query.offset = 7;
  page = db.reader().search(query);
  CHECK(page->hits.size() == 3);
  CHECK_FALSE(page->has_more);
}

STORE_TEST_CASE("an expelled user's sessions do not get the room back") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  for (const auto& op : {entering(1, "bob", tea), entering(1, "bob", cake),
                         entering(2, "bob", tea), entering(3, "ann", tea)})
    REQUIRE(std::holds_alternative<room_position>(db.write(op)));
  std::ignore = db.write(op::end_recoverable{recovery_id{2}});
  auto gone = std::get<expelled>(db.write(op::expel_user{tea, "bob"})).sessions;
  std::sort(gone.begin(), gone.end());
  CHECK(gone == std::vector{recovery_id{1}, recovery_id{2}});
  const auto rooms = [&](std::int64_t session) {
    std::vector<room_id> joined;
    const auto known = db.reader().find_recoverable(recovery_id{session});
    REQUIRE((known && *known));
    for (const auto& at : (*known)->joined)
      joined.push_back(at.room);
    return joined;
  };
  CHECK(rooms(1) == std::vector{cake});
  // A session that was away was not told of it: its client has to join anew.
  CHECK_FALSE(*db.reader().find_recoverable(recovery_id{2}));
  CHECK(rooms(3) == std::vector{tea});
  CHECK(std::get<expelled>(db.write(op::expel_user{tea, "bob"})).sessions.empty());
}

TEST_CASE("standings outlive the process") {
  sqlite_backend backend;
  std::vector<standing> before;
  {
    opened db{backend.config()};
    const auto room = make(db, "den", "olga").id;
    std::ignore = put(db, room, standing_kind::ban, "bob");
    before = *db.reader().read_standings(room);
  }
  opened db{backend.config()};
  CHECK(db.reader().find_room("den")->owner == "olga");
  CHECK(*db.reader().read_standings(room_id{1}) == before);
}
