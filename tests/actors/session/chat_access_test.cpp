// Sessions in token mode: who is let in, what each event may do, and how a token ends.
#include "tests/actors/chat_world.hpp"
#include "tests/actors/session/tokens.hpp"

#include <string>
#include <string_view>
#include <tuple>

using namespace hubbub;
using namespace hubbub::test;

namespace {

world_options token_mode() {
  world_options options;
  options.auth = test_authenticator();
  return options;
}

/// Returns seconds since 1970 in that world.
std::string seconds(const chat_world& world, std::int64_t later) {
  return std::to_string(world.wall_time.value / 1'000 + later);
}

texts connect_with(client& who, const std::string& token, const std::string& more = {}) {
  return who.ask(R"(40{"token":")" + token + '"' + more + "}");
}

/// Returns a client that was let in with these claims.
client& come(chat_world& world, const std::string& claims, std::uint32_t thread = 0) {
  auto& who = world.open(thread);
  const auto answer = connect_with(who, token_with(claims));
  REQUIRE(answer.size() == 1);
  REQUIRE(answer.front().starts_with(R"(40{"sid":")"));
  return who;
}

client& join(client& who, std::string_view room) {
  REQUIRE(any_has(who.ask(R"(420["join_room",")" + std::string{room} + "\"]"), R"("ok":true)"));
  return who;
}

bool is_refused(const texts& answer, std::string_view code) {
  return answer.size() == 1 &&
         answer.front().find(R"({"ok":false,"error":{"code":")" + std::string{code} + '"') !=
             std::string::npos;
}

std::string refusal_of(client& who, const std::string& connect) {
  const auto answer = who.ask(connect);
  REQUIRE(answer.size() == 1);
  return answer.front();
}

} // namespace

TEST_CASE("who has no good token does not come in, and hears why") {
  chat_world world{token_mode()};
  const auto starts = [&](const std::string& connect, const std::string& code) {
    return refusal_of(world.open(), connect)
        .starts_with(R"(44{"message":"unauthorized","data":{"code":")" + code +
                     R"(","message":")");
  };
  CHECK(starts("40", "token_missing"));
  CHECK(starts(R"(40{"username":"ann"})", "token_missing"));
  CHECK(starts(R"(40{"token":null})", "token_missing"));
  CHECK(starts(R"(40{"token":""})", "token_missing"));
  CHECK(starts(R"(40{"token":7})", "token_missing"));
  CHECK(starts(R"(40{"token":"x.y.z"})", "token_invalid"));
  CHECK(starts(R"(40{"token":")" + token_with(R"("sub":"ann")", std::string(32, 'x')) + "\"}",
               "token_invalid"));
  CHECK(
      starts(R"(40{"token":")" + signed_token(R"({"alg":"none"})", R"({"sub":"ann"})") + "\"}",
             "token_invalid"));
  CHECK(starts(R"(40{"token":")" + token_with(R"("sub":"ann","exp":)" + seconds(world, 0)) +
                   "\"}",
               "token_expired"));
}

TEST_CASE("a refused client may try again over the same connection") {
  chat_world world{token_mode()};
  auto& ann = world.open();
  CHECK(any_has(ann.ask("40"), "token_missing"));
  CHECK(any_has(connect_with(ann, token_with(R"("sub":"ann")")), R"(40{"sid":")"));
}

TEST_CASE("the user is the token's, whatever payloads say") {
  chat_world world{token_mode()};
  auto& ann = world.open();
  connect_with(ann, token_with(R"("sub":"u-1","name":"Ann")"), R"(,"username":"mallory")");
  const auto joined = ann.ask(R"(420["join_room",{"room":"lobby","username":"mallory"}])");
  CHECK(any_has(joined, R"("members":[{"user_id":"u-1","username":"Ann","connections":1}])"));
  const auto sent =
      ann.ask(R"(421["send_message",{"room":"lobby","content":"hi","username":"mallory"}])");
  CHECK(any_has(sent, R"("user_id":"u-1","username":"Ann","content":"hi")"));
  // In open mode this name would be invalid.
  auto& ben = world.open();
  CHECK(any_has(connect_with(ben, token_with(R"("sub":"ben")"), R"(,"username":7)"), "40{"));
}

TEST_CASE("a list of rooms holds for every event") {
  chat_world world{token_mode()};
  auto& ann = join(come(world, R"("sub":"ann")"), "lobby");
  ann.ask(R"(421["send_message",{"room":"lobby","content":"hello there"}])");
  auto& ben = come(world, R"("sub":"ben","rooms":["team-*"])");
  join(ben, "team-red");
  // By name, and by its number, which must not be a way around.
  for (const auto* room : {R"("room":"lobby")", R"("room_id":1)"}) {
    const auto ask = [&](const std::string& event, const std::string& more = {}) {
      return ben.ask(R"(429[")" + event + R"(",{)" + room + more + "}]");
    };
    CHECK(is_refused(ask("join_room"), "forbidden"));
    CHECK(is_refused(ask("send_message", R"(,"content":"x")"), "forbidden"));
    CHECK(is_refused(ask("edit_message", R"(,"seq":1,"content":"x")"), "forbidden"));
    CHECK(is_refused(ask("delete_message", R"(,"seq":1)"), "forbidden"));
    CHECK(is_refused(ask("typing", R"(,"is_typing":true)"), "forbidden"));
    CHECK(is_refused(ask("mark_read", R"(,"seq":1)"), "forbidden"));
    CHECK(is_refused(ask("get_messages"), "forbidden"));
    CHECK(is_refused(ask("get_members"), "forbidden"));
    CHECK(is_refused(ask("search_messages", R"(,"q":"hello")"), "forbidden"));
  }
  CHECK(ann.take().empty());
  // An excluded name creates no room.
  const auto awake = world.rooms_awake();
  CHECK(is_refused(ben.ask(R"(421["join_room","secret"])"), "forbidden"));
  CHECK(world.rooms_awake() == awake);
  CHECK_FALSE(world.log().find_room("secret"));
}

TEST_CASE("who may only read does not write, nor make rooms") {
  chat_world world{token_mode()};
  join(come(world, R"("sub":"ann")"), "lobby")
      .ask(R"(421["send_message",{"room":"lobby","content":"hello there"}])");
  auto& ben = come(world, R"("sub":"ben","scope":"read")");
  join(ben, "lobby");
  const auto ask = [&](const std::string& event, const std::string& more = {}) {
    return ben.ask(R"(429[")" + event + R"(",{"room":"lobby")" + more + "}]");
  };
  CHECK(is_refused(ask("send_message", R"(,"content":"x")"), "forbidden"));
  CHECK(is_refused(ask("send_message", R"(,"content":"x","client_id":"c")"), "forbidden"));
  CHECK(is_refused(ask("edit_message", R"(,"seq":1,"content":"x")"), "forbidden"));
  CHECK(is_refused(ask("delete_message", R"(,"seq":1)"), "forbidden"));
  CHECK(is_refused(ask("typing", R"(,"is_typing":true)"), "forbidden"));
  CHECK(any_has(ask("mark_read", R"(,"seq":1)"), R"("ok":true)"));
  CHECK(any_has(ask("get_messages"), "hello there"));
  CHECK(any_has(ask("get_members"), R"("ok":true)"));
  CHECK(any_has(ask("search_messages", R"(,"q":"hello")"), "there"));
  CHECK(is_refused(ben.ask(R"(421["join_room","new"])"), "not_found"));
  CHECK_FALSE(world.log().find_room("new"));
  CHECK(any_has(ask("leave_room"), R"("ok":true)"));
}

TEST_CASE("a scope without a word of ours allows nothing") {
  chat_world world{token_mode()};
  join(come(world, R"("sub":"ann")"), "lobby");
  auto& ben = come(world, R"("sub":"ben","scope":"openid")");
  CHECK(is_refused(ben.ask(R"(421["join_room","lobby"])"), "forbidden"));
  CHECK(is_refused(ben.ask(R"(422["get_messages",{"room":"lobby"}])"), "forbidden"));
}

TEST_CASE("proven users edit and delete what is theirs") {
  chat_world world{token_mode()};
  auto& ann = join(come(world, R"("sub":"ann")"), "lobby");
  auto& ben = join(come(world, R"("sub":"ben")"), "lobby");
  ann.ask(R"(421["send_message",{"room":"lobby","content":"one"}])");
  ben.take();
  CHECK(is_refused(ben.ask(R"(421["edit_message",{"room":"lobby","seq":1,"content":"x"}])"),
                   "forbidden"));
  CHECK(any_has(ann.ask(R"(422["edit_message",{"room":"lobby","seq":1,"content":"two"}])"),
                R"("content":"two")"));
}

TEST_CASE("a token that expires ends the live connection, and says so first") {
  chat_world world{token_mode()};
  auto& ann = join(come(world, R"("sub":"ann","exp":)" + seconds(world, 60)), "lobby");
  auto& ben = join(come(world, R"("sub":"ben")"), "lobby");
  REQUIRE(ann.connection().wake_at);
  ann.take();
  ben.take();
  // A wake-up that comes too early, as after the clock was set back, ends nothing.
  compat::anon_send(ann.session(), session_event{wake_session{}});
  world.run();
  CHECK(ann.take().empty());
  world.wall_time = timestamp{world.wall_time.value + 60'000};
  compat::anon_send(ann.session(), session_event{wake_session{}});
  world.run();
  CHECK(
      ann.take() ==
      texts{R"(42["token_expired",{"code":"token_expired","message":"the token has expired"}])",
            "41"});
  CHECK(ben.take() == texts{left_lobby("ann", "disconnect", 1)});
  CHECK_FALSE(ann.connection().closed);
}

TEST_CASE("an event that comes behind the expiry finds the connection over") {
  chat_world world{token_mode()};
  auto& ann = join(come(world, R"("sub":"ann","exp":)" + seconds(world, 60)), "lobby");
  ann.take();
  world.wall_time = timestamp{world.wall_time.value + 60'000};
  const auto answer = ann.ask(R"(421["send_message",{"room":"lobby","content":"late"}])");
  REQUIRE(answer.size() == 2);
  CHECK(answer.back() == "41");
  CHECK(world.log().find_room("lobby")->last_seq == sequence{0});
  // It may come back with a new one.
  CHECK(any_has(connect_with(ann, token_with(R"("sub":"ann","exp":)" + seconds(world, 60))),
                R"(40{"sid":")"));
  CHECK(any_has(ann.ask(R"(422["join_room","lobby"])"), R"("ok":true)"));
}

TEST_CASE("a newer token of the same user keeps the connection") {
  chat_world world{token_mode()};
  auto& ann = join(come(world, R"("sub":"ann","exp":)" + seconds(world, 60)), "lobby");
  ann.take();
  const auto fresh = token_with(R"("sub":"ann","exp":)" + seconds(world, 3'600));
  CHECK(ann.ask(R"(421["refresh_token",{"token":")" + fresh + R"("}])") ==
        texts{R"(431[{"ok":true,"expires_at":"2023-11-14T23:13:20.000Z","left":[]}])"});
  world.wall_time = timestamp{world.wall_time.value + 60'000};
  compat::anon_send(ann.session(), session_event{wake_session{}});
  world.run();
  CHECK(ann.take().empty());
  CHECK(any_has(ann.ask(R"(422["send_message",{"room":"lobby","content":"hi"}])"),
                R"("ok":true)"));
  // Without an expiry; a bare string is accepted too.
  CHECK(ann.ask(R"(423["refresh_token",")" + token_with(R"("sub":"ann")") + R"("])") ==
        texts{R"(433[{"ok":true,"expires_at":null,"left":[]}])"});
  world.wall_time = timestamp{world.wall_time.value + 36'000'000};
  CHECK(any_has(ann.ask(R"(424["get_members",{"room":"lobby"}])"), R"("ok":true)"));
}

TEST_CASE("a newer token with another name has its bearer shown by that") {
  chat_world world{token_mode()};
  auto& ann = join(come(world, R"("sub":"ann","name":"Ann")"), "lobby");
  auto& ben = join(come(world, R"("sub":"ben")"), "lobby");
  ann.take();
  const auto renamed = token_with(R"("sub":"ann","name":"Dr. Ann")");
  CHECK(any_has(ann.ask(R"(421["refresh_token",")" + renamed + R"("])"), R"("ok":true)"));
  CHECK(any_has(ben.ask(R"(421["get_members","lobby"])"),
                R"({"user_id":"ann","username":"Dr. Ann","connections":1})"));
  CHECK(any_has(ben.ask(R"(422["join_room",{"room":"lobby","history":0}])"),
                R"({"user_id":"ann","username":"Dr. Ann","connections":1})"));
  ann.ask(R"(422["send_message",{"room":"lobby","content":"x"}])");
  CHECK(any_has(ben.take(), R"("username":"Dr. Ann")"));
}

TEST_CASE("a token that does not renew leaves the old one as it was") {
  chat_world world{token_mode()};
  auto& ann = join(come(world, R"("sub":"ann","exp":)" + seconds(world, 60)), "lobby");
  const auto refresh = [&](const std::string& payload) {
    return ann.ask(R"(421["refresh_token",)" + payload + "]");
  };
  CHECK(is_refused(refresh("{}"), "unauthorized"));
  CHECK(is_refused(refresh("null"), "unauthorized"));
  CHECK(is_refused(refresh(R"({"token":"x"})"), "unauthorized"));
  CHECK(is_refused(refresh(R"({"token":")" + token_with(R"("sub":"ann","exp":1)") + "\"}"),
                   "unauthorized"));
  CHECK(
      is_refused(refresh(R"({"token":")" + token_with(R"("sub":"ben")") + "\"}"), "forbidden"));
  CHECK(any_has(ann.ask(R"(42["refresh_token"])"),
                R"(42["error",{"event":"refresh_token","code":"unauthorized")"));
  CHECK(any_has(ann.ask(R"(422["get_members",{"room":"lobby"}])"), R"("user_id":"ann")"));
}

TEST_CASE("a newer token that allows less takes its bearer out of rooms") {
  chat_world world{token_mode()};
  auto& ann = join(join(come(world, R"("sub":"ann")"), "lobby"), "tea");
  auto& ben = join(come(world, R"("sub":"ben")"), "lobby");
  ann.take();
  const auto narrow = token_with(R"("sub":"ann","rooms":["tea"])");
  CHECK(any_has(ann.ask(R"(421["refresh_token",{"token":")" + narrow + R"("}])"),
                R"("left":[1])"));
  CHECK(any_has(ben.take(), R"(42["user_left")"));
  ben.ask(R"(421["send_message",{"room":"lobby","content":"secret"}])");
  CHECK(ann.take().empty());
  CHECK(is_refused(ann.ask(R"(422["send_message",{"room":"lobby","content":"x"}])"),
                   "forbidden"));
  CHECK(
      any_has(ann.ask(R"(423["send_message",{"room":"tea","content":"x"}])"), R"("ok":true)"));
}

TEST_CASE("a newer token without admin takes its bearer out of rooms that are private") {
  chat_world world{token_mode()};
  auto& olga = join(join(come(world, R"("sub":"olga")"), "den"), "hall");
  CHECK(any_has(olga.ask(R"(421["set_room",{"room":"den","private":true}])"), R"("ok":true)"));
  constexpr auto admin = R"("sub":"root","scope":"admin")";
  auto& demoted = join(join(come(world, admin), "den"), "hall");
  auto& still = join(come(world, admin), "den");
  std::ignore = olga.take();
  std::ignore = demoted.take();
  const auto less = token_with(R"("sub":"root","scope":"read")");
  const auto answers = demoted.ask(R"(421["refresh_token",{"token":")" + less + R"("}])");
  CHECK(any_has(answers, R"("left":[])"));
  CHECK(any_has(answers, R"(42["kicked",{"room_id":1,"room":"den")"));
  std::ignore = still.take();
  std::ignore = olga.ask(R"(421["send_message",{"room":"den","content":"secret"}])");
  CHECK(demoted.take().empty());
  CHECK(any_has(still.take(), "secret"));
  std::ignore = olga.ask(R"(421["send_message",{"room":"hall","content":"for all"}])");
  CHECK(any_has(demoted.take(), "for all"));
}

TEST_CASE("an admin no more leaves a room when it becomes private") {
  chat_world world{token_mode()};
  auto& olga = join(come(world, R"("sub":"olga")"), "den");
  auto& root = join(come(world, R"("sub":"root","scope":"admin")"), "den");
  const auto less = token_with(R"("sub":"root","scope":"read")");
  CHECK_FALSE(
      any_has(root.ask(R"(421["refresh_token",{"token":")" + less + R"("}])"), "kicked"));
  std::ignore = olga.ask(R"(421["set_room",{"room":"den","private":true}])");
  CHECK(any_has(root.take(), R"(42["kicked",{"room_id":1)"));
}

TEST_CASE("open mode takes no tokens") {
  chat_world world;
  auto& ann = world.connect("ann");
  CHECK(is_refused(ann.ask(R"(421["refresh_token",{"token":"x"}])"), "forbidden"));
  auto& ben = world.open();
  CHECK(any_has(ben.ask(R"(40{"token":"nonsense","username":"ben"})"), R"(40{"sid":")"));
}

TEST_CASE("new keys hold for whoever comes from then on; who is in stays") {
  chat_world world{token_mode()};
  auto& ann = join(come(world, R"("sub":"ann")"), "lobby");
  const std::string other(32, 'n');
  world.renew(test_authenticator(other));
  auto& ben = world.open();
  CHECK(any_has(connect_with(ben, token_with(R"("sub":"ben")")), "token_invalid"));
  CHECK(any_has(connect_with(ben, token_with(R"("sub":"ben")", other)), R"(40{"sid":")"));
  CHECK(any_has(ann.ask(R"(421["get_members",{"room":"lobby"}])"), R"("ok":true)"));
}

namespace {

/// Returns the value of a string in a packet.
std::string field(const texts& packets, const std::string& name) {
  for (const auto& packet : packets) {
    const auto at = packet.find('"' + name + R"(":")");
    if (at == std::string::npos) continue;
    const auto from = at + name.size() + 4;
    return packet.substr(from, packet.find('"', from) - from);
  }
  FAIL("no " + name);
  return {};
}

/// Connects Ann with recovery, joins the lobby and loses her connection; returns her private
/// id.
std::string leave_session_behind(chat_world& world) {
  auto& ann = world.open();
  const auto pid =
      field(connect_with(ann, token_with(R"("sub":"ann")"), R"(,"recover":true)"), "pid");
  join(ann, "lobby");
  ann.close(close_reason::transport_error);
  world.run();
  return pid;
}

/// Returns the pid that the server gives to a returning client.
std::string pid_after(chat_world& world, const std::string& pid, const std::string& claims) {
  return field(
      connect_with(world.open(), token_with(claims), R"(,"recover":true,"pid":")" + pid + '"'),
      "pid");
}

} // namespace

TEST_CASE("a session goes back to its own user, with the rooms that its token allows") {
  chat_world world{token_mode()};
  const auto pid = leave_session_behind(world);
  CHECK(pid_after(world, pid, R"("sub":"ben")") != pid);
  const auto [claims, has_lobby] = GENERATE(table<std::string, bool>({
      {R"("rooms":["tea"])", false},
      {R"("scope":"none")", false},
      {R"("rooms":["lob*"])", true},
  }));
  CHECK(pid_after(world, pid, R"("sub":"ann",)" + claims) == pid);
  CHECK(world.users_in(room_id{1}) == (has_lobby ? 1 : 0));
}

TEST_CASE("a session that a token's end cut off can be recovered with a new token") {
  chat_world world{token_mode()};
  auto& ann = world.open();
  const auto pid =
      field(connect_with(ann, token_with(R"("sub":"ann","exp":)" + seconds(world, 60)),
                         R"(,"recover":true)"),
            "pid");
  join(ann, "lobby");
  world.wall_time = timestamp{world.wall_time.value + 60'000};
  compat::anon_send(ann.session(), session_event{wake_session{}});
  world.run();
  CHECK(any_has(ann.take(), "41"));
  CHECK(pid_after(world, pid, R"("sub":"ann")") == pid);
}
