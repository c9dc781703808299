#include "actors/room/room.hpp"
#include "tests/actors/chat_world.hpp"
#include "tests/actors/reader_around.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace hubbub::test {
namespace {

constexpr auto edit_first =
    R"(421["edit_message",{"room":"lobby","seq":1,"content":"better"}])";
constexpr auto delete_first = R"(422["delete_message",{"room":"lobby","seq":1}])";

world_options with_edits() {
  world_options options;
  options.settings.open_edit = true;
  return options;
}

/// Returns the message of `ann` with `seq` 1 after a change.
std::string changed_message(std::int64_t rev, const std::string& content,
                            const std::string& times) {
  return R"({"id":1,"room_id":1,"room":"lobby","seq":1,"rev":)" + std::to_string(rev) +
         R"(,"user_id":"ann","username":"ann","content":")" + content +
         R"(","created_at":"2023-11-14T22:13:20.000Z",)" + times + "}";
}

const std::string edited =
    changed_message(2, "better", R"("edited_at":"2023-11-14T22:13:20.000Z")");
const std::string deleted =
    changed_message(2, "", R"("deleted_at":"2023-11-14T22:13:20.000Z")");

TEST_CASE("an edit reaches the others as an event and its author as the ack") {
  chat_world world{with_edits()};
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 1);
  auto& also_ann = world.member("ann", 1);
  say(ann, "hi");
  world.wall_time = noon;
  (void)ben.take();
  (void)also_ann.take();
  CHECK(ann.ask(edit_first) == texts{stored_ack(1, edited)});
  const auto event = R"(42["message_edited",)" + edited + "]";
  CHECK(ben.take() == texts{event});
  CHECK(also_ann.take() == texts{event});
}

TEST_CASE("a deletion leaves a tombstone and is told once, however often it is asked for") {
  chat_world world{with_edits()};
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 1);
  say(ann, "hi");
  (void)ben.take();
  CHECK(ann.ask(delete_first) == texts{stored_ack(2, deleted)});
  CHECK(ben.take() == texts{R"(42["message_deleted",)" + deleted + "]"});
  CHECK(ann.ask(delete_first) == texts{stored_ack(2, deleted)});
  CHECK(ben.take().empty());
  CHECK(any_has(ann.ask(edit_first), not_found_answer));
}

TEST_CASE("an author that wants no ack gets the event like all") {
  chat_world world{with_edits()};
  auto& ann = world.member("ann");
  say(ann, "hi");
  CHECK(ann.ask(R"(42["delete_message",{"room":"lobby","seq":1}])") ==
        texts{R"(42["message_deleted",)" + deleted + "]"});
  CHECK(ann.connection().requests_in_flight == 0);
}

TEST_CASE("only its author changes a message, as a member, and only one that is there") {
  chat_world world{with_edits()};
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  say(ann, "hi");
  for (const auto* packet : {edit_first, delete_first}) {
    CHECK(any_has(ben.ask(packet), forbidden_answer));
    CHECK(any_has(world.connect("ann").ask(packet), not_a_member));
  }
  CHECK(any_has(ann.ask(R"(421["edit_message",{"room":"lobby","seq":2,"content":"x"}])"),
                not_found_answer));
  CHECK(any_has(ann.ask(R"(42["delete_message",{"room":"lobby","seq":2}])"),
                R"(42["error",{"event":"delete_message","code":"not_found")"));
  CHECK(world.log().find_room(room_id{1})->last_rev == revision{1});
}

TEST_CASE("where names are unproven nobody changes anything, unless that is allowed") {
  chat_world world;
  auto& ann = world.member("ann");
  say(ann, "hi");
  CHECK(any_has(ann.ask(edit_first), forbidden_answer));
  CHECK(any_has(ann.ask(delete_first), forbidden_answer));
  const auto over_http = world.ask<call_outcome>(world.rooms.front(), edit_of("ann", "better"));
  REQUIRE_FALSE(over_http);
  CHECK(over_http.error().code == error_code::forbidden);
}

TEST_CASE("messages and changes are told in the order of the log") {
  chat_world world{with_edits()};
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 1);
  say(ann, "one");
  (void)ben.take();
  world.hold(world.writer);
  ann.send(R"(421["edit_message",{"room":"lobby","seq":1,"content":"two"}])");
  ann.send(R"(422["send_message",{"room":"lobby","content":"three"}])");
  ann.send(R"(423["delete_message",{"room":"lobby","seq":1}])");
  ann.send(R"(424["get_messages",{"room":"lobby","limit":1}])");
  world.run();
  CHECK(ben.take().empty());
  world.release_all();
  world.run();
  const auto heard = ben.take();
  REQUIRE(heard.size() == 3);
  CHECK(any_has({heard[0]},
                R"(42["message_edited",{"id":1,"room_id":1,"room":"lobby","seq":1,"rev":2)"));
  CHECK(any_has({heard[1]},
                R"(42["new_message",{"id":2,"room_id":1,"room":"lobby","seq":2,"rev":3)"));
  CHECK(any_has({heard[2]},
                R"(42["message_deleted",{"id":1,"room_id":1,"room":"lobby","seq":1,"rev":4)"));
  const auto acks = ann.take();
  REQUIRE(acks.size() == 4);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(acks[i].starts_with("43" + std::to_string(i + 1) + R"([{"ok":true)"));
}

TEST_CASE("who joins later sees messages as they are now, from the room and the store alike") {
  chat_world world{with_edits()};
  auto& ann = world.member("ann");
  say(ann, "hi");
  say(ann, "ho");
  (void)ann.ask(edit_first);
  (void)ann.ask(R"(421["delete_message",{"room":"lobby","seq":2}])");
  if (GENERATE(false, true)) {
    ann.close();
    world.run();
    world.advance(std::chrono::seconds{11});
    REQUIRE(world.rooms_awake() == 0);
  }
  auto& ben = world.connect("ben");
  const auto joined = ben.ask(R"(421["join_room","lobby"])");
  CHECK(any_has(joined, R"("content":"better")"));
  CHECK(any_has(joined, R"("rev":4,"user_id":"ann","username":"ann","content":"")"));
}

/// Runs a function between the reading of a page and its answer.
class interrupted_reader final : public reader_around {
 public:
  interrupted_reader(std::unique_ptr<store_reader> real, std::function<void()>* interruption)
      : reader_around(std::move(real)), interruption_(interruption) {}
  expected<message_page, store_error> read_messages(const message_range& range) override {
    auto page = reader_around::read_messages(range);
    if (const auto happen = std::exchange(*interruption_, nullptr)) happen();
    return page;
  }

 private:
  std::function<void()>* interruption_;
};

TEST_CASE("a change told while a page was on its way is in the page") {
  std::function<void()> interruption;
  auto options = with_edits();
  options.wrap_reader = [&](std::unique_ptr<store_reader> real) {
    return std::make_unique<interrupted_reader>(std::move(real), &interruption);
  };
  chat_world world{options};
  auto& before = world.member("ann");
  say(before, "hi");
  before.close();
  world.run();
  world.advance(std::chrono::seconds{11}); // the room drops its recent messages
  auto& ann = world.connect("ann");
  auto& ben = world.connect("ben");
  const bool joins = GENERATE(true, false);
  (void)ann.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  interruption = [&] { CHECK(any_has(ann.ask(edit_first), edited)); };
  const auto heard = ben.ask(joins ? R"(421["join_room",{"room":"lobby","since":0}])"
                                   : R"(421["get_messages","lobby"])");
  CHECK_FALSE(interruption);
  REQUIRE(heard.size() == 1);
  CHECK(any_has(heard, edited));
}

TEST_CASE("a change over HTTP is told to all, its author's sockets included") {
  chat_world world{with_edits()};
  auto& ann = world.member("ann");
  say(ann, "hi");
  const auto room = world.rooms.front();
  const auto change = edit_of("ann", "better");
  const auto done = world.ask<call_outcome>(room, change);
  REQUIRE(done);
  CHECK(done->body == edited);
  CHECK(ann.take() == texts{R"(42["message_edited",)" + edited + "]"});
  const auto stranger = world.ask<call_outcome>(room, deletion_of("ben"));
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code == error_code::forbidden);
  const auto gone = world.ask<call_outcome>(room, deletion_of("ann"));
  REQUIRE(gone);
  CHECK_FALSE(gone->repeated);
  CHECK(world.ask<call_outcome>(room, deletion_of("ann"))->repeated);
  CHECK(ann.take().size() == 1);
}

} // namespace
} // namespace hubbub::test
