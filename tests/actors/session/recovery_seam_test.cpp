#include "tests/actors/session/recovery_world.hpp"

#include <string>

namespace hubbub::test {
namespace {

/// A room that knows less than its store: an edit of its first message is stored, and the room
/// has yet to be told. Ann's session is away.
struct seam_world : recovery_world {
  explicit seam_world(bool missed_whole)
      : recovery_world({.settings = open_settings()}), ben(member("ben")) {
    auto& ann = fresh_member("ann", session);
    if (missed_whole) ann.close();
    (void)ben.ask(R"(422["send_message",{"room":"lobby","content":"one"}])");
    (void)heard(session, ann.take());
    ann.close();
    run();
    (void)ben.take();
    hold(writer);
    ben.send(R"(423["edit_message",{"room":"lobby","seq":1,"content":"changed"}])");
    run();
    for (const auto& gate : gates)
      hold(gate);
    release(writer);
    run();
    REQUIRE(ben.take().empty());
  }

  static chat_settings open_settings() {
    chat_settings settings;
    settings.open_edit = true;
    return settings;
  }

  kept session;
  client& ben;
};

void check_told_once(const texts& told, bool missed_whole) {
  const std::string changed = R"("content":"changed")";
  REQUIRE(told.size() == 1);
  CHECK(any_has(told, changed));
  CHECK(told[0].starts_with(missed_whole ? R"(42["new_message")" : R"(42["message_edited")"));
}

TEST_CASE("a change that is stored while a session returns is told once") {
  const bool missed_whole = GENERATE(false, true);
  seam_world world{missed_whole};
  auto& back = world.open();
  const auto told = [&] {
    const auto came = heard(world.session, back.take());
    REQUIRE(is_recovered(came, world.session));
    return without_offsets({came.begin() + 1, came.end()});
  };
  SECTION("where the room hears of it when the session is back") {
    back.send("40" + recovery_world::auth_of(world.session));
    world.run();
    world.release_all();
    world.run();
    check_told_once(told(), missed_whole);
  }
  SECTION("where the room hears of it before the log is read") {
    back.send("40" + recovery_world::auth_of(world.session));
    while (back.connection().frames.empty())
      REQUIRE(world.step());
    world.hold(world.reader);
    world.run();
    for (const auto& gate : world.gates)
      world.release(gate);
    world.run();
    world.release_all();
    world.run();
    check_told_once(told(), missed_whole);
  }
  back.close();
  CHECK(world.back(world.session).second.empty());
}

TEST_CASE("a change that came with a replayed message comes once more if the replay is cut") {
  seam_world world{true};
  auto& back = world.open();
  back.send("40" + recovery_world::auth_of(world.session));
  world.run();
  world.release_all();
  world.run();
  const auto came = back.take();
  REQUIRE(came.size() == 3);
  REQUIRE(came[1].starts_with(R"(42["new_message")"));
  REQUIRE(is_offset(came[2]));
  back.close();
  const bool is_cut = GENERATE(false, true);
  (void)heard(world.session, {came.begin(), is_cut ? came.begin() + 2 : came.end()});
  const auto told = world.back(world.session).second;
  REQUIRE(told.size() == (is_cut ? 1 : 0));
  const std::string change = R"("rev":2,"user_id":"ben","username":"ben","content":"changed")";
  CHECK(any_has(came, change));
  CHECK(any_has(told, change) == is_cut);
}

} // namespace
} // namespace hubbub::test
