#include "actors/bridge/bridge_desk.hpp"
#include "tests/actors/chat_world.hpp"

#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

struct desk_world : chat_world {
  desk_world()
      : desk(actors().spawn<bridge_desk>(bridge_desk_setup{directory, relays, {}, true})) {}
  ~desk_world() {
    caf::anon_send_exit(desk, caf::exit_reason::kill);
    run();
  }
  bridge_taken take(std::vector<bridge_events::entry> events) {
    return ask<bridge_taken>(desk, bridge_events{std::move(events)});
  }
  bridge_taken store(std::string args, std::vector<room_ref> to, bool is_ours = true) {
    return take(
        {{{.name = "note", .args_json = std::move(args), .to = std::move(to)}, true, is_ours}});
  }

  bridge_desk_actor desk;
};

bridge_events::entry passing(std::string name, std::vector<room_ref> to,
                             std::vector<room_ref> except = {}) {
  const bool all = to.empty();
  return {{std::move(name), "1", all, std::move(to), std::move(except)}};
}

TEST_CASE("a desk passes events on to rooms by their names or ids, and to everybody") {
  desk_world world;
  auto& ann = world.member("ann", 0);
  auto& ben = world.member("ben", 1);
  auto& cyd = world.connect("cyd", 1);
  (void)ann.take();
  (void)ben.take();
  (void)cyd.take();
  const auto awake = world.rooms_awake();
  world.take({passing("a", {"lobby"}), passing("b", {room_id{1}, "lobby"}),
              passing("c", {"nowhere"}), passing("d", {}), passing("e", {}, {"lobby"})});
  CHECK(ann.take() == texts{R"(42["a",1])", R"(42["b",1])", R"(42["d",1])"});
  CHECK(ben.take() == texts{R"(42["a",1])", R"(42["b",1])", R"(42["d",1])"});
  CHECK(cyd.take() == texts{R"(42["d",1])", R"(42["e",1])"});
  CHECK(world.rooms_awake() == awake);
}

TEST_CASE("a desk has messages stored, and says what became of them") {
  desk_world world;
  auto& ann = world.member("ann");
  const auto one = world.store(R"("text")", {"lobby"});
  CHECK(one.stored == 1);
  CHECK(one.failed == 0);
  CHECK(any_has(ann.take(), R"("user_id":"bridge","username":"bridge","content":"text")"));
  const std::string named =
      R"({"content":"x","user_id":"bot","username":"Bot","client_id":"c"})";
  CHECK(world.store(named, {"lobby"}).stored == 1);
  CHECK(any_has(ann.take(), R"("user_id":"bot","username":"Bot","content":"x")"));
  // Whichever node stores it first, it is the same one.
  CHECK(world.store(named, {"lobby"}, false).stored == 0);
  CHECK(world.store(named, {"lobby"}, false).failed == 0);
  CHECK(ann.take().empty());
  // Without a client_id only the node that has claimed it does.
  CHECK(world.store(R"("other")", {"lobby"}, false).stored == 0);
  CHECK(ann.take().empty());
  // Two rooms, of which one is new.
  CHECK(world.store(R"("both")", {"lobby", "attic"}).stored == 2);
  CHECK(world.store(R"("once")", {"lobby", " lobby ", "lobby"}).stored == 1);
}

TEST_CASE("a desk says why something is not stored") {
  desk_world world;
  const auto why = [&](std::string args, std::vector<room_ref> to) {
    const auto taken = world.store(std::move(args), std::move(to));
    CHECK(taken.stored == 0);
    CHECK(taken.failed == 1);
    return taken.why;
  };
  CHECK(why(R"("a","b")", {"lobby"}) == "a message is one argument");
  CHECK(why("", {"lobby"}) == "a message is one argument");
  CHECK(why(R"("a")", {}) == "a message belongs into a room");
  CHECK(why(R"({"content":5})", {"lobby"}).find("content") != std::string::npos);
  CHECK(why("5", {"lobby"}) == "the body must be a JSON object");
  CHECK(why(R"("a")", {room_id{99}}) == "there is no such room");
  // A room gets no name that no client could give it.
  for (const auto& name : {std::string{}, std::string{"a\nb"}, std::string(65, 'x')})
    CHECK(why(R"("a")", {name}).find("room") != std::string::npos);
}

} // namespace
} // namespace hubbub::test
