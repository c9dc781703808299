// Rooms whose log other nodes write too.
#include "tests/actors/room/node_world.hpp"

#include <memory>
#include <string>
#include <utility>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// A room in which somebody always has a message on its way to the store.
struct busy_room : node_world {
  explicit busy_room(std::shared_ptr<shared_log> store = std::make_shared<shared_log>())
      : node_world(std::move(store)) {
    (void)member("ann");
  }
  /// Begins to be busy.
  void begin() {
    sender_ = &member("busy");
    hold(writer);
    send();
  }
  /// Sends a message, and only then hears of the one before it.
  void go_on() {
    hold(rooms.back());
    send();
    release(writer);
    run();
    hold(writer);
    release(rooms.back());
    run();
  }

 private:
  void send() {
    sender_->send(send_message("busy"));
    run();
  }
  client* sender_ = nullptr;
};

TEST_CASE("what another node wrote before a message is told before its ack") {
  node_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 1);
  (void)ann.take();
  world.say_elsewhere("cy", "one");
  CHECK(ann.ask(send_message("two")) ==
        texts{lobby_event(1, "cy", "one"), stored_ack(2, lobby_message(2, "ann", "two"))});
  CHECK(ben.take() == texts{lobby_event(1, "cy", "one"), lobby_event(2, "ann", "two")});
  CHECK(shown(ann.ask(send_message("three"))) == "=3@3 ");
  CHECK(shown(ben.take()) == "+3@3 ");
}

TEST_CASE("what another node wrote is told in the order of rev when its head is seen") {
  node_world world;
  auto& ann = world.member("ann");
  (void)ann.ask(send_message("one"));
  world.say_elsewhere("cy", "two");
  world.edit_elsewhere(1, "ann", "ONE");
  world.say_elsewhere("cy", "three");
  world.delete_elsewhere(2, "cy");
  CHECK(ann.take().empty());
  world.advance(1s);
  // The second message was deleted before this node heard of it, so it comes as a tombstone.
  const auto came = ann.take();
  CHECK(shown(came) == "+2@5 ~1@3 +3@4 -2@5 ");
  CHECK(any_has(came, R"("content":"ONE")"));
  world.advance(5s);
  CHECK(ann.take().empty());
  // A join finds the same.
  auto& dee = world.connect("dee");
  const auto joined = dee.ask(R"(421["join_room",{"room":"lobby","history":9}])");
  CHECK(any_has(joined, R"("last_seq":3)"));
  CHECK(any_has(joined, R"("content":"ONE")"));
  CHECK(any_has(joined, R"("deleted_at")"));
}

TEST_CASE("a room tells nothing twice, whichever way it comes first") {
  node_world world;
  auto& ann = world.member("ann");
  (void)ann.ask(send_message("one"));
  world.say_elsewhere("cy", "two");
  world.edit_elsewhere(1, "ann", "ONE");
  const std::string all = "+2@2 ~1@3 =3@4 ";
  SECTION("the log is read while a message is on its way to the store") {
    world.hold(world.writer);
    world.tell_head();
    ann.send(send_message("three"));
    world.run();
    std::string came = shown(ann.take());
    world.release(world.writer);
    world.run();
    CHECK(came + shown(ann.take()) == all);
  }
  SECTION("the message is stored while the log is being read") {
    world.hold(world.reader);
    world.tell_head();
    world.run();
    CHECK(shown(ann.ask(send_message("three"))) == all);
    world.release(world.reader);
    world.run();
    CHECK(ann.take().empty());
  }
  SECTION("the message is sent while the log is being read") {
    world.hold(world.reader);
    world.tell_head();
    world.run();
    world.hold(world.writer);
    ann.send(send_message("three"));
    world.run();
    world.release(world.reader);
    world.run();
    CHECK(ann.take().empty());
    world.release(world.writer);
    world.run();
    CHECK(shown(ann.take()) == all);
  }
  SECTION("the log has gone on after the message when it is answered") {
    for (const auto& gate : world.gates)
      world.hold(gate);
    ann.send(send_message("three"));
    world.run();
    for (const auto& gate : world.gates)
      world.release(gate);
    world.hold(world.writer);
    world.run();
    world.release(world.writer);
    world.hold(world.rooms.back());
    world.run();
    world.say_elsewhere("cy", "four");
    world.tell_head();
    world.release(world.rooms.back());
    world.run();
    CHECK(shown(ann.take()) == all + "+4@5 ");
  }
  world.advance(5s);
  CHECK(ann.take().empty());
}

TEST_CASE("messages that retention removed before this node saw them are told as a gap") {
  auto store = std::make_shared<shared_log>(
      store_config{.path = ":memory:", .retention = {{"*", 0, 2}}});
  node_world world{store};
  auto& ann = world.member("ann");
  (void)ann.ask(send_message("one"));
  for (const auto* text : {"two", "three", "four", "five"})
    world.say_elsewhere("cy", text);
  const bool all_gone = GENERATE(false, true);
  while (store->real->purge(noon)) {
  }
  if (all_gone) world.edit_elsewhere(5, "cy", "FIVE");
  world.advance(1s);
  CHECK(shown(ann.take()) == (all_gone ? "!2-3 +4@4 +5@6 ~5@6 " : "!2-3 +4@4 +5@5 "));
  const auto again =
      world.connect("dee").ask(R"(421["join_room",{"room":"lobby","history":9}])");
  CHECK(any_has(again, R"("first_seq":4,"last_seq":5)"));
}

TEST_CASE("a client that knows more from another node joins without a gap") {
  node_world world;
  auto& ann = world.member("ann");
  for (const auto* text : {"one", "two", "three"})
    world.say_elsewhere("cy", text);
  auto& dee = world.connect("dee", 1);
  const auto joined = dee.ask(R"(421["join_room",{"room":"lobby","since":2}])");
  CHECK(any_has(joined, R"("gap":false)"));
  CHECK(any_has(joined, lobby_message(3, "cy", "three")));
  CHECK_FALSE(any_has(joined, lobby_message(2, "cy", "two")));
  CHECK(shown(ann.take()).starts_with("+1@1 +2@2 +3@3 "));
  // What nobody has written is a gap, as ever.
  const auto beyond =
      world.connect("eve").ask(R"(421["join_room",{"room":"lobby","since":9}])");
  CHECK(any_has(beyond, R"("gap":true)"));
}

TEST_CASE("a page that is ahead of the room waits until its entries are told") {
  const auto store = std::make_shared<shared_log>();
  {
    node_world before{store};
    (void)before.member("ann").ask(send_message("one"));
  }
  node_world world{store};
  auto& ben = world.connect("ben");
  (void)ben.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  world.edit_elsewhere(1, "ann", "ONE");
  // The join reads the message as it is now, so it is not told of the edit again.
  const auto joined =
      world.connect("dee", 1).ask(R"(421["join_room",{"room":"lobby","since":0}])");
  CHECK(any_has(joined, R"("content":"ONE")"));
  CHECK_FALSE(any_has(joined, "message_edited"));
  CHECK(shown(ben.take()) == "~1@2 ?@ ");
}

TEST_CASE("a room that woke while its log's end was asked for is told of it") {
  node_world world;
  auto& ann = world.member("ann");
  (void)ann.ask(send_message("one"));
  world.hold(world.directory);
  world.advance(1s); // it is asked which rooms are awake
  world.hold(world.head_poll);
  world.release(world.directory);
  world.run();
  ann.close();
  world.run();
  world.advance(30s); // the room sleeps
  REQUIRE(world.rooms_awake() == 0);
  auto& ben = world.member("ben");
  world.say_elsewhere("cy", "two");
  world.release(world.head_poll);
  world.run();
  world.advance(1s);
  CHECK(shown(ben.take()) == "+2@2 ");
}

TEST_CASE("a repeat of another node's message is answered with it") {
  node_world world;
  auto& ann = world.member("ann");
  world.say_elsewhere("ann", "one", "c1");
  const auto came =
      ann.ask(R"(422["send_message",{"room":"lobby","content":"one","client_id":"c1"}])");
  CHECK(shown(came) == "+1@1 =1@1 ");
}

TEST_CASE("a session gets what another node wrote while it was away once") {
  node_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  auto& ben = world.member("ben", 1);
  world.say_elsewhere("cy", "one");
  world.advance(1s);
  (void)heard(session, ann.take());
  ann.close();
  world.run();
  world.say_elsewhere("cy", "two");
  const auto moment = GENERATE(0, 1, 2);
  if (moment == 1) (void)ben.ask(send_message("three"));
  if (moment == 2) world.advance(1s);
  world.edit_elsewhere(1, "cy", "ONE");
  auto [back, missed] = world.back(session);
  (void)heard(session, back->take());
  world.advance(1s);
  const auto later = heard(session, back->take());
  const auto all = shown(missed) + shown(without_offsets(later));
  // Whatever the room knows at the return, the rest comes from the room itself.
  if (moment == 1)
    CHECK(all == "+2@2 +3@3 ~1@4 ");
  else
    CHECK((all == "+2@2 ~1@3 " || all == "~1@3 +2@2 "));
  back->close();
  world.run();
  CHECK(world.back(session).second.empty());
}

TEST_CASE("a session that another node told more returns without a gap") {
  const auto store = std::make_shared<shared_log>();
  node_world here{store};
  node_world there{store};
  kept session;
  auto& ann = here.fresh_member("ann", session);
  auto& ben = there.member("ben");
  (void)ben.take();
  (void)ann.ask(send_message("one"));
  (void)ann.ask(send_message("two"));
  here.say_elsewhere("cy", "three");
  here.advance(1s);
  (void)heard(session, ann.take());
  here.say_elsewhere("cy", "four");
  CHECK(ben.take().empty()); // the other node knows nothing yet
  auto [back, missed] = there.back(session);
  CHECK(shown(missed) == "+4@4 ");
  CHECK(shown(ben.take()) == "+1@1 +2@2 +3@3 +4@4 ?@ ");
  CHECK(shown(back->ask(send_message("five"))) == "=5@5 ");
  ann.close();
  here.run();
}

TEST_CASE("a client that knows more from another node joins a busy room as soon as it may") {
  busy_room world;
  auto& dee = world.connect("dee", 1);
  world.say_elsewhere("cy", "one");
  world.begin();
  SECTION("the room has come to what the client knows") {
    CHECK(dee.ask(R"(421["join_room",{"room":"lobby","since":1}])").empty());
    world.go_on();
    const auto joined = dee.take();
    CHECK(any_has(joined, R"("gap":false)"));
    CHECK(any_has(joined, lobby_message(2, "busy", "busy")));
    CHECK_FALSE(any_has(joined, lobby_message(1, "cy", "one")));
  }
  SECTION("nobody has written what the client knows") {
    CHECK(dee.ask(R"(421["join_room",{"room":"lobby","since":99}])").empty());
    world.go_on();
    CHECK(dee.take().empty()); // that message was sent before the client asked
    world.go_on();
    CHECK(any_has(dee.take(), R"("gap":true)"));
  }
  // What the session asks for then is not held up.
  CHECK(any_has(dee.ask(R"(423["get_members",{"room":"lobby"}])"), R"("ok":true)"));
}

TEST_CASE("a client that waits for what a writer was to bring joins when the writer has died") {
  busy_room world;
  auto& dee = world.connect("dee", 1);
  world.say_elsewhere("cy", "one");
  world.begin();
  CHECK(dee.ask(R"(421["join_room",{"room":"lobby","since":1}])").empty());
  caf::anon_send_exit(world.writer, caf::exit_reason::kill);
  world.release(world.writer);
  world.run();
  CHECK(any_has(dee.take(), R"("gap":false)"));
}

TEST_CASE("a session that another node told more returns to a busy room as soon as it may") {
  const auto store = std::make_shared<shared_log>();
  busy_room here{store};
  node_world there{store};
  kept session;
  auto& ann = there.fresh_member("ann", session);
  (void)heard(session, ann.ask(send_message("one")));
  ann.close();
  there.run();
  there.say_elsewhere("cy", "two");
  here.begin();
  auto [back, missed] = here.back(session);
  CHECK(missed.empty());
  here.go_on();
  CHECK(shown(back->take()) == "+2@2 +3@3 ");
}

} // namespace
} // namespace hubbub::test
