#include "tests/actors/session/recovery_world.hpp"

#include <string>

namespace hubbub::test {
namespace {

TEST_CASE("only a session that asked for it hears offsets, behind what the log holds") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  auto& ben = world.member("ben");
  CHECK(ann.take() == texts{joined_lobby("ben", 2)});
  world.post("lobby", "hello");
  CHECK(ben.take() == texts{lobby_event(1, "bot", "hello")});
  const auto heard = ann.take();
  REQUIRE(heard.size() == 1);
  CHECK(without_offset(heard[0]) == lobby_event(1, "bot", "hello"));
  CHECK_FALSE(offset_of(heard[0]).empty());
  (void)ben.ask(R"(42["typing",{"room":"lobby","is_typing":true}])");
  CHECK(ann.take() == texts{typing_in_lobby("ben", true)});
}

TEST_CASE("a recovered session hears what it missed, in order, and is told to the others") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  world.post("lobby", "seen");
  session.offset = offset_of(ann.take().at(0));
  auto& ben = world.member("ben");
  ann.close();
  world.run();
  CHECK(ben.take() == texts{left_lobby("ann", "disconnect", 1)});
  world.post("lobby", "missed");
  world.post("lobby", "missed too");
  (void)ben.take();
  const auto came = world.come_back(session);
  REQUIRE(is_recovered(came, session));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{lobby_event(2, "bot", "missed"), lobby_event(3, "bot", "missed too")});
  CHECK(ben.take() == texts{joined_lobby("ann", 2)});
}

TEST_CASE("a session without an offset is given all since it joined, whatever it brings") {
  recovery_world world;
  kept session;
  world.post("lobby", "before");
  auto& ann = world.fresh_member("ann", session);
  ann.close();
  world.post("lobby", "missed");
  session.offset = GENERATE("", "AAAAAAAAAAA=", "no offset at all");
  const auto came = world.come_back(session);
  REQUIRE(is_recovered(came, session));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{lobby_event(2, "bot", "missed")});
}

TEST_CASE("an offset of another session counts for nothing") {
  recovery_world world;
  kept first;
  auto& ann = world.fresh_member("ann", first);
  world.post("lobby", "one");
  world.post("lobby", "two");
  const auto old_offset = offset_of(ann.take().at(1));
  (void)ann.ask("41");
  kept second;
  auto& again = world.fresh_member("ann", second);
  second.offset = old_offset; // the client keeps it until it gets another one
  again.close();
  world.post("lobby", "three");
  const auto came = world.come_back(second);
  REQUIRE(is_recovered(came, second));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{lobby_event(3, "bot", "three")});
}

TEST_CASE("what a session sent and had acked is not told to it again") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  (void)heard(session, ann.ask(R"(422["send_message",{"room":"lobby","content":"acked"}])"));
  (void)ann.ask(R"(42["send_message",{"room":"lobby","content":"without an ack"}])");
  ann.close();
  world.run();
  const auto came = world.come_back(session);
  REQUIRE(is_recovered(came, session));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{lobby_event(2, "ann", "without an ack")});
}

TEST_CASE("what became of a message since its sender had it acked is told to it") {
  chat_settings settings;
  settings.open_edit = true;
  recovery_world world{{.settings = settings}};
  kept session;
  auto& ann = world.fresh_member("ann", session);
  for (const auto* content : {"one", "two", "three"})
    (void)heard(session, ann.ask(R"(422["send_message",{"room":"lobby","content":")" +
                                 std::string{content} + "\"}]"));
  ann.close();
  auto& other = world.member("ann");
  (void)other.ask(R"(422["delete_message",{"room":"lobby","seq":3}])");
  (void)other.ask(R"(423["edit_message",{"room":"lobby","seq":1,"content":"changed"}])");
  const auto came = world.come_back(session);
  REQUIRE(is_recovered(came, session));
  REQUIRE(came.size() == 3);
  CHECK(came[1].starts_with(R"(42["message_deleted",{"id":3,)"));
  CHECK(came[2].starts_with(R"(42["message_edited",{"id":1,)"));
  CHECK(world.come_back({session.sid, session.pid, offset_of(came[2])}).size() == 1);
}

TEST_CASE("a message whose ack found its sender gone is told to it") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  world.hold(world.writer);
  (void)ann.ask(R"(422["send_message",{"room":"lobby","content":"unheard"}])");
  ann.close();
  world.run();
  world.release(world.writer);
  world.run();
  const auto came = world.come_back(session);
  REQUIRE(is_recovered(came, session));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{lobby_event(1, "ann", "unheard")});
}

TEST_CASE("what is said while a session returns is neither lost nor doubled") {
  recovery_world world;
  kept session;
  auto& ben = world.member("ben");
  world.fresh_member("ann", session).close();
  world.post("lobby", "missed");
  auto& back = world.open();
  back.send("40" + recovery_world::auth_of(session));
  while (back.connection().frames.empty()) // until the claim is granted
    REQUIRE(world.step());
  world.hold(world.reader);
  world.run();
  REQUIRE(back.connection().frames.size() == 1); // the room's own read waits
  (void)ben.ask(R"(42["send_message",{"room":"lobby","content":"meanwhile"}])");
  world.release(world.reader);
  world.run();
  world.post("lobby", "after");
  const auto came = back.take();
  REQUIRE(is_recovered(came, session));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{lobby_event(1, "bot", "missed"), lobby_event(2, "ben", "meanwhile"),
              lobby_event(3, "bot", "after")});
}

TEST_CASE("where more is said while a session returns than is kept, it hears of a gap") {
  recovery_world world;
  kept session;
  auto& ben = world.member("ben");
  world.fresh_member("ann", session).close();
  auto& back = world.open();
  back.send("40" + recovery_world::auth_of(session));
  while (back.connection().frames.empty())
    REQUIRE(world.step());
  world.hold(world.reader);
  world.run();
  for (std::int64_t i = 0; i <= max_since; ++i)
    (void)ben.ask(R"(42["send_message",{"room":"lobby","content":"meanwhile"}])");
  world.release(world.reader);
  world.run();
  world.post("lobby", "after");
  const auto came = back.take();
  REQUIRE(is_recovered(came, session));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{R"(42["gap",{"room_id":1,"room":"lobby","from_seq":1,"to_seq":1001}])",
              lobby_event(1002, "bot", "after")});
}

TEST_CASE("a claim ends the session's connection that still looks alive") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  const auto came = world.come_back(session);
  CHECK(is_recovered(came, session));
  CHECK(ann.connection().closed == close_reason::superseded);
  CHECK(world.users_in(room_id{1}) == 1);
  // Once more: each claim takes over from the one before.
  CHECK(is_recovered(world.come_back(session), session));
  CHECK(world.users_in(room_id{1}) == 1);
}

TEST_CASE("a session that another node has recovered loses its connection here") {
  recovery_world world;
  kept session;
  auto* ann = &world.fresh_member("ann", session);
  const auto id = identity_of(session.pid).id;
  const auto is_taken = [&](std::int64_t claims) {
    compat::anon_send(world.recovery, sessions_taken{{{id, claims}, {recovery_id{1}, 9}}});
    world.run();
  };
  is_taken(0); // before it began
  CHECK_FALSE(ann->connection().closed);
  is_taken(1);
  CHECK(ann->connection().closed == close_reason::superseded);
  CHECK(world.users_in(room_id{1}) == 0);
  // It comes back, and what is told of its earlier life is stale.
  ann = world.back(session).first;
  is_taken(1);
  CHECK_FALSE(ann->connection().closed);
  is_taken(2);
  CHECK(ann->connection().closed == close_reason::superseded);
}

TEST_CASE("claims for one session at once are served one after the other") {
  recovery_world world;
  kept session;
  world.fresh_member("ann", session).close();
  auto& one = world.open(0);
  auto& other = world.open(1);
  one.send("40" + recovery_world::auth_of(session));
  other.send("40" + recovery_world::auth_of(session));
  world.run();
  CHECK(is_recovered(one.take(), session));
  CHECK(is_recovered(other.take(), session));
  CHECK((one.connection().closed == close_reason::superseded) !=
        (other.connection().closed == close_reason::superseded));
  CHECK(world.users_in(room_id{1}) == 1);
}

TEST_CASE("a claimant that goes before it is answered leaves the session to the next") {
  recovery_world world;
  kept session;
  world.fresh_member("ann", session).close();
  world.run();
  auto& hasty = world.open();
  world.hold(world.reader);
  hasty.send("40" + recovery_world::auth_of(session));
  world.run();
  hasty.close();
  world.run();
  world.release(world.reader);
  world.run();
  CHECK(is_recovered(world.come_back(session), session));
}

TEST_CASE("a session is not given back to one who may not have it") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  SECTION("another user") {
    ann.close();
    CHECK_FALSE(is_recovered(world.come(world.open(), recovery_world::auth_of(session, "ben")),
                             session));
  }
  SECTION("after its own disconnect") {
    (void)ann.ask("41");
    CHECK_FALSE(is_recovered(world.come_back(session), session));
  }
  SECTION("after its window") {
    ann.close();
    world.run();
    world.wall_time = timestamp{noon.value + 120'001};
    CHECK_FALSE(is_recovered(world.come_back(session), session));
  }
  SECTION("with a private id that nobody was given") {
    ann.close();
    session.pid[0] = session.pid[0] == 'a' ? 'b' : 'a';
    CHECK_FALSE(is_recovered(world.come_back(session), session));
  }
  CHECK(world.users_in(room_id{1}) == 0);
}

TEST_CASE("a room that was left is not given back") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  (void)ann.ask(R"(422["join_room","attic"])");
  CHECK(ann.ask(R"(423["leave_room","lobby"])") == texts{R"(433[{"ok":true}])"});
  ann.close();
  world.run();
  REQUIRE(is_recovered(world.come_back(session), session));
  CHECK(world.users_in(room_id{1}) == 0);
  CHECK(world.users_in(room_id{2}) == 1);
}

TEST_CASE("an edit and a deletion that were missed are replayed before the messages") {
  chat_settings settings;
  settings.open_edit = true;
  recovery_world world{{.settings = settings}};
  kept session;
  auto& ann = world.fresh_member("ann", session);
  auto& ben = world.member("ben");
  (void)ben.ask(R"(42["send_message",{"room":"lobby","content":"one"}])");
  (void)ben.ask(R"(42["send_message",{"room":"lobby","content":"two"}])");
  session.offset = offset_of(ann.take().back());
  ann.close();
  (void)ben.ask(R"(422["edit_message",{"room":"lobby","seq":1,"content":"changed"}])");
  (void)ben.ask(R"(423["delete_message",{"room":"lobby","seq":2}])");
  (void)ben.ask(R"(42["send_message",{"room":"lobby","content":"three"}])");
  auto came = world.come_back(session);
  REQUIRE(is_recovered(came, session));
  REQUIRE(came.size() == 4);
  CHECK(came[1].starts_with(R"(42["message_edited",)"));
  CHECK(came[2].starts_with(R"(42["message_deleted",)"));
  CHECK(came[3].starts_with(R"(42["new_message",)"));
  // A replay that is cut goes on where it was cut: each offset leaves what came after it.
  for (std::size_t heard = 1; heard < came.size(); ++heard) {
    const auto rest = world.come_back({session.sid, session.pid, offset_of(came[heard])});
    CHECK(without_offsets({rest.begin() + 1, rest.end()}) ==
          without_offsets({came.begin() + static_cast<std::ptrdiff_t>(heard) + 1, came.end()}));
  }
}

/// A session that has heard these messages of a bot, and whose client is gone.
kept gone_after(recovery_world& world, std::int64_t messages) {
  kept session;
  auto& ann = world.fresh_member("ann", session);
  for (std::int64_t i = 0; i < messages; ++i)
    world.post("lobby", "heard");
  (void)heard(session, ann.take());
  ann.close();
  world.run();
  return session;
}

/// Has the bot change one of its messages.
void change(recovery_world& world, call_command what) {
  REQUIRE(world.ask<call_outcome>(world.rooms.front(), call_of("bot", std::move(what))));
}

recovery_world editing_world() {
  chat_settings settings;
  settings.open_edit = true;
  return recovery_world{{.settings = settings}};
}

TEST_CASE("where more edits were missed than are replayed, a gap stands for all messages") {
  auto world = editing_world();
  // By their number, and by their size.
  const auto [messages, size] =
      GENERATE(table<std::int64_t, std::size_t>({{max_since + 1, 5}, {510, 4'000}}));
  const auto session = gone_after(world, messages);
  for (std::int64_t seq = 1; seq <= messages; ++seq)
    change(world, command::edit_message{{}, sequence{seq}, std::string(size, 'x')});
  world.post("lobby", "new");
  const auto came = world.come_back(session);
  REQUIRE(is_recovered(came, session));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{R"(42["gap",{"room_id":1,"room":"lobby","from_seq":1,"to_seq":)" +
              std::to_string(messages + 1) + "}]"});
}

TEST_CASE("where more was said than is replayed, edits and deletions come all the same") {
  auto world = editing_world();
  const auto session = gone_after(world, 3);
  change(world, command::edit_message{{}, sequence{1}, "changed"});
  change(world, command::delete_message{{}, sequence{2}});
  constexpr std::int64_t many = 510;
  for (std::int64_t i = 0; i < many; ++i)
    world.post("lobby", std::string(4'000, 'x'));
  const auto came = world.come_back(session);
  REQUIRE(is_recovered(came, session));
  REQUIRE(came.size() >= 4);
  CHECK(came[1].starts_with(R"(42["message_edited",)"));
  CHECK(came[2].starts_with(R"(42["message_deleted",)"));
  CHECK(without_offsets({came.begin() + 3, came.end()}) ==
        texts{R"(42["gap",{"room_id":1,"room":"lobby","from_seq":4,"to_seq":513}])"});
}

TEST_CASE("a join is not acked before the store knows of it, and meets the live messages") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh("ann", session);
  world.post("lobby", "one");
  world.hold(world.writer);
  CHECK(ann.ask(R"(421["join_room","lobby"])").empty());
  auto& ben = world.member("ben");
  (void)ben.ask(R"(42["send_message",{"room":"lobby","content":"two"}])");
  CHECK(ann.ask(R"(42["send_message",{"room":"lobby","content":"three"}])").empty());
  world.release(world.writer);
  world.run();
  const auto heard = ann.take();
  REQUIRE_FALSE(heard.empty());
  CHECK(heard[0].find("\"one\"") != std::string::npos);
  texts messages;
  for (const auto& each : without_offsets({heard.begin() + 1, heard.end()}))
    if (each.find("new_message") != std::string::npos) messages.push_back(each);
  CHECK(messages == texts{lobby_event(2, "ben", "two"), lobby_event(3, "ann", "three")});
}

} // namespace
} // namespace hubbub::test
