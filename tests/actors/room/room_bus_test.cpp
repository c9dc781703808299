// Rooms that hear over the bus what other nodes write.
#include "actors/bus/bus_posts.hpp"
#include "proto/own_event.hpp"
#include "tests/actors/room/node_world.hpp"

#include <memory>
#include <random>
#include <string>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// A node that the test tells what the bus brings. Nobody polls the log by himself, since no
/// time passes.
struct bus_node : node_world {
  /// Returns the entries after `from`, up to `to`, as another node publishes them.
  [[nodiscard]] bus_news news(std::int64_t from, std::int64_t to) const {
    bus_log log{room_id{1}, revision{from}, revision{to}};
    const auto whole = *shared->log->read_log({room_id{1}, {}, {}}, 1'000);
    for (auto rev = from + 1; rev <= to; ++rev)
      for (const auto& entry : whole.entries)
        if (entry.what.rev == revision{rev} && entry.after == revision{rev})
          log.entries.push_back(entry.what);
    REQUIRE(std::ssize(log.entries) == to - from);
    return news_of(std::move(log));
  }
  void bring(bus_news what) {
    compat::anon_send(rooms.back(), std::move(what));
    run();
  }
  void bring(std::int64_t from, std::int64_t to) { bring(news(from, to)); }
  /// Returns how often rooms have read their logs for what others wrote.
  [[nodiscard]] std::uint64_t log_reads() {
    std::uint64_t sum = 0;
    for (const auto& gate : gates)
      sum += ask<chat_measures>(gate, ask_measures{}).log_reads;
    return sum;
  }
};

TEST_CASE("what another node wrote is told at once when the bus brings it") {
  bus_node world;
  auto& ann = world.member("ann");
  (void)ann.ask(send_message("one"));
  world.say_elsewhere("cy", "two");
  world.bring(1, 2);
  CHECK(ann.take() == texts{lobby_event(2, "cy", "two")});
  world.edit_elsewhere(1, "ann", "ONE");
  world.delete_elsewhere(2, "cy");
  world.bring(2, 4);
  CHECK(shown(ann.take()) == "~1@3 -2@4 ");
  CHECK(world.log_reads() == 0);
  // A join finds the same, and the head poll has nothing to add.
  const auto joined =
      world.connect("dee").ask(R"(421["join_room",{"room":"lobby","history":9}])");
  CHECK(any_has(joined, R"("content":"ONE")"));
  (void)ann.take();
  world.advance(5s);
  CHECK(ann.take().empty());
}

TEST_CASE("what the bus brings twice, or after something newer, is told once") {
  bus_node world;
  auto& ann = world.member("ann");
  world.say_elsewhere("cy", "one");
  world.say_elsewhere("cy", "two");
  world.say_elsewhere("cy", "three");
  world.bring(0, 1);
  world.bring(0, 1);
  CHECK(shown(ann.take()) == "+1@1 ");
  world.bring(0, 2); // a part of it is known
  world.bring(1, 3);
  world.bring(1, 2);
  CHECK(shown(ann.take()) == "+2@2 +3@3 ");
  CHECK(world.log_reads() == 0);
}

TEST_CASE("a hole that the bus leaves is filled from the log") {
  bus_node world;
  auto& ann = world.member("ann");
  world.say_elsewhere("cy", "one");
  world.say_elsewhere("cy", "two");
  world.bring(1, 2);
  CHECK(shown(ann.take()) == "+1@1 +2@2 ");
  CHECK(world.log_reads() == 1);
  world.bring(0, 1);
  CHECK(ann.take().empty());
}

TEST_CASE("what the bus swaps is told in order without the log, if the rest comes first") {
  bus_node world;
  auto& ann = world.member("ann");
  for (const auto* text : {"one", "two", "three"})
    world.say_elsewhere("cy", text);
  world.hold(world.reader);
  world.bring(2, 3);
  world.bring(1, 2);
  CHECK(ann.take().empty());
  world.bring(0, 1);
  CHECK(shown(ann.take()) == "+1@1 +2@2 +3@3 ");
  world.release(world.reader);
  world.run();
  CHECK(ann.take().empty());
}

TEST_CASE("a bus that only says how far the log goes makes the room read it") {
  bus_node world;
  auto& ann = world.member("ann");
  world.say_elsewhere("cy", "one");
  world.say_elsewhere("cy", "two");
  world.bring(news_of({room_id{1}, revision{0}, revision{2}}));
  CHECK(shown(ann.take()) == "+1@1 +2@2 ");
  CHECK(world.log_reads() == 1);
}

TEST_CASE("what the bus says is never told if it does not fit what the room knows") {
  bus_node world;
  auto& ann = world.member("ann");
  world.say_elsewhere("cy", "one");
  world.say_elsewhere("cy", "two");
  auto wrong = world.news(0, 2);
  SECTION("a message that would leave a hole") {
    wrong.part.entries[1].what.seq = sequence{3};
  }
  SECTION("a message whose number is taken") {
    wrong.part.entries[1].what.seq = sequence{1};
  }
  SECTION("an edit of a message that is not there yet") {
    wrong.part.entries[1].is_new = false;
    wrong.part.entries[1].what.seq = sequence{3};
    wrong.part.entries[1].what.edited_at = noon;
  }
  world.bring(wrong);
  CHECK(shown(ann.take()) == "+1@1 +2@2 ");
  CHECK(world.log_reads() == 1);
}

TEST_CASE("what follows a message of the room's own waits for its outcome, without the log") {
  bus_node world;
  auto& ann = world.member("ann");
  world.say_elsewhere("cy", "one");
  world.hold(world.gates[1]); // the gate of room 1: the outcome waits there
  ann.send(send_message("two"));
  // The write is on its way, and stored, before the other node writes.
  world.run();
  world.release(world.gates[1]);
  world.hold(world.rooms.back());
  world.run();
  world.say_elsewhere("cy", "three");
  compat::anon_send(world.rooms.back(), world.news(2, 3));
  world.release(world.rooms.back());
  world.run();
  CHECK(shown(ann.take()) == "+1@1 =2@2 +3@3 ");
  CHECK(world.log_reads() == 0);
}

TEST_CASE("the bus brings a message before the room's own that follows it is stored") {
  bus_node world;
  auto& ann = world.member("ann");
  world.say_elsewhere("cy", "one");
  world.hold(world.writer);
  ann.send(send_message("two"));
  world.run();
  world.bring(0, 1);
  CHECK(shown(ann.take()) == "+1@1 ");
  world.release(world.writer);
  world.run();
  CHECK(shown(ann.take()) == "=2@2 ");
  CHECK(world.log_reads() == 0);
}

TEST_CASE("the bus adds nothing to what a room has read for a client that knows more") {
  bus_node world;
  auto& ben = world.member("ben");
  world.say_elsewhere("cy", "one");
  auto& dee = world.connect("dee", 1);
  const auto joined = dee.ask(R"(421["join_room",{"room":"lobby","since":1}])");
  CHECK(any_has(joined, R"("messages":[],)"));
  CHECK(shown(ben.take()).starts_with("+1@1 "));
  world.bring(0, 1);
  CHECK(ben.take().empty());
  CHECK(dee.take().empty());
}

TEST_CASE("who types on another node is told here, until they stop, send, or time out") {
  bus_node world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 1);
  (void)ann.take();
  const auto types = [&](const std::string& user, bool is_typing) {
    compat::anon_send(world.rooms.back(),
                      bus_said{bus_typing{room_id{1}, user, user, is_typing}});
    world.run();
  };
  types("cy", true);
  CHECK(ann.take() == texts{typing_in_lobby("cy", true)});
  CHECK(ben.take() == texts{typing_in_lobby("cy", true)});
  types("cy", false);
  CHECK(ann.take() == texts{typing_in_lobby("cy", false)});
  types("cy", false);
  CHECK(ann.take().empty());
  // A message ends it, wherever it was sent.
  types("cy", true);
  world.say_elsewhere("cy", "one");
  (void)ann.take();
  world.bring(0, 1);
  CHECK(ann.take() == texts{typing_in_lobby("cy", false), lobby_event(1, "cy", "one")});
  // And so does time, should the other node's word be lost.
  types("cy", true);
  (void)ann.take();
  world.advance(6s);
  CHECK(ann.take() == texts{typing_in_lobby("cy", false)});
  // A user's own sessions are not told.
  types("ann", true);
  CHECK(ann.take().empty());
}

TEST_CASE("how far a user has read on another node is told to their sessions here") {
  bus_node world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 1);
  (void)ann.take();
  const auto read = [&](const std::string& user) {
    compat::anon_send(world.rooms.back(), bus_said{bus_read{room_id{1}, user, sequence{3}}});
    world.run();
  };
  read("ann");
  CHECK(ann.take() == texts{R"(42["read",{"room_id":1,"room":"lobby","seq":3}])"});
  CHECK(ben.take().empty());
  read("nobody");
  CHECK(ann.take().empty());
}

TEST_CASE("two nodes tell each other who types, and how far their users have read") {
  const auto store = std::make_shared<shared_log>();
  const auto air = std::make_shared<lossy_air>();
  auto options = node_world::options(store);
  options.air = air;
  chat_world here{options};
  chat_world there{options};
  auto& ann = here.member("ann");
  auto& ben = there.member("ben");
  auto& ann2 = there.member("ann", 1);
  std::mt19937_64 random{1};
  const auto carry = [&] {
    here.run();
    there.run();
    while (air->carry(random)) {
    }
    here.run();
    there.run();
  };
  // Some of what the air is given is lost, so it is said again.
  texts told;
  for (int i = 0; i < 20 && !any_has(told, typing_in_lobby("ann", true)); ++i) {
    ann.send(R"(42["typing",{"room":"lobby","is_typing":true}])");
    carry();
    for (auto& each : ben.take())
      told.push_back(each);
  }
  CHECK(any_has(told, typing_in_lobby("ann", true)));
  (void)ann.ask(send_message("one"));
  carry();
  told.clear();
  for (int i = 0; i < 20 && !any_has(told, R"(["read",)"); ++i) {
    ann.send(R"(42["mark_read",{"room":"lobby","seq":1}])");
    carry();
    for (auto& each : ann2.take())
      told.push_back(each);
  }
  CHECK(any_has(told, R"(42["read",{"room_id":1,"room":"lobby","seq":1}])"));
}

TEST_CASE("an event of the program around one node reaches members on the others") {
  const auto store = std::make_shared<shared_log>();
  const auto air = std::make_shared<lossy_air>();
  auto options = node_world::options(store);
  options.air = air;
  chat_world here{options};
  chat_world there{options};
  auto& ann = here.member("ann");
  auto& ben = there.member("ben");
  std::mt19937_64 random{1};
  const auto heard = [&](const std::string& event, const std::string& args) {
    (void)ben.take();
    // Some of what the air is given is lost, so it is said again.
    for (int i = 0; i < 20; ++i) {
      (void)ann.take();
      CHECK(
          *here.ask<broadcast_outcome>(here.rooms.back(), room_broadcast{event, args, false}));
      here.run();
      CHECK(ann.take() == texts{"42[\"" + event + "\"," + args + "]"});
      while (air->carry(random)) {
      }
      there.run();
      if (const auto came = ben.take(); !came.empty()) return came.front();
    }
    return std::string{};
  };
  CHECK(heard("polled", R"({"id":1},"text")") == R"(42["polled",{"id":1},"text"])");
  // One that is too long for the bus stays here, and its sender is told.
  (void)ann.take();
  const auto longest = "\"" + std::string(8'000, 'x') + "\"";
  CHECK_FALSE(*here.ask<broadcast_outcome>(here.rooms.back(),
                                           room_broadcast{"polled", longest, false}));
  here.run();
  CHECK(ann.take() == texts{"42[\"polled\"," + longest + "]"});
  // A stored one is read from the log, however long it is.
  node_world third{store};
  auto& cy = third.member("cy");
  (void)cy.take();
  third.say_elsewhere("host", stored_content({"polled", longest, "a poll"}));
  third.tell_head();
  third.run();
  const auto told = cy.take();
  REQUIRE(told.size() == 1);
  CHECK(told.front().starts_with("42[\"polled\"," + longest + R"(,{"id":)"));
  CHECK(told.front().ends_with("}]"));
}

TEST_CASE("a room hears what was written between its waking and its subscription") {
  const auto store = std::make_shared<shared_log>();
  const auto air = std::make_shared<lossy_air>();
  auto options = node_world::options(store);
  options.air = air;
  chat_world world{options};
  world.hold(world.bus.actor);
  auto& ann = world.member("ann");
  REQUIRE(std::holds_alternative<appended>(
      store->write(op::append_message{room_id{1}, "cy", "cy", "one", std::nullopt}, noon)));
  world.run();
  CHECK(ann.take().empty());
  world.release(world.bus.actor);
  world.run();
  CHECK(shown(ann.take()) == "+1@1 ");
}

} // namespace
} // namespace hubbub::test
