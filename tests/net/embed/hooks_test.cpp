#include "tests/net/embed/chat_client.hpp"
#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;
using namespace std::chrono_literals;

namespace {

/// A hook that does what the test says, at once.
message_hook::behavior_type judging(message_hook::pointer,
                                    const std::function<api::verdict(const api::draft&)>& f) {
  return {[f](const api::draft& draft) { return f(draft); }};
}

struct gathered {
  std::size_t asked = 0;
  std::vector<caf::typed_response_promise<api::verdict>> due;
};
/// A hook that lets everything pass, but not before it has been asked `count` times; then it
/// answers the last question first.
message_hook::behavior_type gathering(message_hook::stateful_pointer<gathered> self,
                                      std::size_t count) {
  return {[self, count](const api::draft&) {
    auto mine = self->make_response_promise<api::verdict>();
    auto& due = self->state.due;
    due.push_back(mine);
    if (++self->state.asked < count) return mine;
    for (; !due.empty(); due.pop_back())
      due.back().deliver(api::pass());
    return mine;
  }};
}

/// Returns the settings of rooms whose messages are judged by a hook that gathers so many.
auto gathered_by(std::size_t count, hook<message_hook> how) {
  return [count, how](caf::actor_system& system) {
    auto made = hosted_rooms::small();
    made.hooks.before_message = how;
    made.hooks.before_message.actor = system.spawn(gathering, count);
    return made;
  };
}
constexpr std::size_t for_ever = 1'000'000;

struct held {
  std::vector<caf::typed_response_promise<api::verdict>> due;
  bool lets_pass = false;
};
using holding_hook = message_hook::extend<caf::reacts_to<int>>;
/// A hook that answers nothing until it is told to let everything pass.
holding_hook::behavior_type holding(holding_hook::stateful_pointer<held> self, int) {
  return {
      [self](const api::draft&) -> caf::result<api::verdict> {
        if (self->state.lets_pass) return api::pass();
        self->state.due.push_back(self->make_response_promise<api::verdict>());
        return self->state.due.back();
      },
      [self](int) {
        self->state.lets_pass = true;
        for (auto& each : std::exchange(self->state.due, {}))
          each.deliver(api::pass());
      },
  };
}

/// Returns the settings of rooms whose messages `f` judges.
auto judged_by(std::function<api::verdict(const api::draft&)> f) {
  return [f = std::move(f)](caf::actor_system& system) {
    auto made = hosted_rooms::small();
    made.listen = {"127.0.0.1:0"};
    made.open_edit = true;
    made.hooks.before_message.actor = system.spawn(judging, f);
    return made;
  };
}

api::verdict strict(const api::draft& draft) {
  if (draft.content == "bad") return api::refuse("not here", errc::forbidden);
  if (draft.content == "LOUD") return api::change(" loud ");
  if (draft.content == "long") return api::change(std::string(4'001, 'x'));
  return api::pass();
}

} // namespace

TEST_CASE("a hook lets a post pass, changes or refuses it, and an edit too") {
  std::vector<api::draft> seen;
  hosted_rooms host{judged_by([&seen](const api::draft& draft) {
    seen.push_back(draft);
    return strict(draft);
  })};
  const auto first = host.must(api::post{"lobby", {"ann", "Ann"}, "hello", "a-1"});
  CHECK(first.content == "hello");
  CHECK(host.must(api::post{"lobby", {"ann"}, "LOUD", ""}).content == "loud");
  CHECK(host.fails(api::post{"lobby", {"ann"}, "bad", ""}) == errc::forbidden);
  CHECK(host.fails(api::post{"lobby", {"ann"}, "long", ""}) == errc::too_large);
  CHECK(host.must(api::edit{"lobby", 1, "ann", "LOUD"}).content == "loud");
  CHECK(host.fails(api::edit{"lobby", 1, "ann", "bad"}) == errc::forbidden);
  CHECK(host.must(api::erase{"lobby", 1, "ann"}).deleted_at > 0);
  CHECK(host.must(api::history{.room = "lobby"}).messages.size() == 2);
  REQUIRE(seen.size() == 6);
  // The host's own events are not asked about, only what others make of their text.
  CHECK(host.must(api::post{"lobby", {"ann"}, "bad", "", "polled", "[]"}).content == "bad");
  CHECK(seen.size() == 6);
  CHECK(host.must(api::edit{"lobby", 3, "ann", "LOUD"}).content == "loud");
  CHECK(seen[0].author.name == "Ann");
  CHECK(seen[0].room == "lobby");
  CHECK(seen[0].room_id == first.room_id);
  CHECK(seen[0].client_id == "a-1");
  CHECK(seen[0].edits == 0);
  CHECK(seen[4].edits == 1);
}

TEST_CASE("a hook judges messages over sockets and over HTTP alike") {
  hosted_rooms host{judged_by(strict)};
  chat_client ann{host.chat.port(), R"({"username":"ann"})"};
  ann.ask("join_room", R"({"room":"lobby"})");
  CHECK(ann.ask("send_message", R"({"room":"lobby","content":"LOUD"})")
            .find(R"("content":"loud")") != std::string::npos);
  CHECK(ann.ask("send_message", R"({"room":"lobby","content":"bad"})") ==
        R"([{"ok":false,"error":{"code":"forbidden","message":"not here"}}])");
  CHECK(ann.ask("edit_message", R"({"room":"lobby","seq":1,"content":"bad"})")
            .find(R"("code":"forbidden")") != std::string::npos);
  raw_client http{host.chat.port()};
  CHECK(http.post("/messages", R"({"room":"lobby","username":"bob","content":"bad"})").status ==
        403);
  CHECK(http.post("/messages", R"({"room":"lobby","username":"bob","content":"LOUD"})")
            .body.find(R"("content":"loud")") != std::string::npos);
  CHECK(host.must(api::history{.room = "lobby"}).messages.size() == 2);
}

TEST_CASE("a hook is not asked about what a user who may not send repeats") {
  std::vector<api::draft> seen;
  hosted_rooms host{judged_by([&seen](const api::draft& draft) {
    seen.push_back(draft);
    return strict(draft);
  })};
  const api::post once{"lobby", {"ann"}, "hello", "a-1"};
  const auto first = host.must(once);
  (void)host.must(api::put_standing{"lobby", {"mute", "ann", "host"}});
  CHECK(host.must(once).id == first.id);
  CHECK(host.fails(api::post{"lobby", {"ann"}, "hello", "a-2"}) == errc::forbidden);
  CHECK(seen.size() == 1);
}

TEST_CASE("what one user writes keeps its order while the host thinks") {
  hosted_rooms host{gathered_by(3, {{}, 9s})};
  const auto ann = host.member("lobby", {"ann"});
  host.grant(ann, 10);
  host.self->send(host.way_in, api::say{ann.id, "one", ""});
  host.self->send(host.way_in, api::say{ann.id, "two", ""});
  host.self->send(host.way_in, api::post{"lobby", {"bob"}, "three", ""});
  std::vector<std::string> told;
  while (told.size() < 3)
    host.self->receive(
        [&](api::subscription_id, const api::room_event& event) {
          if (event.kind == api::event_kind::message) told.push_back(event.what.content);
        },
        [](const api::message&) {}, caf::after(hosted_rooms::patience) >> [] { FAIL("late"); });
  CHECK(std::ranges::find(told, "one") < std::ranges::find(told, "two"));
  CHECK(std::ranges::count(told, "three") == 1);
}

TEST_CASE("a hook that is late refuses, or lets pass if the host says so") {
  hosted_rooms strict_host{gathered_by(for_ever, {{}, 20ms})};
  CHECK(strict_host.fails(api::post{"lobby", {"ann"}, "hello", ""}) == errc::overloaded);
  CHECK(strict_host.must(api::history{.room = "lobby"}).messages.empty());
  hosted_rooms open_host{gathered_by(for_ever, {{}, 20ms, true})};
  CHECK(open_host.must(api::post{"lobby", {"ann"}, "hello", ""}).content == "hello");
}

TEST_CASE("a hook that has died refuses, or lets pass if the host says so") {
  for (const bool fails_open : {false, true}) {
    message_hook judge;
    hosted_rooms host{[&](caf::actor_system& system) {
      auto made = hosted_rooms::small();
      judge = system.spawn(judging, strict);
      made.hooks.before_message = {judge, 9s, fails_open};
      return made;
    }};
    CHECK(host.must(api::post{"lobby", {"ann"}, "LOUD", ""}).content == "loud");
    host.self->monitor(judge);
    caf::anon_send_exit(judge, caf::exit_reason::kill);
    host.self->receive([](const caf::down_msg&) {});
    if (fails_open)
      CHECK(host.must(api::post{"lobby", {"ann"}, "bad", ""}).content == "bad");
    else
      CHECK(host.fails(api::post{"lobby", {"ann"}, "hello", ""}) == errc::overloaded);
  }
}

TEST_CASE("a hook is asked no more than may wait, and again when it has answered") {
  holding_hook judge;
  hosted_rooms host{[&judge](caf::actor_system& system) {
    auto made = hosted_rooms::small();
    judge = system.spawn(holding, 0);
    made.hooks.before_message = {judge, 9s};
    made.hooks.max_waiting = 2;
    return made;
  }};
  std::vector<std::string> answers;
  const auto post = [&host](const std::string& text) {
    return host.self->request(host.way_in, hosted_rooms::patience,
                              api::post{"lobby", {"ann"}, text, ""});
  };
  auto one = post("one");
  auto two = post("two");
  // The third is refused at once, and not asked about.
  CHECK(host.fails(api::post{"lobby", {"bob"}, "three", ""}) == errc::overloaded);
  caf::anon_send(judge, 1);
  for (auto* each : {&one, &two})
    each->receive([&](const api::message& stored) { answers.push_back(stored.content); },
                  [&](const caf::error& why) { FAIL(host.system.render(why)); });
  CHECK(answers == std::vector<std::string>{"one", "two"});
  CHECK(host.must(api::post{"lobby", {"bob"}, "four", ""}).content == "four");
}

TEST_CASE("a hook's time must be shorter than that of the gateway") {
  hosted_rooms host;
  broker_config made;
  made.hooks.before_message = {host.system.spawn(judging, strict), 10s};
  CHECK(code_of(made.validate()) == errc::bad_config);
  CHECK(text_of(made.validate()).starts_with("hooks.before_message.limit "));
  made.hooks.before_message.limit = 9s;
  CHECK_FALSE(made.validate());
}
