// What every store must do: edits, deletions, and reading the changes that were missed.
#include "proto/own_event.hpp"
#include "tests/persistence/store_fixture.hpp"

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr timestamp later{now.value + 5};

op::edit_message edit(const message& of, const std::string& content) {
  return {.room = of.room, .seq = of.seq, .user_id = of.user_id, .content = content};
}
op::delete_message remove(const message& of) {
  return {.room = of.room, .seq = of.seq, .user_id = of.user_id};
}

message_page changes(opened& db, const change_range& range) {
  auto page = db.reader().read_changes(range);
  REQUIRE(page);
  return *std::move(page);
}

} // namespace

STORE_TEST_CASE("an edit keeps the message's numbers and takes the room's next rev") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto first = db.append(say(room, "ann", "helo", "c1")).stored;
  const auto second = db.append(say(room, "ann", "there")).stored;

  auto expected = first;
  expected.content = "hello";
  expected.rev = revision{3};
  expected.edited_at = later;
  const auto edited = std::get<changed>(db.write(edit(first, "hello"), later));
  CHECK_FALSE(edited.repeated);
  CHECK(edited.now == expected);
  CHECK(db.log(room) == std::vector{expected, second});

  const auto record = db.reader().find_room(room);
  CHECK(record->last_rev == revision{3});
  CHECK(record->last_seq == sequence{2});
  CHECK(record->last_message_at == now);
  const auto next = db.append(say(room, "ann", "more")).stored;
  CHECK(next.rev == revision{4});
  CHECK(next.id.value == second.id.value + 1);
}

STORE_TEST_CASE("an edit that changes nothing takes no rev") {
  TestType backend;
  opened db{backend.config()};
  const auto sent = db.append(say(db.create("tea"), "ann", "hello")).stored;
  const auto once = std::get<changed>(db.write(edit(sent, "hi"), later));
  const auto twice = std::get<changed>(db.write(edit(sent, "hi"), timestamp{now.value + 9}));
  CHECK(twice.repeated);
  CHECK(twice.now == once.now);
  CHECK(db.reader().find_room(sent.room)->last_rev == revision{2});
}

STORE_TEST_CASE("an edit of an event changes its text alone") {
  TestType backend;
  opened db{backend.config()};
  const auto content = stored_content({"polled", R"({"id":1})", "old"});
  const auto sent = db.append(say(db.create("tea"), "host", content)).stored;
  const auto edited = std::get<changed>(db.write(edit(sent, "new"), later));
  CHECK(edited.now.content == stored_content({"polled", R"({"id":1})", "new"}));
  CHECK(db.log(sent.room).front().content == edited.now.content);
  CHECK(std::get<changed>(db.write(edit(sent, "new"), later)).repeated);
  CHECK(std::get<changed>(db.write(remove(sent), later)).now.content.empty());
}

STORE_TEST_CASE("a deletion leaves a tombstone, once") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto sent = db.append(say(room, "ann", "oops", "c1")).stored;
  auto tombstone = sent;
  tombstone.content.clear();
  tombstone.rev = revision{2};
  tombstone.deleted_at = later;

  const auto first = std::get<changed>(db.write(remove(sent), later));
  CHECK_FALSE(first.repeated);
  CHECK(first.now == tombstone);
  const auto again = std::get<changed>(db.write(remove(sent), timestamp{now.value + 9}));
  CHECK(again.repeated);
  CHECK(again.now == tombstone);
  CHECK(db.log(room) == std::vector{tombstone});
  CHECK(failed_with(db.write(edit(sent, "back"), later), store_error::no_such_message));
}

STORE_TEST_CASE("only what is there and one's own can be changed") {
  TestType backend;
  opened db{backend.config()};
  const auto sent = db.append(say(db.create("tea"), "ann", "hello")).stored;
  auto stranger = sent;
  stranger.user_id = "bob";
  auto missing = sent;
  missing.seq = sequence{2};
  auto nowhere = sent;
  nowhere.room = room_id{9};

  CHECK(failed_with(db.write(edit(stranger, "x")), store_error::not_the_author));
  CHECK(failed_with(db.write(remove(stranger)), store_error::not_the_author));
  CHECK(failed_with(db.write(edit(missing, "x")), store_error::no_such_message));
  CHECK(failed_with(db.write(remove(missing)), store_error::no_such_message));
  CHECK(failed_with(db.write(edit(nowhere, "x")), store_error::no_such_room));
  CHECK(failed_with(db.write(remove(nowhere)), store_error::no_such_room));
  CHECK(db.log(sent.room) == std::vector{sent});
}

STORE_TEST_CASE("one batch appends, edits and deletes") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const std::vector<write_op> ops{
      say(room, "ann", "helo"),
      op::edit_message{.room = room, .seq = sequence{1}, .user_id = "ann", .content = "hello"},
      op::delete_message{.room = room, .seq = sequence{7}, .user_id = "ann"},
      say(room, "ann", "oops"),
      op::delete_message{.room = room, .seq = sequence{2}, .user_id = "ann"},
      say(room, "ann", "last")};
  const auto outcomes = db.writer().commit(ops, now);

  CHECK(std::get<changed>(outcomes[1]).now.rev == revision{2});
  CHECK(failed_with(outcomes[2], store_error::no_such_message));
  CHECK(std::get<appended>(outcomes[3]).stored.rev == revision{3});
  CHECK(std::get<changed>(outcomes[4]).now.rev == revision{4});
  CHECK(std::get<appended>(outcomes[5]).stored.seq == sequence{3});
  CHECK(std::get<appended>(outcomes[5]).stored.rev == revision{5});
}

STORE_TEST_CASE("a repeat is answered with the message as it is now") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto sent = db.append(say(room, "ann", "helo", "c1")).stored;
  const auto edited = std::get<changed>(db.write(edit(sent, "hello"))).now;
  CHECK(db.append(say(room, "ann", "helo", "c1")).stored == edited);
  const auto deleted = std::get<changed>(db.write(remove(sent))).now;
  const auto repeat = db.append(say(room, "ann", "helo", "c1"));
  CHECK(repeat.repeated);
  CHECK(repeat.stored == deleted);
}

STORE_TEST_CASE("changes after a rev are read in their order") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 4);
  db.fill(db.create("neighbour"), 4);
  const auto log = db.log(room);
  std::ignore = db.write(edit(log[2], "third"));  // rev 5
  std::ignore = db.write(remove(log[0]));         // rev 6
  std::ignore = db.write(edit(log[2], "third!")); // rev 7
  db.fill(room, 1);                               // rev 8, not a change

  const auto all = changes(db, {.room = room, .up_to = sequence{5}, .after = revision{0}});
  CHECK(seqs(all.messages) == std::vector<std::int64_t>{1, 3});
  CHECK(all.messages[0].deleted_at);
  CHECK(all.messages[1].content == "third!");
  CHECK(all.messages[1].rev == revision{7});
  CHECK_FALSE(all.has_more);

  const auto newer = changes(db, {.room = room, .up_to = sequence{5}, .after = revision{6}});
  CHECK(seqs(newer.messages) == std::vector<std::int64_t>{3});
  const auto older = changes(db, {.room = room, .up_to = sequence{2}, .after = revision{0}});
  CHECK(seqs(older.messages) == std::vector<std::int64_t>{1});
  const auto page =
      changes(db, {.room = room, .up_to = sequence{5}, .after = revision{0}, .limit = 1});
  CHECK(seqs(page.messages) == std::vector<std::int64_t>{1});
  CHECK(page.has_more);
  CHECK(
      changes(db, {.room = room, .up_to = sequence{5}, .after = revision{8}}).messages.empty());
  CHECK(db.reader()
            .read_changes({.room = room_id{9}, .up_to = sequence{5}, .after = revision{0}})
            .error() == store_error::no_such_room);
}
