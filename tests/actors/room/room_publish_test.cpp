#include "actors/room/room.hpp"
#include "tests/actors/proven_world.hpp"
#include "tests/actors/writer_around.hpp"

namespace hubbub::test {
namespace {

constexpr auto storage_error = R"({"ok":false,"error":{"code":"storage_error")";

TEST_CASE("a message reaches the others as an event and its sender as the ack") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  auto& ben = world.member("ben", 1);
  world.run();
  (void)ann.take();
  CHECK(ann.ask(R"(421["send_message",{"room":"lobby","content":"hi"}])") ==
        texts{stored_ack(1, lobby_message(1, "ann", "hi"))});
  CHECK(ben.take() == texts{lobby_event(1, "ann", "hi")});
}

TEST_CASE("a sender that wants no ack gets the event like all") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  CHECK(ann.ask(R"(42["send_message",{"room":"lobby","content":"hi"}])") ==
        texts{lobby_event(1, "ann", "hi")});
  CHECK(ann.connection().requests_in_flight == 0);
}

TEST_CASE("with echo_to_sender the sender gets the ack and then the event") {
  world_options options;
  options.settings.echo_to_sender = true;
  chat_world world{options};
  auto& ann = world.member("ann");
  CHECK(ann.ask(R"(421["send_message",{"room":"lobby","content":"hi"}])") ==
        texts{stored_ack(1, lobby_message(1, "ann", "hi")), lobby_event(1, "ann", "hi")});
}

TEST_CASE("the user's other sockets get the event though the sending one got the ack") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  auto& also_ann = world.member("ann", 0);
  (void)ann.ask(R"(421["send_message",{"room":"lobby","content":"hi"}])");
  CHECK(also_ann.take() == texts{lobby_event(1, "ann", "hi")});
}

TEST_CASE("nobody sees a message before it is stored") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  world.hold(world.writer);
  CHECK(ann.ask(R"(421["send_message",{"room":"lobby","content":"hi"}])").empty());
  CHECK(ben.take().empty());
  world.release_all();
  world.run();
  CHECK(ann.take().size() == 1);
  CHECK(ben.take().size() == 1);
}

TEST_CASE("messages sent without waiting are stored and acked in order") {
  chat_world world;
  auto& ann = world.member("ann");
  for (const char* content : {"a", "b", "c"})
    ann.send(std::string{R"(427["send_message",{"room":"lobby","content":")"} + content +
             "\"}]");
  world.run();
  CHECK(ann.take() == texts{stored_ack(7, lobby_message(1, "ann", "a")),
                            stored_ack(7, lobby_message(2, "ann", "b")),
                            stored_ack(7, lobby_message(3, "ann", "c"))});
}

TEST_CASE("a read behind a message sees the message") {
  chat_world world;
  auto& ann = world.member("ann");
  world.hold(world.writer);
  ann.send(R"(421["send_message",{"room":"lobby","content":"hi"}])");
  CHECK(ann.ask(R"(422["get_messages",{"room":"lobby"}])").empty());
  world.release_all();
  world.run();
  CHECK(ann.take() == texts{stored_ack(1, lobby_message(1, "ann", "hi")),
                            R"(432[{"ok":true,"messages":[)" + lobby_message(1, "ann", "hi") +
                                R"(],"has_more":false}])"});
}

TEST_CASE(
    "a leave behind an unanswered message waits for it, what follows waits for the leave") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  world.hold(world.writer);
  ann.send(R"(421["send_message",{"room":"lobby","content":"bye"}])");
  ann.send(R"(422["leave_room","lobby"])");
  ann.send(R"(423["send_message",{"room":"lobby","content":"too late"}])");
  world.run();
  CHECK(ann.take().empty());
  CHECK(world.users_in(room_id{1}) == 2);
  world.release_all();
  world.run();
  const auto heard = ann.take();
  REQUIRE(heard.size() == 3);
  CHECK(heard[0] == stored_ack(1, lobby_message(1, "ann", "bye")));
  CHECK(heard[1] == R"(432[{"ok":true}])");
  CHECK(any_has({heard[2]}, not_a_member));
  CHECK(ben.take() == texts{lobby_event(1, "ann", "bye"), left_lobby("ann", "leave", 1)});
}

TEST_CASE("a disconnect behind an unanswered message waits for it too") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  world.hold(world.writer);
  ann.send(R"(421["send_message",{"room":"lobby","content":"bye"}])");
  world.run();
  ann.close();
  world.run();
  CHECK(ben.take().empty());
  world.release_all();
  world.run();
  CHECK(ben.take() == texts{lobby_event(1, "ann", "bye"), left_lobby("ann", "disconnect", 1)});
}

constexpr auto say_once =
    R"(421["send_message",{"room":"lobby","content":"hi","client_id":"b-1"}])";
constexpr auto say_another =
    R"(421["send_message",{"room":"lobby","content":"hi","client_id":"b-2"}])";

/// Has the administrator carry out an order in the lobby.
void obey(proven_world& world, room_moderation what) {
  REQUIRE(world.ask<call_outcome>(world.rooms.front(),
                                  order_of(proven_world::root(), std::move(what))));
}

TEST_CASE("a repeat is acked with the first message though its sender may send no more") {
  const std::vector<room_moderation> orders{
      command::put_standing{{}, standing_kind::mute, "bob", {}, {}},
      command::put_standing{{}, standing_kind::ban, "bob", {}, {}},
      command::kick_user{{}, "bob", {}}, command::configure_room{{}, {}, {}, true}};
  for (const auto& order : orders) {
    proven_world world;
    auto& ann = world.enter("ann");
    auto& bob = world.enter("bob");
    const auto first = bob.ask(say_once);
    REQUIRE(any_has(first, R"({"ok":true,"message":{"id":1,)"));
    obey(world, order);
    (void)ann.take();
    (void)bob.take();
    CHECK(bob.ask(say_once) == first);
    CHECK_FALSE(any_has(bob.ask(say_another), "\"ok\":true"));
    const auto posted =
        world.ask<call_outcome>(world.rooms.front(), post_of("bob", "hi", "b-1"));
    REQUIRE(posted);
    CHECK(posted->repeated);
    CHECK(ann.take().empty());
    CHECK(any_has(bob.ask(R"(422["get_messages","lobby"])"), R"("has_more":false)"));
  }
}

TEST_CASE("a repeat tells nothing of a room that its sender may not read") {
  proven_world world;
  (void)world.enter("ann");
  auto& bob = world.enter("bob");
  (void)bob.ask(say_once);
  obey(world, command::configure_room{{}, true, {}, {}});
  (void)bob.take();
  CHECK(any_has(bob.ask(say_once), not_found_answer));
  CHECK(any_has(bob.ask(say_another), not_found_answer));
}

TEST_CASE(
    "a message of a user who is no longer mute when it would be stored was sent too early") {
  proven_world world;
  (void)world.enter("olga");
  auto& bob = world.enter("bob");
  obey(world,
       command::put_standing{{}, standing_kind::mute, "bob", timestamp{noon.value + 1000}, {}});
  (void)bob.take();
  world.hold(world.writer);
  CHECK(bob.ask(say_once).empty());
  world.wall_time = timestamp{noon.value + 1000};
  world.release_all();
  world.run();
  CHECK(any_has(bob.take(), forbidden_answer));
  CHECK(any_has(bob.ask(say_once), "\"ok\":true"));
}

TEST_CASE("sending to a room not joined fails, with an ack and without") {
  chat_world world;
  (void)world.member("ben");
  auto& ann = world.connect("ann");
  CHECK(
      any_has(ann.ask(R"(421["send_message",{"room":"lobby","content":"hi"}])"), not_a_member));
  CHECK(any_has(ann.ask(R"(42["send_message",{"room":"lobby","content":"hi"}])"),
                R"(42["error",{"event":"send_message","code":"not_a_member")"));
  CHECK(
      any_has(ann.ask(R"(422["send_message",{"room":"lobby","content":"hi","client_id":"c"}])"),
              not_a_member));
  CHECK(ann.connection().requests_in_flight == 0);
  CHECK(world.log().find_room(room_id{1})->last_seq == sequence{0});
}

TEST_CASE("a repeated client_id is answered with the first message and tells nobody") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  const auto packet = R"(421["send_message",{"room":"lobby","content":"hi","client_id":"c1"}])";
  const auto first = stored_ack(1, lobby_message(1, "ann", "hi", "c1"));
  (void)ann.take();
  CHECK(ann.ask(packet) == texts{first});
  CHECK(ben.take().size() == 1);
  CHECK(ann.ask(packet) == texts{first});
  CHECK(ben.take().empty());

  SECTION("also to one that has not rejoined") {
    ann.close();
    world.run();
    (void)ben.take();
    auto& again = world.connect("ann", 1);
    CHECK(again.ask(packet) == texts{first});
    CHECK(ben.take().empty());
  }
  SECTION("also after its room has slept") {
    ann.close();
    ben.close();
    world.run();
    world.advance(std::chrono::seconds{11});
    REQUIRE(world.rooms_awake() == 0);
    CHECK(world.connect("ann").ask(packet) == texts{first});
  }
}

TEST_CASE("both copies of a message sent twice at once are acked with the one stored") {
  chat_world world;
  auto& ann = world.member("ann");
  const auto packet = R"(421["send_message",{"room":"lobby","content":"hi","client_id":"c1"}])";
  ann.send(packet);
  ann.send(packet);
  world.run();
  const auto first = stored_ack(1, lobby_message(1, "ann", "hi", "c1"));
  CHECK(ann.take() == texts{first, first});
}

TEST_CASE("a room lets only so many messages wait for the store") {
  world_options options;
  options.settings.appends_per_room = 2;
  chat_world world{options};
  auto& ann = world.member("ann");
  world.hold(world.writer);
  for (int i = 0; i < 3; ++i)
    ann.send(R"(421["send_message",{"room":"lobby","content":"x"}])");
  world.run();
  const auto refused = ann.take();
  REQUIRE(refused.size() == 1);
  CHECK(any_has(refused, overloaded_answer));
  CHECK(world.refused(refused_by::appends_per_room) == 1);
  world.release_all();
  world.run();
  CHECK(ann.take().size() == 2);
  CHECK(
      any_has(ann.ask(R"(421["send_message",{"room":"lobby","content":"x"}])"), R"("seq":3)"));
}

TEST_CASE("a post over HTTP is bounded, stored, told to all, and repeated by its client_id") {
  world_options options;
  options.settings.appends_per_room = 1;
  chat_world world{options};
  auto& ann = world.member("ann");
  const auto room = world.rooms.front();
  const auto post = post_of("web", "hi", "c1");
  const auto first = world.ask<call_outcome>(room, post);
  REQUIRE(first);
  CHECK(first->body == lobby_message(1, "web", "hi", "c1"));
  CHECK_FALSE(first->repeated);
  CHECK(ann.take() == texts{lobby_event(1, "web", "hi", "c1")});
  const auto again = world.ask<call_outcome>(room, post);
  REQUIRE(again);
  CHECK(again->repeated);
  CHECK(again->body == first->body);
  CHECK(ann.take().empty());

  world.hold(world.writer);
  ann.send(R"(421["send_message",{"room":"lobby","content":"x"}])");
  world.run();
  const auto refused = world.ask<call_outcome>(room, post_of("web", "more"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == error_code::overloaded);
}

TEST_CASE("a call over HTTP does not wait for the sockets of its user") {
  chat_world world;
  auto& ann = world.member("ann");
  world.hold(world.reader);
  ann.send(R"(421["get_messages","lobby"])");
  ann.send(R"(422["send_message",{"room":"lobby","content":"later"}])");
  world.run();
  const auto posted = world.ask<call_outcome>(world.rooms.front(), post_of("ann", "first"));
  REQUIRE(posted);
  CHECK(posted->body == lobby_message(1, "ann", "first"));
  world.release_all();
  world.run();
  CHECK(any_has(ann.take(), stored_ack(2, lobby_message(2, "ann", "later"))));
}

/// A store whose commits fail while `failing` is set.
class failing_writer final : public writer_around {
 public:
  failing_writer(std::unique_ptr<store_writer> real, const store_error* failing)
      : writer_around(std::move(real)), failing_(failing) {}
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    if (*failing_ == store_error::not_repeated) return writer_around::commit(ops, now);
    return std::vector<write_outcome>(ops.size(), write_outcome{*failing_});
  }

 private:
  const store_error* failing_;
};

TEST_CASE("what the store refuses is told to the sender alone and takes no number") {
  auto failing = store_error::not_repeated; // no commit fails
  world_options options;
  options.wrap_writer = [&](std::unique_ptr<store_writer> real) {
    return std::make_unique<failing_writer>(std::move(real), &failing);
  };
  chat_world world{options};
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  for (const auto why : {store_error::full, store_error::io}) {
    failing = why;
    CHECK(any_has(ann.ask(R"(421["send_message",{"room":"lobby","content":"a"}])"),
                  storage_error));
    CHECK(any_has(ann.ask(R"(42["send_message",{"room":"lobby","content":"a"}])"),
                  R"(42["error",{"event":"send_message","code":"storage_error")"));
    CHECK(ben.take().empty());
  }
  failing = store_error::not_repeated;
  CHECK(ann.ask(R"(421["send_message",{"room":"lobby","content":"b"}])") ==
        texts{stored_ack(1, lobby_message(1, "ann", "b"))});
}

TEST_CASE("when the writer is gone every waiting request is answered and none waits again") {
  chat_world world;
  auto& ann = world.member("ann");
  world.hold(world.writer);
  ann.send(R"(421["send_message",{"room":"lobby","content":"a"}])");
  ann.send(R"(422["send_message",{"room":"lobby","content":"b"}])");
  ann.send(R"(423["leave_room","lobby"])");
  world.run();
  caf::anon_send_exit(world.writer, caf::exit_reason::kill);
  world.release_all();
  // The writer may store what it has: the room is told of its end first, or of neither.
  world.run();
  const auto heard = ann.take();
  REQUIRE(heard.size() == 3);
  CHECK(any_has({heard[0]}, storage_error));
  CHECK(any_has({heard[1]}, storage_error));
  CHECK(heard[2] == R"(433[{"ok":true}])");
  auto& ben = world.connect("ben");
  (void)ben.ask(R"(421["join_room","lobby"])");
  CHECK(
      any_has(ben.ask(R"(422["send_message",{"room":"lobby","content":"a"}])"), storage_error));
  const auto refused = world.ask<call_outcome>(world.rooms.front(), post_of("web", "hi"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == error_code::storage_error);
}

} // namespace
} // namespace hubbub::test
