#include "tests/actors/room/moderated_world.hpp"

#include <memory>
#include <span>
#include <utility>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr auto say_hi = R"(425["send_message",{"room":"lobby","content":"hi"}])";
constexpr auto type = R"(426["typing",{"room":"lobby","is_typing":true}])";
constexpr auto join = R"(427["join_room",{"room":"lobby","history":0}])";
constexpr auto kicked_by_root =
    R"(42["kicked",{"room_id":1,"room":"lobby","by":"root","reason":null,"banned":false,)"
    R"("until":null}])";

TEST_CASE("a kick takes every socket of a user out of the room, on every thread") {
  moderated_world world;
  auto& ann = world.member("ann");
  auto& bob = world.member("bob");
  auto& also_bob = world.member("bob", 1);
  auto& unconcerned_bob = world.connect("bob");
  (void)ann.take();
  (void)bob.take();
  CHECK(world.order(command::kick_user{{}, "bob", ""}) == R"({"kicked":2})");
  CHECK(bob.take() == texts{kicked_by_root});
  CHECK(also_bob.take() == texts{kicked_by_root});
  CHECK(unconcerned_bob.take().empty());
  CHECK(ann.take() == texts{left_lobby("bob", "kicked", 1)});

  // They receive nothing more and are no members,
  (void)ann.ask(say_hi);
  CHECK(bob.take().empty());
  CHECK(also_bob.take().empty());
  CHECK(any_has(bob.ask(say_hi), "not_a_member"));
  // but they may join again.
  CHECK(any_has(bob.ask(join), "\"ok\":true"));
  CHECK(world.order(command::kick_user{{}, "nobody", ""}) == R"({"kicked":0})");
}

TEST_CASE("a ban keeps a user out until it ends, and is in force at once") {
  moderated_world world;
  auto& ann = world.member("ann");
  auto& bob = world.member("bob", 1);
  (void)ann.take();
  const timestamp end{noon.value + 1000};
  CHECK(
      world.put(standing_kind::ban, "bob", end) ==
      R"({"standing":{"kind":"ban","user_id":"bob","by":"root",)"
      R"("at":"2023-11-14T22:13:20.000Z","until":"2023-11-14T22:13:21.000Z","reason":null}})");
  CHECK(any_has(bob.take(), R"("banned":true,"until":"2023-11-14T22:13:21.000Z")"));
  CHECK(ann.take() == texts{left_lobby("bob", "kicked", 1)});
  CHECK(any_has(bob.ask(join), forbidden_answer));
  CHECK(any_has(bob.ask(say_hi), forbidden_answer));
  CHECK(any_has(world.connect("bob").ask(join), forbidden_answer));
  CHECK(any_has(bob.ask(R"(428["get_messages","lobby"])"), "\"ok\":true")); // it is public
  world.wall_time = end;
  CHECK(any_has(bob.ask(join), "\"ok\":true"));
}

TEST_CASE("an unban lets a user in again") {
  moderated_world world;
  (void)world.member("ann");
  (void)world.put(standing_kind::ban, "bob");
  auto& bob = world.connect("bob");
  CHECK(any_has(bob.ask(join), forbidden_answer));
  CHECK(world.lift(standing_kind::ban, "bob") == R"({"standing":null})");
  CHECK(any_has(bob.ask(join), "\"ok\":true"));
}

TEST_CASE("a mute lets a user listen and not speak until it ends") {
  moderated_world world;
  auto& ann = world.member("ann");
  auto& bob = world.member("bob");
  (void)bob.ask(type);
  (void)ann.take();
  const timestamp end{noon.value + 1000};
  REQUIRE(world.put(standing_kind::mute, "bob", end));
  CHECK(bob.take() == texts{R"(42["muted",{"room_id":1,"room":"lobby","by":"root",)"
                            R"("reason":null,"until":"2023-11-14T22:13:21.000Z"}])"});
  CHECK(ann.take() == texts{typing_in_lobby("bob", false)}); // bob cannot say so himself
  CHECK(any_has(bob.ask(say_hi), forbidden_answer));
  CHECK(any_has(bob.ask(type), forbidden_answer));
  CHECK(ann.take().empty());
  (void)ann.ask(say_hi);
  CHECK(any_has(bob.take(), "new_message"));
  const auto room = world.rooms.front();
  CHECK(world.ask<call_outcome>(room, post_of("bob", "x")).error().code ==
        error_code::forbidden);
  world.wall_time = end;
  CHECK(any_has(bob.ask(say_hi), "\"ok\":true"));
  REQUIRE(world.put(standing_kind::mute, "bob"));
  (void)bob.take();
  REQUIRE(world.lift(standing_kind::mute, "bob"));
  CHECK(bob.take() == texts{R"(42["unmuted",{"room_id":1,"room":"lobby","by":"root"}])"});
  CHECK(any_has(bob.ask(say_hi), "\"ok\":true"));
}

TEST_CASE("whoever comes in while muted is told so after the ack, and once") {
  moderated_world world;
  (void)world.member("ann");
  REQUIRE(world.put(standing_kind::mute, "bob", timestamp{noon.value + 1000}));
  constexpr auto told = R"(42["muted",{"room_id":1,"room":"lobby","by":"root",)"
                        R"("reason":null,"until":"2023-11-14T22:13:21.000Z"}])";
  auto& bob = world.connect("bob");
  const auto came = bob.ask(join);
  REQUIRE(came.size() == 2);
  CHECK(came[0].find("\"ok\":true") != std::string::npos);
  CHECK(came[1] == told);
  CHECK(bob.ask(join).size() == 1); // it is in already
  world.wall_time = timestamp{noon.value + 1000};
  CHECK(world.connect("bob").ask(join).size() == 1);
}

TEST_CASE("a room that becomes private is left by all whom it does not know") {
  moderated_world world;
  auto& mia = world.connect("mia");
  auto& eve = world.connect("eve", 1);
  (void)world.as(mia, proven("mia"), moderated_world::joining());
  (void)world.as(eve, proven("eve"), moderated_world::joining());
  (void)mia.take();
  REQUIRE(world.put(standing_kind::member, "mia"));
  CHECK(world.set_private(true) ==
        R"({"room":{"id":1,"name":"lobby","private":true,"owner":"olga","closed":false}})");
  CHECK(
      eve.take() ==
      texts{
          R"(42["room_updated",{"room_id":1,"room":"lobby","private":true,"owner":"olga","closed":false}])",
          kicked_by_root});
  const auto heard = mia.take();
  CHECK(any_has(heard, "room_updated"));
  CHECK(any_has(heard, left_lobby("eve", "kicked", 1)));
  CHECK_FALSE(any_has(heard, "\"kicked\",{"));

  // For a stranger the room does not exist, whatever is asked; for an unproven name too.
  const room_ref lobby{"lobby"};
  for (const room_command& command :
       {room_command{moderated_world::joining()},
        room_command{command::send_message{lobby, "x", {}}},
        room_command{command::set_typing{lobby, true}},
        room_command{command::mark_read{lobby, sequence{1}}},
        room_command{command::get_messages{lobby, {}}},
        room_command{command::get_members{lobby, {}}}, room_command{command::leave_room{lobby}},
        room_command{command::search_messages{lobby, {"x"}}},
        room_command{command::edit_message{lobby, sequence{1}, "x"}},
        room_command{command::delete_message{lobby, sequence{1}}},
        room_command{command::kick_user{lobby, "mia", ""}},
        room_command{command::configure_room{lobby, false, std::nullopt}},
        room_command{command::get_standings{lobby, standing_kind::ban, std::nullopt}}}) {
    CHECK(any_has(world.as(eve, proven("eve"), command), not_found_answer));
    CHECK(any_has(world.as(eve, open_access(), command), not_found_answer));
  }
  CHECK(any_has(world.as(mia, proven("mia"), command::send_message{lobby, "hi", {}}),
                "\"ok\":true"));
  CHECK(eve.take().empty());

  // A user who is taken off the list has to go.
  REQUIRE(world.lift(standing_kind::member, "mia"));
  CHECK(mia.take() == texts{kicked_by_root});
  CHECK(any_has(world.as(mia, proven("mia"), moderated_world::joining()), not_found_answer));
  // A banned member does not see it either.
  REQUIRE(world.put(standing_kind::member, "mia"));
  REQUIRE(world.put(standing_kind::ban, "mia"));
  CHECK(any_has(world.as(mia, proven("mia"), moderated_world::joining()), not_found_answer));
}

TEST_CASE("the owner moderates, others do not, and nobody the owner") {
  moderated_world world;
  const auto by = [&](room_moderation what, const access_ptr& who) {
    return world.order(std::move(what), who);
  };
  const command::put_standing mute{{}, standing_kind::mute, "bob", std::nullopt, ""};
  CHECK(by(mute, proven("olga")));
  CHECK(refused(by(mute, proven("olga", access_scope::read)), error_code::forbidden));
  CHECK(refused(by(mute, proven("eve")), error_code::forbidden));
  CHECK(refused(by(mute, open_access()), error_code::forbidden));
  for (const room_moderation& what : {room_moderation{command::put_standing{
                                          {}, standing_kind::mute, "olga", std::nullopt, ""}},
                                      room_moderation{command::put_standing{
                                          {}, standing_kind::ban, "olga", std::nullopt, ""}},
                                      room_moderation{command::kick_user{{}, "olga", ""}}})
    CHECK(refused(by(what, proven("root", access_scope::admin)), error_code::forbidden));
  CHECK(refused(
      by(command::put_standing{{}, standing_kind::ban, "bob", noon, ""}, proven("olga")),
      error_code::bad_request)); // it would be over already
}

TEST_CASE("a room that is handed over keeps its former owner as a member") {
  moderated_world world;
  CHECK(world.order(command::configure_room{{}, true, "pia"}, proven("olga")) ==
        R"({"room":{"id":1,"name":"lobby","private":true,"owner":"pia","closed":false}})");
  auto& olga = world.connect("olga");
  CHECK(any_has(world.as(olga, proven("olga"), moderated_world::joining()), "\"ok\":true"));
  CHECK(
      any_has(world.as(olga, proven("olga"), command::kick_user{room_ref{"lobby"}, "eve", ""}),
              forbidden_answer));
  CHECK(world.order(command::kick_user{{}, "eve", ""}, proven("pia")));
}

TEST_CASE("the lists of a room are told to those who keep them, page by page") {
  moderated_world world;
  for (const auto* user : {"b", "a", "c"})
    REQUIRE(world.put(standing_kind::ban, user));
  const auto page =
      world.order(command::get_standings{{}, standing_kind::ban, std::nullopt, 2});
  REQUIRE(page);
  CHECK(page->find(R"("user_id":"a")") < page->find(R"("user_id":"b")"));
  CHECK(page->ends_with(R"(],"next":"b"})"));
  CHECK(world.order(command::get_standings{{}, standing_kind::mute, std::nullopt, 2}) ==
        R"({"standings":[],"next":null})");
  CHECK(refused(
      world.order(command::get_standings{{}, standing_kind::ban, std::nullopt}, proven("eve")),
      error_code::forbidden));
}

TEST_CASE("what a room holds about users outlives its sleep") {
  moderated_world world;
  REQUIRE(world.put(standing_kind::ban, "bob"));
  REQUIRE(world.set_private(true));
  world.run(); // the lease has ended
  world.advance(11s);
  REQUIRE(world.rooms_awake() == 0);
  auto& bob = world.connect("bob");
  CHECK(any_has(bob.ask(join), not_found_answer));
  REQUIRE(world.set_private(false));
  CHECK(any_has(bob.ask(join), forbidden_answer));
}

TEST_CASE("a ban reaches who is on the way in") {
  moderated_world world;
  (void)world.member("ann");
  (void)world.ask<call_outcome>(world.rooms.front(), post_of("ann", "hello"));
  auto& bob = world.connect("bob");
  // His join waits for the log while the ban is stored.
  world.hold(world.reader);
  bob.send(R"(421["join_room",{"room":"lobby","history":200,"since":0}])");
  world.run();
  REQUIRE(bob.take().empty());
  world.send_order(command::put_standing{{}, standing_kind::ban, "bob", std::nullopt, ""});
  world.run();
  world.release_all();
  world.run();
  const auto heard = bob.take();
  CHECK(any_has(heard, forbidden_answer));
  CHECK_FALSE(any_has(heard, "\"ok\":true"));
  (void)world.ask<call_outcome>(world.rooms.front(), post_of("ann", "not for bob"));
  CHECK(bob.take().empty());
}

TEST_CASE("a session that was kicked while it was away does not get the room back") {
  moderated_world world;
  auto& ann = world.member("ann");
  auto& bob = world.open();
  const auto connect = [&](client& who, const std::string& pid) {
    return who.ask(R"(40{"recover":true,"username":"bob")" +
                   (pid.empty() ? "" : R"(,"pid":")" + pid + "\"") + "}");
  };
  const auto pid_of = [](const texts& came) {
    const auto at = came.front().find(R"("pid":")") + 7;
    return came.front().substr(at, came.front().find('"', at) - at);
  };
  const auto pid = pid_of(connect(bob, ""));
  REQUIRE(any_has(bob.ask(join), "\"ok\":true"));
  const bool is_away = GENERATE(true, false);
  if (is_away) {
    bob.close(close_reason::transport_error);
    world.run();
  }
  REQUIRE(world.order(command::kick_user{{}, "bob", ""}));
  if (!is_away) {
    CHECK(any_has(bob.take(), kicked_by_root));
    bob.close(close_reason::transport_error);
    world.run();
  }
  (void)ann.take();
  auto& again = world.open();
  const auto came = connect(again, pid);
  // A session that was told keeps the rest; one that was not is replaced by a fresh one.
  CHECK((pid_of(came) == pid) == !is_away);
  CHECK(ann.take().empty());
  (void)ann.ask(say_hi);
  CHECK_FALSE(any_has(again.take(), "new_message"));
}

TEST_CASE("a session that comes back to a room that has banned it is told so") {
  moderated_world world;
  (void)world.member("ann");
  auto& bob = world.open();
  const auto came = bob.ask(R"(40{"recover":true,"username":"bob"})");
  const auto at = came.front().find(R"("pid":")") + 7;
  const auto pid = came.front().substr(at, came.front().find('"', at) - at);
  REQUIRE(any_has(bob.ask(join), "\"ok\":true"));
  bob.close(close_reason::transport_error);
  world.run();
  // The return and the ban meet in the mailbox of the room.
  world.hold(world.rooms.front());
  auto& again = world.open();
  const auto back = again.ask(R"(40{"recover":true,"username":"bob","pid":")" + pid + "\"}");
  world.send_order(command::put_standing{{}, standing_kind::ban, "bob", std::nullopt, ""});
  world.release_all();
  world.run();
  const auto heard = again.take();
  CHECK(any_has(heard, R"("kicked",{"room_id":1,"room":"lobby")"));
  CHECK(any_has(again.ask(join), forbidden_answer));
}

TEST_CASE("a ban that meets a dying connection leaves nothing of the room to come back to") {
  moderated_world world;
  auto& ann = world.member("ann");
  auto& bob = world.open();
  const auto came = bob.ask(R"(40{"recover":true,"username":"bob"})");
  const auto at = came.front().find(R"("pid":")") + 7;
  const auto pid = came.front().substr(at, came.front().find('"', at) - at);
  REQUIRE(any_has(bob.ask(join), "\"ok\":true"));
  // The room may learn of the ban or of the end first, and so may the store.
  const bool ends_in_room_first = GENERATE(true, false);
  const bool ends_in_store_first = GENERATE(true, false);
  if (!ends_in_store_first) world.hold(world.recovery);
  world.hold(world.rooms.front());
  if (ends_in_room_first) bob.close(close_reason::transport_error);
  world.run();
  world.send_order(command::put_standing{{}, standing_kind::ban, "bob", std::nullopt, ""});
  if (!ends_in_room_first) bob.close(close_reason::transport_error);
  world.release(world.rooms.front());
  world.run();
  world.release_all();
  world.run();
  REQUIRE(world.users_in(room_id{1}) == 1);
  (void)ann.ask(say_hi);

  const auto comes_back = [&] {
    auto& again = world.open();
    auto heard = again.ask(R"(40{"recover":true,"username":"bob","pid":")" + pid + "\"}");
    REQUIRE(any_has(heard, "40{"));
    (void)ann.ask(say_hi);
    for (auto& more : again.take())
      heard.push_back(std::move(more));
    again.close(close_reason::transport_error);
    world.run();
    return heard;
  };
  CHECK_FALSE(any_has(comes_back(), "new_message"));
  // Once the ban is over, it does not get what was said meanwhile either.
  REQUIRE(world.lift(standing_kind::ban, "bob"));
  CHECK_FALSE(any_has(comes_back(), "new_message"));
  CHECK(world.users_in(room_id{1}) == 1);
}

TEST_CASE("a store that fails leaves everything as it was") {
  struct failing : store_writer {
    explicit failing(std::unique_ptr<store_writer> real) : real_(std::move(real)) {}
    std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
      for (const auto& op : ops)
        if (std::holds_alternative<op::set_standing>(op) ||
            std::holds_alternative<op::expel_user>(op))
          return std::vector<write_outcome>(ops.size(), store_error::full);
      return real_->commit(ops, now);
    }
    bool purge(timestamp now) override { return real_->purge(now); }
    void stop_writing() override { real_->stop_writing(); }
    std::unique_ptr<store_writer> real_;
  };
  world_options options;
  options.wrap_writer = [](std::unique_ptr<store_writer> real) {
    return std::make_unique<failing>(std::move(real));
  };
  moderated_world world{std::move(options)};
  REQUIRE(world.set_private(false)); // the room is olga's
  auto& bob = world.member("bob");
  CHECK(refused(world.put(standing_kind::ban, "bob"), error_code::storage_full));
  CHECK(refused(world.order(command::kick_user{{}, "bob", ""}), error_code::storage_full));
  // Without a place on the roster its owner would lose it.
  CHECK(refused(world.order(command::configure_room{{}, std::nullopt, "ann"}),
                error_code::storage_full));
  CHECK(refused(world.order(command::kick_user{{}, "olga", ""}), error_code::forbidden));
  CHECK(bob.take().empty());
  CHECK(any_has(bob.ask(say_hi), "\"ok\":true"));
}

} // namespace
} // namespace hubbub::test
