// The log of a room as entries, and the ends of logs.
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>

using namespace hubbub;
using namespace hubbub::test;

STORE_TEST_CASE("a log is read as entries, in parts of any size") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::vector<write_op> ops;
  for (int i = 0; i < 20; ++i) {
    ops.emplace_back(say(room, "ann", std::to_string(i)));
    if (i % 3 == 1) ops.emplace_back(op::edit_message{room, sequence{i / 2 + 1}, "ann", "e"});
    if (i % 7 == 2) ops.emplace_back(op::delete_message{room, sequence{i}, "ann"});
  }
  std::ignore = db.writer().commit(ops, now);
  const auto limit = GENERATE(std::int64_t{1}, std::int64_t{3}, std::int64_t{100});
  const auto log = db.log(room);
  room_position here{room, {}, {}};
  sequence last;
  std::vector<message> told;
  for (bool more = true; more;) {
    const auto part = db.reader().read_log(here, limit);
    REQUIRE(part);
    auto rev = here.rev;
    for (const auto& each : part->entries) {
      CHECK(each.after >= rev);
      rev = each.after;
      if (each.is_new) {
        CHECK(each.what.seq.value == last.value + 1);
        last = each.what.seq;
        told.push_back(each.what);
      } else {
        CHECK(each.what.seq <= last);
        CHECK(each.what.rev == each.after);
        told[static_cast<std::size_t>(each.what.seq.value) - 1] = each.what;
      }
    }
    here = part->up_to;
    more = part->has_more;
  }
  CHECK(told == log);
  const auto record = *db.reader().find_room(room);
  CHECK(here == room_position{room, record.last_seq, record.last_rev});
  CHECK(db.reader().read_log(here, limit)->entries.empty());
}

STORE_TEST_CASE("a log that begins later is read from there") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 5);
  std::ignore = db.write(op::edit_message{room, sequence{2}, "ann", "edited"});
  const auto part = db.reader().read_log({room, sequence{4}, revision{4}}, 100);
  REQUIRE(part);
  REQUIRE(part->entries.size() == 2);
  CHECK(part->entries[0].what.seq == sequence{5});
  CHECK(part->entries[1].what.content == "edited");
  CHECK(part->up_to == room_position{room, sequence{5}, revision{6}});
  CHECK(db.reader().read_log({room_id{99}, {}, {}}, 100).error() == store_error::no_such_room);
}

STORE_TEST_CASE("the ends of logs are read for many rooms together") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto milk = db.create("milk");
  db.fill(tea, 3);
  std::ignore = db.write(op::delete_message{tea, sequence{1}, "ann"});
  const std::vector rooms{milk, tea, room_id{99}};
  auto heads = *db.reader().read_heads(rooms);
  std::ranges::sort(heads, {}, &room_position::room);
  CHECK(heads == std::vector<room_position>{{tea, sequence{3}, revision{4}}, {milk, {}, {}}});
  CHECK(db.reader().read_heads({})->empty());
}
