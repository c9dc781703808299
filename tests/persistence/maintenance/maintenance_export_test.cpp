// Export and import.
#include "persistence/maintenance/maintenance.hpp"
#include "proto/own_event.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>

using namespace hubbub;
using namespace hubbub::test;
using Catch::Matchers::Contains;

namespace {

using lines = std::vector<std::string>;

lines exported(const store_config& config, const room_ref& room) {
  lines all;
  const auto count = export_room(config.path, room, [&](std::string_view line) {
    all.emplace_back(line);
    return true;
  });
  if (!count) FAIL(count.error());
  REQUIRE(*count == std::ssize(all));
  return all;
}

expected<std::int64_t, std::string> import(const store_config& config, const std::string& room,
                                           const lines& all) {
  std::size_t next = 0;
  return import_room(config.path, room, [&] {
    return next < all.size() ? std::optional{all[next++]} : std::nullopt;
  });
}

/// Returns the messages without the numbers that an import assigns anew.
std::vector<message> contents(std::vector<message> log) {
  for (auto& each : log) {
    each.id = {};
    each.room = {};
    each.seq = {};
    each.rev = {};
  }
  return log;
}

constexpr auto sound =
    R"({"user_id":"ann","content":"hi","created_at":"2024-01-31T23:59:59.123Z"})";

} // namespace

TEST_CASE("what is exported can be imported, with users, times, edits and tombstones") {
  sqlite_backend from;
  sqlite_backend to;
  std::vector<message> log;
  {
    opened db{from.config()};
    const auto room = db.create("tea");
    db.fill(room, 1200);
    std::ignore = db.append(say(room, "\u00e4nn \U0001F375", "\"quoted\"\n\\ \u2028", "c 1"));
    std::ignore = db.append(say(room, "host", stored_content({"polled", R"({"id":1},2)", ""})));
    std::ignore = db.append(say(room, "bob", "before", "c2"), timestamp{now.value - 5});
    std::ignore = db.write(op::edit_message{room, sequence{7}, "ann", "edited"},
                           timestamp{now.value + 1});
    std::ignore =
        db.write(op::delete_message{room, sequence{8}, "ann"}, timestamp{now.value + 2});
    log = db.log(room);
    CHECK(exported(from.config(), "tea").size() == 1203); // while it is served
  }
  const auto all = exported(from.config(), room_id{1});
  {
    opened db{to.config()};
    db.fill(db.create("other"), 3);
    CHECK_THAT(import(to.config(), "tea", all).error(), Contains("in use by another server"));
  }
  CHECK(import(to.config(), "tea", all) == 1203);
  CHECK(import(to.config(), "other", all) == 1203);
  CHECK(check_database(to.config().path)->findings.empty());

  opened db{to.config()};
  const auto tea = db.reader().find_room("tea");
  REQUIRE(tea);
  CHECK(contents(db.log(tea->id)) == contents(log));
  CHECK(db.log(tea->id).front().seq == sequence{1});
  CHECK(db.log(tea->id).front().id == message_id{4});
  CHECK(db.log(room_id{1}).size() == 1206);
  CHECK(tea->last_message_at == timestamp{now.value - 5});
  CHECK(db.reader().search({.room = tea->id, .text = "edited"})->hits.size() == 1);
  // A client that repeats a message which was imported is answered with that one.
  const auto repeat = db.append(say(tea->id, "bob", "before", "c2"));
  CHECK(repeat.repeated);
  CHECK(repeat.stored.content == "before");
}

TEST_CASE("an import of one bad line imports nothing and names the line") {
  const auto [line, why] = GENERATE(table<std::string, std::string>(
      {{"{", "no JSON"},
       {"[]", "no JSON object"},
       {R"({"user_id":"ann","content":"x"})", "created_at"},
       {R"({"user_id":"ann","content":"x","created_at":5})", "created_at"},
       {R"({"user_id":"ann","content":"x","created_at":"now"})", "created_at"},
       {R"({"content":"x","created_at":"2024-01-31T23:59:59Z"})", "user_id"},
       {R"({"user_id":"","content":"x","created_at":"2024-01-31T23:59:59Z"})", "user_id"},
       {R"({"user_id":"a","content":"","created_at":"2024-01-31T23:59:59Z"})", "content"},
       {R"({"user_id":"a","content":"\u0000","created_at":"2024-01-31T23:59:59Z"})", "content"},
       {R"({"user_id":"a","content":"\ud800","created_at":"2024-01-31T23:59:59Z"})", "content"},
       {R"({"user_id":"a","content":"\n\u001ex\n\n","created_at":"2024-01-31T23:59:59Z"})",
        "content"},
       {R"({"user_id":"a","event":"x\n","args":[],"created_at":"2024-01-31T23:59:59Z"})",
        "event"},
       {R"({"user_id":"a","event":"typing","args":[],"created_at":"2024-01-31T23:59:59Z"})",
        "event"},
       {R"({"user_id":"a","event":"x","args":)" + std::string(60, '[') + std::string(60, ']') +
            R"(,"created_at":"2024-01-31T23:59:59Z"})",
        "args"},
       {R"({"user_id":"a","content":7,"created_at":"2024-01-31T23:59:59Z"})", "content"},
       {R"({"user_id":"a","username":7,"content":"x","created_at":"2024-01-31T23:59:59Z"})",
        "username"}}));
  CAPTURE(line);
  sqlite_backend backend;
  { opened db{backend.config()}; }
  const auto refused = import(backend.config(), "tea", {sound, "", line, sound});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), Contains("line 3 is no message") && Contains(why));
  opened db{backend.config()};
  CHECK(db.room_names("").empty());
  CHECK(db.append(say(db.create("tea"), "ann", "x")).stored.id == message_id{1});
}

TEST_CASE("an export ends when nobody takes it, an unknown room has none") {
  sqlite_backend backend;
  {
    opened db{backend.config()};
    db.fill(db.create("tea"), 10);
  }
  int taken = 0;
  const auto count =
      export_room(backend.config().path, "tea", [&](std::string_view) { return ++taken < 4; });
  CHECK(count == 3);
  CHECK_THAT(
      export_room(backend.config().path, "none", [](std::string_view) { return true; }).error(),
      Contains("no such room"));
  CHECK_THAT(
      export_room(backend.folder.file("none"), "tea", [](std::string_view) { return true; })
          .error(),
      Contains("there is no database"));
  CHECK_FALSE(import(backend.config(), " ", {}));
  CHECK(import(backend.config(), "new", {}) == 0);
}

TEST_CASE("a room is exported with its owner and its lists, for a room that is made of it") {
  sqlite_backend from;
  sqlite_backend to;
  std::vector<standing> before;
  {
    opened db{from.config()};
    const auto den = std::get<room_record>(db.write(op::create_room{"den", "olga", true})).id;
    std::ignore = db.append(say(den, "olga", "hi"));
    std::ignore = db.write(op::set_standing{den, standing_kind::member, "mia", "olga"});
    std::ignore = db.write(op::set_standing{den, standing_kind::ban, "b\"b", "olga",
                                            timestamp{now.value + 5}, "spam"});
    before = *db.reader().read_standings(den);
    std::ignore = db.write(op::change_room{den, std::nullopt, std::nullopt, "olga", true});
  }
  lines all;
  REQUIRE(export_room(from.config().path, std::string{"den"}, [&](std::string_view line) {
            all.emplace_back(line);
            return true;
          }) == 1);
  REQUIRE(all.size() == 4);
  { opened{to.config()}.create("there"); }
  CHECK(import(to.config(), "den", all) == 1);
  CHECK(import(to.config(), "there", all) == 1);
  {
    opened db{to.config()};
    const auto made = db.reader().find_room("den");
    CHECK(made->owner == "olga");
    CHECK(made->is_private);
    CHECK(made->is_closed);
    CHECK(made->last_seq == sequence{1});
    CHECK(*db.reader().read_standings(made->id) == before);
    const auto there = db.reader().find_room("there");
    CHECK_FALSE(there->owner);
    CHECK_FALSE(there->is_private);
    CHECK_FALSE(there->is_closed);
    CHECK(db.reader().read_standings(there->id)->empty());
    CHECK(check_database(to.config().path)->findings.empty());
  }
  for (const auto* wrong :
       {R"({"room":{"private":1}})", R"({"room":{"private":true,"owner":7}})",
        R"({"room":{"private":true,"closed":1}})",
        R"({"standing":{"kind":"god","user_id":"a","by":"b","at":"2024-01-31T23:59:59Z"}})",
        R"({"standing":{"kind":"ban","by":"b","at":"2024-01-31T23:59:59Z"}})",
        R"({"standing":{"kind":"ban","user_id":"a","by":"b","at":"once"}})"})
    CHECK_THAT(import(to.config(), "new", {sound, wrong}).error(), Contains("line 2"));
}
