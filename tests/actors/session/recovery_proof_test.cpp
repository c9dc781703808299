#include "tests/actors/session/recovery_world.hpp"

#include <string>

namespace hubbub::test {
namespace {

/// The join that many applications send on each `connect`.
const std::string join_again = R"(427["join_room",{"room":"lobby","history":0}])";

TEST_CASE("what was heard does not come again, in however many rooms and recoveries") {
  chat_settings settings;
  settings.room_linger = std::chrono::milliseconds{0};
  recovery_world world{{.settings = settings}};
  kept session;
  const texts rooms{"r1", "r2", "r3"};
  auto& ann = world.fresh("ann", session);
  for (const auto& room : rooms)
    recovery_world::join(ann, session, room);
  auto& ben = world.connect("ben");
  REQUIRE(any_has(ben.ask(R"(421["join_room","r3"])"), "\"ok\":true")); // which stays awake
  (void)ann.take();
  auto* now = &ann;
  const auto say_in_each = [&](const std::string& content) {
    for (const auto& room : rooms)
      world.post(room, content);
    world.advance(std::chrono::milliseconds{1}); // empty rooms go to sleep
  };
  for (const auto* content : {"one", "two", "three"}) {
    say_in_each(content);
    auto came = without_offsets(heard(session, now->take()));
    CHECK(came.size() == 3);
    now->close();
    world.advance(std::chrono::milliseconds{1});
    auto [back, missed] = world.back(session);
    CHECK(missed.empty());
    now = back;
  }
  now->close();
  world.run();
  say_in_each("missed");
  CHECK(world.back(session).second.size() == 3);
}

TEST_CASE("joining again moves no position that the client has not heard of") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh("ann", session);
  const auto joined = ann.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  const auto proven = GENERATE(false, true);
  if (proven) (void)heard(session, joined);
  world.post("lobby", "lost on the way down");
  (void)ann.ask(join_again);
  (void)ann.ask(R"(428["join_room",{"room":"lobby","since":1}])");
  ann.close();
  world.post("lobby", "missed");
  CHECK(world.back(session).second ==
        texts{lobby_event(1, "bot", "lost on the way down"), lobby_event(2, "bot", "missed")});
}

TEST_CASE("a recovered session that joins again unheard keeps its position too") {
  recovery_world world;
  kept session;
  world.fresh_member("ann", session).close();
  world.run();
  auto* back = world.back(session).first;
  world.post("lobby", "lost on the way down");
  (void)back->ask(join_again);
  back->close();
  CHECK(world.back(session).second == texts{lobby_event(1, "bot", "lost on the way down")});
}

TEST_CASE("a join that was granted what came since a message is replayed from there") {
  recovery_world world;
  for (const auto* each : {"one", "two", "three"})
    world.post("lobby", each);
  kept session;
  auto& ann = world.fresh("ann", session);
  (void)ann.ask(R"(421["join_room",{"room":"lobby","since":1}])"); // and is lost
  ann.close();
  CHECK(world.back(session).second ==
        texts{lobby_event(2, "bot", "two"), lobby_event(3, "bot", "three")});
}

TEST_CASE("one's own message comes as an event where its ack was lost") {
  chat_settings settings;
  settings.open_edit = true;
  recovery_world world{{.settings = settings}};
  kept session;
  auto& ann = world.fresh_member("ann", session);
  const auto sent = ann.ask(R"(422["send_message",{"room":"lobby","content":"mine"}])");
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].starts_with(R"(432[{"ok":true)"));
  CHECK(is_offset(sent[1]));
  SECTION("lost") {
    ann.close();
    CHECK(world.back(session).second == texts{lobby_event(1, "ann", "mine")});
  }
  SECTION("heard, but for its edit") {
    (void)heard(session, sent);
    (void)ann.ask(R"(423["edit_message",{"room":"lobby","seq":1,"content":"changed"}])");
    ann.close();
    const auto told = world.back(session).second;
    REQUIRE(told.size() == 1);
    CHECK(told[0].starts_with(R"(42["message_edited",{"id":1,)"));
  }
  SECTION("heard, with its edit and its deletion") {
    (void)heard(session,
                ann.ask(R"(423["edit_message",{"room":"lobby","seq":1,"content":"changed"}])"));
    (void)heard(session, ann.ask(R"(424["delete_message",{"room":"lobby","seq":1}])"));
    ann.close();
    CHECK(world.back(session).second.empty());
  }
}

TEST_CASE("who sent more than is replayed and heard no event is given back") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  for (std::int64_t i = 0; i <= max_since; ++i)
    (void)heard(session, ann.ask(R"(422["send_message",{"room":"lobby","content":"mine"}])"));
  ann.close();
  world.post("lobby", "missed");
  CHECK(world.back(session).second == texts{lobby_event(1002, "bot", "missed")});
}

TEST_CASE("no event but those that are to carry an offset ends in a string") {
  chat_settings settings;
  settings.open_edit = true;
  settings.presence_threshold = 2;
  recovery_world world{{.settings = settings}};
  kept session;
  auto& ann = world.fresh_member("ann", session);
  auto& ben = world.member("ben");
  texts all;
  const auto collect = [&](const texts& came) {
    all.insert(all.end(), came.begin(), came.end());
  };
  for (const auto* packet :
       {R"(421["typing",{"room":"lobby","is_typing":true}])",
        R"(422["send_message",{"room":"lobby","content":"\"]"}])",
        R"(423["edit_message",{"room":"lobby","seq":1,"content":",\"x\"]"}])",
        R"(424["delete_message",{"room":"lobby","seq":1}])",
        R"(425["mark_read",{"room":"lobby","seq":1}])", R"(426["leave_room","lobby"])"}) {
    (void)ben.ask(packet);
    collect(ann.take());
  }
  collect(ann.ask(R"(42["no_such_event","text"])"));
  collect(ann.ask(R"(42["send_message","text"])"));
  world.advance(settings.presence_interval);
  collect(ann.take());
  std::size_t with_offset = 0;
  for (const auto& each : all) {
    if (!each.starts_with("42")) continue;
    const bool logged = each.starts_with(R"(42["new_message")") ||
                        each.starts_with(R"(42["message_)") || is_offset(each);
    CHECK(each.ends_with("\"]") == logged);
    if (!logged) continue;
    ++with_offset;
    CHECK(recovery_seal{world.secret()}.open(identity_of(session.pid), offset_of(each)));
  }
  CHECK(with_offset == 3);
}

} // namespace
} // namespace hubbub::test
