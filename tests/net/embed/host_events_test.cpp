#include "tests/net/embed/chat_client.hpp"
#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;
using namespace std::chrono_literals;

namespace {

/// Echoes what it knows, and keeps what it is told to keep for ever.
event_hook::behavior_type echoing(
    event_hook::stateful_pointer<std::vector<caf::typed_response_promise<api::event_answer>>>
        self,
    int) {
  return {[self](const api::client_event& event) -> caf::result<api::event_answer> {
    if (event.name == "refuse") return make_error(errc::forbidden, "not you, " + event.by.id);
    if (event.name == "garble") return api::event_answer{"{}"};
    if (event.name != "keep") return api::event_answer{event.args};
    self->state.push_back(self->make_response_promise<api::event_answer>());
    return self->state.back();
  }};
}

/// Returns the settings of a chat over sockets whose unknown events go to a hook.
auto echoed(std::chrono::milliseconds limit = 9s) {
  return [limit](caf::actor_system& system) {
    auto made = hosted_rooms::small();
    made.listen = {"127.0.0.1:0"};
    made.hooks.on_event = {system.spawn(echoing, 0), limit};
    return made;
  };
}

const std::string as_ann = R"({"username":"ann"})";

} // namespace

TEST_CASE("an event that the chat does not know is answered by the host") {
  hosted_rooms host{echoed()};
  chat_client client{host.chat.port(), as_ann};
  CHECK(client.ask("react", R"({"to":7},"x")") == R"([{"to":7},"x"])");
  CHECK(client.ask("react", "") == "[]");
  CHECK(client.ask("refuse", "") ==
        R"([{"ok":false,"error":{"code":"forbidden","message":"not you, ann"}}])");
  CHECK(client.ask("garble", "").find("overloaded") != std::string::npos);
  client.emit("refuse", "1");
  CHECK(client.hear("error") ==
        R"({"event":"refuse","code":"forbidden","message":"not you, ann"}])");
  // What the chat knows goes its own way.
  CHECK(client.ask("join_room", R"({"room":"lobby"})").starts_with(R"([{"ok":true)"));
}

TEST_CASE("without a hook an unknown event is an error") {
  auto made = hosted_rooms::small();
  made.listen = {"127.0.0.1:0"};
  hosted_rooms host{made};
  chat_client client{host.chat.port(), as_ann};
  CHECK(client.ask("react", "1").find(R"("code":"unknown_event")") != std::string::npos);
}

TEST_CASE("a host that does not answer an event costs its sender nothing but an error") {
  hosted_rooms host{echoed(20ms)};
  chat_client client{host.chat.port(), as_ann};
  CHECK(client.ask("keep", "1").find(R"("code":"overloaded")") != std::string::npos);
  // The time is too short for a host that has to wait for a processor.
  constexpr int most_tries = 1'000;
  auto answer = client.ask("react", "1");
  for (int i = 0; i < most_tries && answer != "[1]"; ++i)
    answer = client.ask("react", "1");
  CHECK(answer == "[1]");
}

TEST_CASE("a host's own event reaches the members of a room") {
  hosted_rooms host{echoed()};
  chat_client member{host.chat.port(), as_ann};
  chat_client other{host.chat.port(), as_ann};
  chat_client returning{host.chat.port(), R"({"username":"bob","recover":true})"};
  for (auto* each : {&member, &returning})
    each->ask("join_room", R"({"room":"lobby"})");
  other.ask("join_room", R"({"room":"elsewhere"})");
  for (const bool may_be_lost : {false, true}) {
    CHECK(host.must(api::broadcast{"lobby", "polled", R"([{"id":1},"text"])", may_be_lost}));
    CHECK(member.hear("polled") == R"({"id":1},"text"])");
    // Its client takes a string at the end for its offset, so the real one follows.
    const auto heard = returning.hear("polled");
    REQUIRE(heard.starts_with(R"({"id":1},"text",")"));
    CHECK(heard.size() > 30);
  }
  CHECK(host.must(api::broadcast{"elsewhere", "last", "[]", false}));
  CHECK(other.find(R"(42["last")") == "]");
}

TEST_CASE("a host's own event that is stored reaches members, histories and subscribers") {
  hosted_rooms host{echoed()};
  chat_client member{host.chat.port(), as_ann};
  member.ask("join_room", R"({"room":"lobby"})");
  const auto heard = host.observe("lobby", api::from_now(), 9);
  const api::post poll{"lobby", {"host"}, "What to eat?",
                       "p-1",   "polled", R"([ {"id":1}, "x" ])"};
  const auto stored = host.must(poll);
  CHECK(stored.seq == 1);
  CHECK(stored.event == "polled");
  CHECK(stored.args == R"([{"id":1},"x"])");
  CHECK(stored.content == "What to eat?");
  const auto told = member.hear("polled");
  REQUIRE(told.starts_with(R"({"id":1},"x",{"id":)"));
  CHECK(told.find(R"("content":"What to eat?","event":"polled","args":[{"id":1},"x"])") !=
        std::string::npos);
  const auto [to, event] = host.next();
  CHECK(to == heard.id);
  CHECK(event.kind == api::event_kind::message);
  CHECK(event.at.seq == 1);
  CHECK(event.what.event == "polled");
  CHECK(event.what.args == stored.args);
  // It is in its place among messages, once.
  CHECK(host.must(poll).id == stored.id);
  host.must(api::post{"lobby", {"bob"}, "soup", ""});
  CHECK(member.find("42").starts_with(R"(["new_message",)"));
  CHECK(host.next().second.what.content == "soup");
  for (const auto& start : {api::from_newest(2), api::from_after({})}) {
    host.observe("lobby", start, 9);
    CHECK(host.next().second.what.event == "polled");
    CHECK(host.next().second.what.content == "soup");
  }
  const auto page = host.must(api::history{.room = "lobby"});
  REQUIRE(page.messages.size() == 2);
  CHECK(page.messages[0].event == "polled");
  CHECK(page.messages[0].args == stored.args);
  CHECK(page.messages[1].event.empty());
  CHECK(member.ask("get_messages", R"({"room":"lobby","limit":1,"before":2})")
            .find(R"("event":"polled","args":[{"id":1},"x"])") != std::string::npos);
  // Its text may be changed, and a deletion leaves nothing of it.
  const auto mended = host.must(api::edit{"lobby", 1, "host", "What to drink?"});
  CHECK(mended.content == "What to drink?");
  CHECK(mended.args == stored.args);
  const auto gone = host.must(api::erase{"lobby", 1, "host"});
  CHECK(gone.content + gone.event + gone.args == "");
}

TEST_CASE("a session that comes back gets the stored events that it missed") {
  hosted_rooms host{echoed()};
  std::string pid;
  std::string offset;
  {
    chat_client away{host.chat.port(), R"({"username":"bob","recover":true})"};
    const auto at = away.welcome.find("\"pid\":\"") + 7;
    pid = away.welcome.substr(at, away.welcome.find('"', at) - at);
    away.ask("join_room", R"({"room":"lobby"})");
    const auto last_argument = [](const std::string& args) {
      const auto end = args.rfind('"');
      const auto begin = args.rfind('"', end - 1) + 1;
      return args.substr(begin, end - begin);
    };
    host.must(api::post{"lobby", {"host"}, "", "", "polled", "[1]"});
    offset = last_argument(away.hear("polled"));
    CHECK_FALSE(offset.empty());
  }
  host.must(api::post{"lobby", {"host"}, "", "", "polled", "[2]"});
  host.must(api::post{"lobby", {"ann"}, "hi", ""});
  chat_client back{host.chat.port(), R"({"username":"bob","recover":true,"pid":")" + pid +
                                         R"(","offset":")" + offset + "\"}"};
  const auto missed = back.hear("polled");
  CHECK(missed.starts_with(R"(2,{"id":)"));
  CHECK(missed.find(R"("event":"polled","args":[2])") != std::string::npos);
  CHECK(back.find("42[").starts_with(R"("new_message",)"));
}

TEST_CASE("a host cannot send what would be taken for an event of the chat") {
  hosted_rooms host;
  host.must(api::create_room{"lobby", "", false});
  for (const auto* name : {"new_message", "offset", "error", "connect", "disconnect", ""})
    CHECK(host.fails(api::broadcast{"lobby", name, "[]", false}) == errc::bad_request);
  for (const auto* args : {"{}", "1,2", "", "[1", "[\"\xff\"]"})
    CHECK(host.fails(api::broadcast{"lobby", "polled", args, false}) == errc::bad_request);
  CHECK(host.fails(api::broadcast{"nowhere", "polled", "[]", false}) == errc::not_found);
  const auto refused = [&](const std::string& event, const std::string& args) {
    return host.fails(api::post{"lobby", {"host"}, "", "", event, args});
  };
  CHECK(refused("new_message", "[]") == errc::bad_request);
  CHECK(refused("two\nlines", "[]") == errc::bad_request);
  CHECK(refused("polled", "{}") == errc::bad_request);
  CHECK(refused("polled", std::string(60, '[') + std::string(60, ']')) == errc::bad_request);
  CHECK(refused("", "[1]") == errc::bad_request); // a message needs a text
  CHECK(refused("polled", "[\"" + std::string(4'000, 'x') + "\"]") == errc::too_large);
}

namespace {

/// An application that answers at once, by itself or by its actor.
class game_table : public host_application {
 public:
  game_table(client_socket& client, caf::actor to) : client_(client), to_(std::move(to)) {}

  std::string on_connect(std::string_view auth) override {
    return auth == R"({"name":"ann"})" ? "" : "who are you?";
  }
  void on_connected() override {
    tell("in");
    client_.emit("hello", R"(["ann"])");
  }
  void on_event(const socket_event& event) override {
    if (event.name == "bad") {
      tell(client_.emit("connect", "[]") || client_.emit("x", "{}") ? "sent" : "not sent");
    } else if (event.name == "leave") {
      client_.dismiss();
    } else if (event.wants_ack) {
      client_.answer(event.ack, event.args);
    } else {
      caf::anon_send(to_, caf::actor_cast<caf::strong_actor_ptr>(client_.actor()));
    }
  }
  void on_disconnect() override { tell("out"); }

 private:
  void tell(const std::string& what) { caf::anon_send(to_, what); }

  client_socket& client_;
  caf::actor to_;
};

/// Keeps what it is told until somebody asks, and pokes clients.
caf::behavior overhearing(caf::stateful_actor<std::vector<std::string>>* self, int) {
  return {
      [self](const std::string& what) { self->state.push_back(what); },
      [self](const caf::strong_actor_ptr& client) {
        self->send(caf::actor_cast<client_actor>(client), api::emit{"poke", "[1]"});
      },
      [self](int) { return self->state; },
  };
}

} // namespace

TEST_CASE("a namespace of the host's own is served beside the chat") {
  caf::actor ear;
  hosted_rooms host{[&ear](caf::actor_system& system) {
    ear = system.spawn(overhearing, 0);
    auto made = hosted_rooms::small();
    made.listen = {"127.0.0.1:0"};
    made.hooks.namespaces["/game"] = [ear](client_socket& client) {
      return std::make_unique<game_table>(client, ear);
    };
    return made;
  }};
  chat_client stranger{host.chat.port(), "{}", "/game"};
  CHECK(stranger.welcome == R"(44/game,{"message":"who are you?"})");
  chat_client nowhere{host.chat.port(), "{}", "/other"};
  CHECK(nowhere.welcome == R"(44/other,{"message":"Invalid namespace"})");
  chat_client client{host.chat.port(), R"({"name":"ann"})", "/game"};
  CHECK(client.welcome.starts_with("40/game,{\"sid\":"));
  CHECK(client.hear("hello") == R"("ann"])");
  CHECK(client.ask("guess", "1,2") == "[1,2]");
  client.emit("poke me", "");
  CHECK(client.hear("poke") == "1]");
  client.emit("bad", "");
  client.emit("leave", "");
  CHECK(client.find("41/game").starts_with(","));
  chat_client again{host.chat.port(), R"({"name":"ann"})", "/game"};
  CHECK(again.hear("hello") == R"("ann"])");
  std::vector<std::string> told;
  host.self->request(ear, hosted_rooms::patience, 1)
      .receive([&](const std::vector<std::string>& all) { told = all; },
               [](const caf::error&) { FAIL("no answer"); });
  CHECK(told == std::vector<std::string>{"in", "not sent", "out", "in"});
  host.chat.stop();
  caf::anon_send_exit(ear, caf::exit_reason::user_shutdown);
}

TEST_CASE("a namespace of the host's own has a name that is free") {
  for (const auto* name : {"/", "/admin", "game", ""}) {
    broker_config made;
    made.hooks.namespaces[name] = [](client_socket&) {
      return std::unique_ptr<host_application>{};
    };
    CHECK(code_of(made.validate()) == errc::bad_config);
  }
}
