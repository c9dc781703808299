#include "actors/room/directory.hpp"
#include "actors/room/room.hpp"
#include "actors/room/room_lease.hpp"
#include "tests/actors/chat_world.hpp"
#include "tests/actors/reader_around.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

resolve_outcome resolve(chat_world& world, const room_ref& room, bool create) {
  return world.ask<resolve_outcome>(world.directory, resolve_room{room, create});
}

TEST_CASE("a room is found by name and by id, and is one actor") {
  chat_world world;
  const auto by_name = resolve(world, "lobby", true);
  REQUIRE(by_name);
  CHECK((*by_name)->id() == room_id{1});
  CHECK((*by_name)->name() == "lobby");
  const auto by_id = resolve(world, room_id{1}, false);
  REQUIRE(by_id);
  CHECK((*by_id)->room() == (*by_name)->room());
  CHECK((*by_id)->name() == "lobby");
  CHECK(world.rooms_awake() == 1);
}

TEST_CASE("what does not exist is not found, and is not created unasked") {
  chat_world world;
  CHECK(resolve(world, "lobby", false).error().code == error_code::not_found);
  CHECK(resolve(world, room_id{1}, false).error().code == error_code::not_found);
  CHECK(resolve(world, room_id{1}, true).error().code == error_code::not_found);
  CHECK(world.rooms_awake() == 0);
  CHECK_FALSE(world.log().find_room("lobby"));
}

TEST_CASE("names are compared byte by byte") {
  chat_world world;
  CHECK((*resolve(world, "lobby", true))->id() == room_id{1});
  CHECK((*resolve(world, "Lobby", true))->id() == room_id{2});
}

TEST_CASE("all who ask for one name at once get the one room") {
  chat_world world;
  caf::scoped_actor self{world.actors()};
  const auto ask = [&](const room_ref& room, bool create) {
    return compat::request(&*self, world.directory, caf::infinite, resolve_room{room, create});
  };
  auto looking = ask("lobby", false);
  auto first = ask("lobby", true);
  auto second = ask("lobby", true);
  world.run();
  std::vector<resolve_outcome> outcomes;
  const auto keep = [&](resolve_outcome& outcome) { outcomes.push_back(outcome); };
  const auto fail = [](const caf::error&) { FAIL("no answer"); };
  looking.receive(keep, fail);
  first.receive(keep, fail);
  second.receive(keep, fail);
  CHECK_FALSE(outcomes[0]); // it asked before the room existed, and did not ask to create it
  REQUIRE(outcomes[1]);
  REQUIRE(outcomes[2]);
  CHECK((*outcomes[1])->room() == (*outcomes[2])->room());
  CHECK(world.rooms_awake() == 1);
}

TEST_CASE("whoever comes when too many wait for rooms is told so, and later finds them") {
  chat_settings settings;
  settings.lookups = 2;
  chat_world world{{.settings = settings}};
  REQUIRE(resolve(world, "awake", true));
  caf::scoped_actor self{world.actors()};
  const auto ask = [&](const room_ref& room) {
    return compat::request(&*self, world.directory, caf::infinite, resolve_room{room, true});
  };
  const auto fail = [](const caf::error&) { FAIL("no answer"); };
  world.hold(world.reader);
  auto first = ask("lobby");
  auto second = ask("attic");
  world.run();
  CHECK(resolve(world, "cellar", true).error().code == error_code::overloaded);
  CHECK(resolve(world, "lobby", true).error().code == error_code::overloaded);
  CHECK(resolve(world, "awake", false)); // no message was held for that
  CHECK(world.ask<directory_stats>(world.directory, ask_directory_stats{}).refused == 2);
  world.release_all();
  world.run();
  first.receive([](resolve_outcome& outcome) { CHECK(outcome); }, fail);
  second.receive([](resolve_outcome& outcome) { CHECK(outcome); }, fail);
  CHECK(resolve(world, "cellar", true));
}

TEST_CASE("a room that is created over HTTP meanwhile is found all the same") {
  chat_world world;
  caf::scoped_actor self{world.actors()};
  world.hold(world.writer);
  auto joining =
      compat::request(&*self, world.directory, caf::infinite, resolve_room{"lobby", true});
  world.run(); // the reader has not found the room
  // The first ask overtakes: the writer handles what is first in its mailbox.
  world.release_all();
  auto creating =
      compat::request(&*self, world.directory, caf::infinite, op::create_room{"lobby"});
  auto again =
      compat::request(&*self, world.directory, caf::infinite, op::create_room{"lobby"});
  world.run();
  const auto fail = [](const caf::error&) { FAIL("no answer"); };
  joining.receive([](resolve_outcome& outcome) { CHECK(outcome); }, fail);
  int taken = 0;
  const auto count = [&](room_outcome& outcome) {
    if (!outcome && outcome.error() == store_error::already_exists) ++taken;
  };
  creating.receive(count, fail);
  again.receive(count, fail);
  CHECK(taken == 2);
}

TEST_CASE("a creation that came first makes the join find the room") {
  chat_world world;
  caf::scoped_actor self{world.actors()};
  world.hold(world.reader);
  auto joining =
      compat::request(&*self, world.directory, caf::infinite, resolve_room{"lobby", true});
  world.run();
  world.hold(world.directory);
  world.release(world.reader);
  world.run(); // the reader said no, and the directory has not received that yet
  compat::anon_send(world.writer, op::create_room{"lobby"});
  world.run();
  world.release_all();
  world.run();
  joining.receive([](resolve_outcome& outcome) { CHECK((*outcome)->id() == room_id{1}); },
                  [](const caf::error&) { FAIL("no answer"); });
}

TEST_CASE("a store that cannot create a room is an error, and the next try asks it again") {
  bool failing = true;
  class refusing_writer final : public store_writer {
   public:
    refusing_writer(std::unique_ptr<store_writer> real, const bool* failing)
        : real_(std::move(real)), failing_(failing) {}
    std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
      if (!*failing_) return real_->commit(ops, now);
      return std::vector<write_outcome>(ops.size(), write_outcome{store_error::full});
    }
    bool purge(timestamp) override { return false; }
    void stop_writing() override {}

   private:
    std::unique_ptr<store_writer> real_;
    const bool* failing_;
  };
  world_options options;
  options.wrap_writer = [&](std::unique_ptr<store_writer> real) {
    return std::make_unique<refusing_writer>(std::move(real), &failing);
  };
  chat_world world{options};
  CHECK(resolve(world, "lobby", true).error().code == error_code::storage_full);
  failing = false;
  CHECK(resolve(world, "lobby", true));
}

/// Cannot count.
class counting_reader final : public reader_around {
 public:
  using reader_around::reader_around;
  expected<std::vector<std::int64_t>, store_error>
  count_members(std::span<const room_id>) override {
    return unexpected(store_error::io);
  }
};

TEST_CASE("that the members of rooms that sleep cannot be counted is an error") {
  world_options options;
  options.shared = std::make_shared<shared_log>();
  options.wrap_reader = [](std::unique_ptr<store_reader> real) {
    return std::make_unique<counting_reader>(std::move(real));
  };
  chat_world world{options};
  (void)world.member("ann");
  CHECK(world.users_in(room_id{1}) == 1); // awake, so that nobody is asked
  const auto counted =
      world.ask<counts_outcome>(world.directory, count_members{{room_id{1}, room_id{2}}});
  REQUIRE_FALSE(counted);
  CHECK(counted.error() == store_error::io);
}

TEST_CASE("the users of rooms are counted, of those that sleep too") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  (void)world.member("ann", 1);
  (void)world.member("ben", 1);
  CHECK(world.ask<counts_outcome>(world.directory, count_members{{room_id{1}, room_id{7}}}) ==
        std::vector<std::int64_t>{2, 0});
  ann.close();
  world.run();
  CHECK(world.users_in(room_id{1}) == 2);
}

TEST_CASE("a room without leases retires after a while and wakes with what it had") {
  chat_world world;
  world.post("lobby", "hi");
  CHECK(world.rooms_awake() == 1);
  world.advance(std::chrono::seconds{9});
  CHECK(world.rooms_awake() == 1);
  world.advance(std::chrono::seconds{1});
  CHECK(world.rooms_awake() == 0);
  world.post("lobby", "again");
  REQUIRE(world.rooms.size() == 2);
  CHECK(world.log().find_room("lobby")->last_seq == sequence{2});
}

TEST_CASE("a room lingers from its last use on") {
  chat_world world;
  world.post("lobby", "hi");
  world.advance(std::chrono::seconds{9});
  world.post("lobby", "again");
  world.advance(std::chrono::seconds{9});
  CHECK(world.rooms_awake() == 1);
  world.advance(std::chrono::seconds{1});
  CHECK(world.rooms_awake() == 0);
}

TEST_CASE("a retired room leaves nothing behind") {
  chat_world world;
  world.post("lobby", "hi");
  const auto gone = world.rooms.front().address();
  world.rooms.clear();
  world.advance(std::chrono::seconds{10});
  REQUIRE(world.rooms_awake() == 0);
  world.advance(std::chrono::seconds{60}); // ticks that were still due
  // Neither a handle nor an actor that monitors it keeps the memory of the room.
  CHECK(caf::actor_cast<caf::strong_actor_ptr>(gone) == nullptr);
  CHECK(gone.get()->weak_refs == 1); // `gone` itself
}

TEST_CASE("who asks for a room that has just been let go wakes a new one") {
  chat_world world;
  world.post("lobby", "hi");
  const auto sleepy = world.rooms.front();
  world.hold(world.directory);
  // the room has asked, and the message is still on its way
  world.advance(std::chrono::seconds{10});
  caf::scoped_actor self{world.actors()};
  auto asked =
      compat::request(&*self, world.directory, caf::infinite, resolve_room{room_id{1}, false});
  world.release_all();
  world.run();
  asked.receive([&](resolve_outcome& outcome) { CHECK((*outcome)->room() != sleepy); },
                [](const caf::error&) { FAIL("no answer"); });
  CHECK(world.rooms_awake() == 1);
}

/// Counts the lookups.
class lookup_counter final : public reader_around {
 public:
  lookup_counter(std::unique_ptr<store_reader> real, int* lookups)
      : reader_around(std::move(real)), lookups_(lookups) {}
  expected<room_record, store_error> find_room(std::string_view name) override {
    ++*lookups_;
    return reader_around::find_room(name);
  }
  expected<room_record, store_error> find_room(room_id id) override {
    ++*lookups_;
    return reader_around::find_room(id);
  }

 private:
  int* lookups_;
};

TEST_CASE("a lookup is made anew if its room woke and slept meanwhile, and for no other room") {
  int lookups = 0;
  world_options options;
  options.wrap_reader = [&lookups](std::unique_ptr<store_reader> real) {
    return std::make_unique<lookup_counter>(std::move(real), &lookups);
  };
  chat_world world{options};
  world.post("tea", "hi");
  world.advance(std::chrono::seconds{10});
  REQUIRE(world.rooms_awake() == 0);
  caf::scoped_actor self{world.actors()};
  const auto ask = [&](const room_ref& room) {
    return compat::request(&*self, world.directory, caf::infinite, resolve_room{room, false});
  };
  const auto get = [](auto& answer) {
    room_id found;
    answer.receive([&](resolve_outcome& outcome) { found = (*outcome)->id(); },
                   [](const caf::error&) { FAIL("no answer"); });
    return found;
  };

  const bool is_same = GENERATE(false, true);
  if (!is_same) world.post("lobby", "hi");
  lookups = 0;
  world.hold(world.reader);
  auto by_id = ask(is_same ? room_id{1} : room_id{2});
  auto by_name = ask("tea");
  world.run();
  world.release(world.reader);
  while (is_same && lookups == 0)
    REQUIRE(world.step()); // the answer by its id
  world.hold(world.reader);
  world.run();
  CHECK(get(by_id) == (is_same ? room_id{1} : room_id{2}));
  world.run(); // the lease is over
  world.advance(std::chrono::seconds{10});
  REQUIRE(world.rooms_awake() == 0);
  lookups = 0;
  world.release_all();
  world.run();
  CHECK(get(by_name) == room_id{1});
  CHECK(lookups == (is_same ? 2 : 1));
}

TEST_CASE("a lease given out while the room asks to retire keeps the room") {
  chat_world world;
  world.post("lobby", "hi");
  const auto sleepy = world.rooms.front();
  world.hold(sleepy);
  caf::scoped_actor self{world.actors()};
  auto asked =
      compat::request(&*self, world.directory, caf::infinite, resolve_room{room_id{1}, false});
  // The room's tick comes before the message about the lease, so the room believes that nobody
  // holds one.
  world.scheduler().advance_time(std::chrono::seconds{10});
  world.run();
  resolve_outcome lease;
  asked.receive([&](resolve_outcome& outcome) { lease = outcome; },
                [](const caf::error&) { FAIL("no answer"); });
  REQUIRE(lease);
  world.release_all();
  world.run();
  CHECK((*lease)->room() == sleepy);
  CHECK(world.rooms_awake() == 1);
  CHECK(world.ask<call_outcome>((*lease)->room(), post_of("bot", "still here")));
  lease = {};
  world.run();
  world.advance(std::chrono::seconds{10});
  CHECK(world.rooms_awake() == 0);
}

TEST_CASE("a room that asks late is told to stay") {
  chat_world world;
  const auto lease = resolve(world, "lobby", true);
  CHECK_FALSE(world.ask<bool>(world.directory, retire_room{room_id{1}, 0}));
  CHECK(world.ask<bool>(world.directory, retire_room{room_id{9}, 0})); // the room is unknown
  CHECK(world.rooms_awake() == 1);
}

TEST_CASE("a room that died is woken anew by the next who asks") {
  chat_world world;
  world.post("lobby", "hi");
  caf::anon_send_exit(world.rooms.front(), caf::exit_reason::kill);
  world.run();
  CHECK(world.rooms_awake() == 0);
  world.post("lobby", "again");
  CHECK(world.log().find_room("lobby")->last_seq == sequence{2});
}

TEST_CASE("the directory takes its rooms with it") {
  chat_world world;
  world.post("lobby", "hi");
  const auto gone = world.rooms.front().address();
  world.rooms.clear();
  caf::anon_send_exit(world.directory, caf::exit_reason::user_shutdown);
  world.run();
  world.advance(std::chrono::seconds{60});
  CHECK(caf::actor_cast<caf::strong_actor_ptr>(gone) == nullptr);
}

} // namespace
} // namespace hubbub::test
