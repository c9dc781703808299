// What every store must do: writing, numbering, repeats, rooms.
#include "tests/persistence/store_fixture.hpp"

using namespace hubbub;
using namespace hubbub::test;

STORE_TEST_CASE("seq and rev count in the room, id over all rooms") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  const auto first = db.append(say(tea, "ann", "one")).stored;
  const auto second = db.append(say(cake, "bob", "two")).stored;
  const auto third = db.append(say(tea, "bob", "three")).stored;

  CHECK(first.seq == sequence{1});
  CHECK(second.seq == sequence{1});
  CHECK(third.seq == sequence{2});
  CHECK(third.rev == revision{2});
  CHECK(first.id < second.id);
  CHECK(second.id < third.id);
}

STORE_TEST_CASE("an append is answered with the message that is then read") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto with_id = db.append(say(room, "ann", "hello", "c1"));
  const auto without = db.append(say(room, "ann", "hello"));

  CHECK_FALSE(with_id.repeated);
  CHECK(with_id.stored.room == room);
  CHECK(with_id.stored.user_id == "ann");
  CHECK(with_id.stored.username == "the ann");
  CHECK(with_id.stored.content == "hello");
  CHECK(with_id.stored.client_id == "c1");
  CHECK(with_id.stored.created_at == now);
  CHECK_FALSE(without.stored.client_id);
  CHECK(db.log(room) == std::vector{with_id.stored, without.stored});
}

STORE_TEST_CASE("a batch is applied in order and answered in its places") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const std::vector<write_op> ops{
      say(tea, "ann", "a"),    say(room_id{99}, "ann", "lost"),
      op::create_room{"tea"},  only_repeat(say(tea, "ann", "no", "c9")),
      op::create_room{"cake"}, say(tea, "bob", "b")};
  const auto outcomes = db.writer().commit(ops, now);

  REQUIRE(outcomes.size() == ops.size());
  CHECK(std::get<appended>(outcomes[0]).stored.seq == sequence{1});
  CHECK(failed_with(outcomes[1], store_error::no_such_room));
  CHECK(failed_with(outcomes[2], store_error::already_exists));
  CHECK(failed_with(outcomes[3], store_error::not_repeated));
  CHECK(std::get<room_record>(outcomes[4]).name == "cake");
  CHECK(std::get<appended>(outcomes[5]).stored.seq == sequence{2});
  CHECK(std::get<appended>(outcomes[5]).stored.id.value ==
        std::get<appended>(outcomes[0]).stored.id.value + 1);
}

STORE_TEST_CASE("a room takes messages in the batch that creates it") {
  TestType backend;
  opened db{backend.config()};
  const room_id next{db.create("tea").value + 1};
  const std::vector<write_op> ops{say(next, "ann", "too early"), op::create_room{"cake"},
                                  say(next, "ann", "in time")};
  const auto outcomes = db.writer().commit(ops, now);

  CHECK(failed_with(outcomes[0], store_error::no_such_room));
  REQUIRE(std::get<room_record>(outcomes[1]).id == next);
  CHECK(std::get<appended>(outcomes[2]).stored.seq == sequence{1});
  CHECK(db.reader().find_room("cake")->last_seq == sequence{1});
}

STORE_TEST_CASE("there are no more rooms than there may be") {
  TestType backend;
  auto config = backend.config();
  config.max_rooms = 2;
  opened db{config};
  const std::vector<write_op> ops{op::create_room{"tea"}, op::create_room{"cake"},
                                  op::create_room{"bread"}, op::create_room{"tea"}};
  const auto outcomes = db.writer().commit(ops, now);
  CHECK(std::holds_alternative<room_record>(outcomes[0]));
  CHECK(std::holds_alternative<room_record>(outcomes[1]));
  CHECK(failed_with(outcomes[2], store_error::too_many_rooms));
  CHECK(failed_with(outcomes[3], store_error::already_exists));
  CHECK(failed_with(db.write(op::create_room{"bread"}), store_error::too_many_rooms));
  CHECK(db.room_names("").size() == 2);
}

TEST_CASE("rooms of an earlier run count, and a higher bound lets more be made") {
  sqlite_backend backend;
  auto config = backend.config();
  {
    opened db{config};
    db.create("tea");
    db.create("cake");
  }
  config.max_rooms = 2;
  CHECK(
      failed_with(opened{config}.write(op::create_room{"bread"}), store_error::too_many_rooms));
  config.max_rooms = 3;
  CHECK(opened{config}.create("bread") == room_id{3});
}

STORE_TEST_CASE("an empty batch has no outcome") {
  TestType backend;
  opened db{backend.config()};
  CHECK(db.writer().commit({}, now).empty());
}

STORE_TEST_CASE("a repeated client_id gives the first message and stores nothing") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto first = db.append(say(room, "ann", "first", "c1"));
  const auto again = db.append(say(room, "ann", "second", "c1"), timestamp{now.value + 5});

  CHECK_FALSE(first.repeated);
  CHECK(again.repeated);
  CHECK(again.stored == first.stored);
  CHECK(db.log(room).size() == 1);
  // Nor did the repeat take a number.
  const auto next = db.append(say(room, "ann", "third", "c2")).stored;
  CHECK(next.seq == sequence{2});
  CHECK(next.rev == revision{2});
  CHECK(next.id.value == first.stored.id.value + 1);
}

STORE_TEST_CASE("a client_id repeated within one batch is found") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const std::vector<write_op> ops{
      say(room, "ann", "first", "c1"), say(room, "ann", "again", "c1"),
      only_repeat(say(room, "ann", "again", "c1")), say(room, "ann", "next")};
  const auto outcomes = db.writer().commit(ops, now);

  const auto& first = std::get<appended>(outcomes[0]);
  CHECK_FALSE(first.repeated);
  for (const auto index : {1U, 2U}) {
    CHECK(std::get<appended>(outcomes[index]).repeated);
    CHECK(std::get<appended>(outcomes[index]).stored == first.stored);
  }
  CHECK(std::get<appended>(outcomes[3]).stored.seq == sequence{2});
}

STORE_TEST_CASE("messages of a batch are stored as they would be one by one") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  const auto first = db.append(say(tea, "ann", "first", "c1")).stored;
  const std::vector<write_op> ops{say(cake, "ann", "one", "c1"), say(tea, "ann", "again", "c1"),
                                  say(room_id{99}, "ann", "?"),  say(tea, "bob", "two", "c1"),
                                  say(cake, "bob", "three"),     say(tea, "ann", "four", "c2")};
  const auto outcomes = db.writer().commit(ops, now);

  REQUIRE(outcomes.size() == ops.size());
  CHECK(std::get<appended>(outcomes[1]).repeated);
  CHECK(std::get<appended>(outcomes[1]).stored == first);
  CHECK(failed_with(outcomes[2], store_error::no_such_room));
  std::vector<message> in_tea{first};
  std::vector<message> in_cake;
  auto last = first.id;
  for (const auto index : {0U, 3U, 4U, 5U}) {
    const auto& made = std::get<appended>(outcomes[index]);
    const auto& asked = std::get<op::append_message>(ops[index]);
    CHECK_FALSE(made.repeated);
    CHECK(made.stored.content == asked.content);
    CHECK(made.stored.user_id == asked.user_id);
    CHECK(made.stored.client_id == asked.client_id);
    CHECK(made.stored.id > last);
    last = made.stored.id;
    (made.stored.room == tea ? in_tea : in_cake).push_back(made.stored);
  }
  CHECK(db.log(tea) == in_tea);
  CHECK(db.log(cake) == in_cake);
  CHECK(seqs(in_tea) == std::vector<std::int64_t>{1, 2, 3});
  CHECK(seqs(in_cake) == std::vector<std::int64_t>{1, 2});
  CHECK(db.append(say(cake, "ann", "again", "c1")).stored == in_cake.front());
}

STORE_TEST_CASE("of a batch of messages a closed room takes only what it has already") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  const auto first = db.append(say(tea, "ann", "first", "c1")).stored;
  op::change_room closing;
  closing.room = tea;
  closing.is_closed = true;
  std::ignore = db.write(closing);
  const std::vector<write_op> ops{say(tea, "ann", "no"), say(cake, "ann", "yes"),
                                  say(tea, "ann", "again", "c1"), say(tea, "bob", "no", "c2")};
  const auto outcomes = db.writer().commit(ops, now);

  REQUIRE(outcomes.size() == ops.size());
  CHECK(failed_with(outcomes[0], store_error::not_repeated));
  CHECK(std::get<appended>(outcomes[1]).stored.content == "yes");
  CHECK(std::get<appended>(outcomes[2]).stored == first);
  CHECK(failed_with(outcomes[3], store_error::not_repeated));
  CHECK(db.log(tea) == std::vector{first});
}

STORE_TEST_CASE("a batch of any size is stored in the order of its messages") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  int stored = 0;
  for (const int size : {1, 2, 3, 63, 64, 65, 300}) {
    db.fill(room, size);
    const auto log = db.log(room);
    REQUIRE(std::ssize(log) == stored + size);
    for (int i = 0; i < size; ++i) {
      const auto& each = log[static_cast<std::size_t>(stored + i)];
      CHECK(each.seq.value == stored + i + 1);
      CHECK(each.rev.value == stored + i + 1);
      CHECK(each.content == std::to_string(i));
    }
    stored += size;
  }
}

STORE_TEST_CASE("a client_id belongs to one user in one room") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  std::ignore = db.append(say(tea, "ann", "first", "c1"));

  CHECK_FALSE(db.append(say(tea, "bob", "other user", "c1")).repeated);
  CHECK_FALSE(db.append(say(cake, "ann", "other room", "c1")).repeated);
  CHECK_FALSE(db.append(say(tea, "ann", "other case", "C1")).repeated);
  // Keys whose parts differ only in where they are separated.
  CHECK_FALSE(db.append(say(tea, "annc", "other cut", "1")).repeated);
}

STORE_TEST_CASE("a client_id is remembered to the end of the window") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const timestamp end{now.value + window_ms};
  const timestamp past{end.value + 1};
  const auto first = db.append(say(room, "ann", "first", "c1"));

  CHECK(db.append(say(room, "ann", "at the end", "c1"), end).repeated);
  CHECK(failed_with(db.write(only_repeat(say(room, "ann", "past it", "c1")), past),
                    store_error::not_repeated));
  const auto second = db.append(say(room, "ann", "past it", "c1"), past);
  CHECK_FALSE(second.repeated);
  CHECK(second.stored.seq == sequence{2});
  // From here on the second message is the first one of its client_id.
  const auto third = db.append(say(room, "ann", "again", "c1"), past);
  CHECK(third.repeated);
  CHECK(third.stored == second.stored);
}

STORE_TEST_CASE("purging removes what is past the window and nothing else") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::vector<write_op> old;
  for (int i = 0; i < 2500; ++i)
    old.emplace_back(say(room, "ann", "x", std::to_string(i)));
  std::ignore = db.writer().commit(old, now);
  const timestamp later{now.value + window_ms + 1};
  const auto kept = db.append(say(room, "ann", "kept", "young"), later);
  const auto renewed = db.append(say(room, "ann", "renewed", "0"), later);

  int calls = 1;
  while (db.writer().purge(later))
    ++calls;
  CHECK(calls > 1); // in small steps
  CHECK_FALSE(db.writer().purge(later));

  CHECK(db.append(say(room, "ann", "again", "young"), later).stored == kept.stored);
  CHECK(db.append(say(room, "ann", "again", "0"), later).stored == renewed.stored);
  // Within the window, but no longer known, since it was removed.
  CHECK_FALSE(db.append(say(room, "ann", "again", "7"), now).repeated);
}

STORE_TEST_CASE("only_if_repeated answers repeats and stores nothing") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto first = db.append(say(room, "ann", "first", "c1"));

  const auto repeat = db.append(only_repeat(say(room, "ann", "again", "c1")));
  CHECK(repeat.repeated);
  CHECK(repeat.stored == first.stored);
  CHECK(failed_with(db.write(only_repeat(say(room, "ann", "new", "c2"))),
                    store_error::not_repeated));
  CHECK(
      failed_with(db.write(only_repeat(say(room, "ann", "none"))), store_error::not_repeated));
  CHECK(failed_with(db.write(only_repeat(say(room_id{77}, "ann", "no room", "c1"))),
                    store_error::no_such_room));
  CHECK(db.log(room).size() == 1);
  // The refusal did not reserve the client_id.
  CHECK_FALSE(db.append(say(room, "ann", "new", "c2")).repeated);
}

STORE_TEST_CASE("a clock that jumps back disturbs neither order nor repeats") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const timestamp yesterday{now.value - 24 * 60 * 60 * 1000};
  const auto first = db.append(say(room, "ann", "first", "c1")).stored;
  const auto second = db.append(say(room, "ann", "second", "c2"), yesterday).stored;

  CHECK(second.seq > first.seq);
  CHECK(second.id > first.id);
  CHECK(second.created_at == yesterday);
  CHECK(db.append(say(room, "ann", "again", "c1"), yesterday).stored == first);
  CHECK(db.reader().find_room(room)->last_message_at == yesterday);
  CHECK(seqs(db.log(room)) == std::vector<std::int64_t>{1, 2});
}

STORE_TEST_CASE("a room record follows its log") {
  TestType backend;
  opened db{backend.config()};
  const auto created = std::get<room_record>(db.write(op::create_room{"tea"}));
  CHECK(created.created_at == now);
  CHECK(created.last_seq == sequence{0});
  CHECK_FALSE(created.last_message_at);
  CHECK(*db.reader().find_room(created.id) == created);

  const timestamp later{now.value + 3};
  std::ignore = db.append(say(created.id, "ann", "one"));
  std::ignore = db.append(say(created.id, "ann", "two"), later);
  const auto record = db.reader().find_room("tea");
  REQUIRE(record);
  CHECK(record->last_seq == sequence{2});
  CHECK(record->last_rev == revision{2});
  CHECK(record->last_message_at == later);
  CHECK(record->created_at == now);
}

STORE_TEST_CASE("room names are compared byte by byte") {
  TestType backend;
  opened db{backend.config()};
  const auto lower = db.create("tea");
  const auto upper = db.create("Tea");
  const auto composed = db.create("caf\u00e9");
  const auto decomposed = db.create("cafe\u0301");

  CHECK(db.reader().find_room("tea")->id == lower);
  CHECK(db.reader().find_room("Tea")->id == upper);
  CHECK(db.reader().find_room("caf\u00e9")->id == composed);
  CHECK(db.reader().find_room("cafe\u0301")->id == decomposed);
  CHECK(failed_with(db.write(op::create_room{"Tea"}), store_error::already_exists));
  CHECK(db.reader().find_room("TEA").error() == store_error::no_such_room);
  CHECK(db.reader().find_room(room_id{0}).error() == store_error::no_such_room);
}

STORE_TEST_CASE("a refused room takes no number") {
  TestType backend;
  opened db{backend.config()};
  CHECK(db.create("a") == room_id{1});
  CHECK(failed_with(db.write(op::create_room{"a"}), store_error::already_exists));
  CHECK(db.create("b") == room_id{2});
}

STORE_TEST_CASE("rooms are listed by id and in pages") {
  TestType backend;
  opened db{backend.config()};
  for (const auto* name : {"c", "a", "b"})
    std::ignore = db.create(name);

  CHECK(db.room_names("") == std::vector<std::string>{"c", "a", "b"});
  const auto first = db.reader().list_rooms(room_id{0}, "", 2, {});
  REQUIRE(first->size() == 2);
  const auto second = db.reader().list_rooms(first->back().id, "", 2, {});
  REQUIRE(second->size() == 1);
  CHECK(second->front().name == "b");
  CHECK(db.reader().list_rooms(second->back().id, "", 2, {})->empty());
  CHECK(db.reader().list_rooms(room_id{0}, "", 0, {})->empty());
  CHECK(db.reader().list_rooms(room_id{0}, "", -1, {})->empty());
}

STORE_TEST_CASE("a room search is a substring, ASCII letters of either case") {
  using names = std::vector<std::string>;
  TestType backend;
  opened db{backend.config()};
  for (const auto* name :
       {"Tea Time", "steam", "100%", "a_b", "axb", "\u00c4rger", "\u00e4rger", "it's"})
    std::ignore = db.create(name);

  CHECK(db.room_names("TEA") == names{"Tea Time", "steam"});
  CHECK(db.room_names("tea t") == names{"Tea Time"});
  CHECK(db.room_names("%") == names{"100%"});
  CHECK(db.room_names("a_") == names{"a_b"});
  CHECK(db.room_names("\u00c4") == names{"\u00c4rger"});
  CHECK(db.room_names("RGER") == names{"\u00c4rger", "\u00e4rger"});
  CHECK(db.room_names("'") == names{"it's"});
  CHECK(db.room_names("nowhere").empty());
  // The search pages in the same way as the list.
  CHECK(db.reader().list_rooms(room_id{1}, "tea", 5, {})->front().name == "steam");
}

STORE_TEST_CASE("text comes back as it was sent") {
  TestType backend;
  opened db{backend.config()};
  const std::string name = "\u8336\u5ba4 \U0001F375";
  const auto room = db.create(name);
  std::string everything = "\U0001F468\u200D\U0001F469\u200D\U0001F467 e\u0301 \u00e9 \ufeff ";
  for (char letter = 1; letter < 127; ++letter)
    everything += letter;
  everything.append(4000, 'x');
  const auto sent = db.append(say(room, "\u00e4nn\u0131", everything, "\U0001F511")).stored;

  CHECK(sent.content == everything);
  CHECK(db.log(room).front() == sent);
  CHECK(db.append(say(room, "\u00e4nn\u0131", "x", "\U0001F511")).stored == sent);
  CHECK(db.reader().find_room(name)->name == name);
}

STORE_TEST_CASE("a reader sees what was committed before") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto other = db.whole().reader();
  for (int i = 1; i <= 5; ++i) {
    std::ignore = db.append(say(room, "ann", "x"));
    CHECK(db.log(room).size() == static_cast<std::size_t>(i));
    CHECK(other->find_room(room)->last_seq == sequence{i});
  }
}
