#include "tests/net/embed/chat_client.hpp"
#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;
using namespace std::chrono_literals;

namespace {

admission_hook::behavior_type
admitting(admission_hook::pointer,
          const std::function<api::admission(const api::arrival&)>& f) {
  return {[f](const api::arrival& who) { return f(who); }};
}

/// Never answers.
admission_hook::behavior_type dozing(
    admission_hook::stateful_pointer<std::vector<caf::typed_response_promise<api::admission>>>
        self,
    int) {
  return {[self](const api::arrival&) {
    self->state.push_back(self->make_response_promise<api::admission>());
    return self->state.back();
  }};
}

broker_config over_sockets() {
  auto made = hosted_rooms::small();
  made.listen = {"127.0.0.1:0"};
  return made;
}

auto admitted_by(std::function<api::admission(const api::arrival&)> f) {
  return [f = std::move(f)](caf::actor_system& system) {
    auto made = over_sockets();
    made.hooks.admission.actor = system.spawn(admitting, f);
    return made;
  };
}

const std::string ann_comes = R"({"username":"ann"})";

} // namespace

TEST_CASE("a host sees who comes, and says as whom") {
  std::vector<api::arrival> seen;
  hosted_rooms host{admitted_by([&seen](const api::arrival& who) {
    seen.push_back(who);
    return api::admit_as({"u-7", "Ann B."}, token_scope::write, {"team-*"});
  })};
  chat_client client{host.chat.port(), R"({"username":"ann","key":1})", "/",
                     "X-Session: abc\r\n"};
  CHECK(client.welcome.starts_with("40{\"sid\":"));
  CHECK(client.ask("join_room", R"({"room":"team-a"})")
            .find(R"("user_id":"u-7","username":"Ann B.")") != std::string::npos);
  CHECK(client.ask("join_room", R"({"room":"lobby"})").find(R"("code":"forbidden")") !=
        std::string::npos);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].auth == R"({"username":"ann","key":1})");
  CHECK(seen[0].address == "127.0.0.1");
  CHECK(seen[0].who.id == "ann");
  CHECK_FALSE(seen[0].is_proven);
  CHECK(std::ranges::any_of(seen[0].headers, [](const api::header& each) {
    return each.name == "x-session" && each.value == "abc";
  }));
}

TEST_CASE("a host keeps a client out, or lets it in as it is") {
  hosted_rooms host{admitted_by([](const api::arrival& who) {
    if (who.who.id == "eve") return api::keep_out("not you", errc::forbidden);
    if (who.who.id == "odd") return api::admit_as({std::string(99, 'x'), ""});
    if (who.who.id == "guest") return api::admit_as({"guest-1", ""}, token_scope::read);
    return api::admit();
  })};
  const auto come = [&host](const std::string& name) {
    return chat_client{host.chat.port(), R"({"username":")" + name + "\"}"}.welcome;
  };
  CHECK(come("eve") ==
        R"(44{"message":"forbidden","data":{"code":"forbidden","message":"not you"}})");
  CHECK(come("odd").starts_with(R"(44{"message":"bad_request")"));
  CHECK(come("ann").starts_with("40{"));
  host.must(api::create_room{"lobby", "", false});
  chat_client guest{host.chat.port(), R"({"username":"guest"})"};
  guest.ask("join_room", R"({"room":"lobby"})");
  CHECK(guest.ask("send_message", R"({"room":"lobby","content":"hi"})")
            .find(R"("code":"forbidden")") != std::string::npos);
}

namespace {

std::string field(const std::string& welcome, const std::string& name) {
  const auto at = welcome.find("\"" + name + "\":\"") + name.size() + 4;
  return welcome.substr(at, welcome.find('"', at) - at);
}

} // namespace

TEST_CASE("a session that the host lets in is recovered as the same user") {
  hosted_rooms host{admitted_by([](const api::arrival&) {
    return api::admit_as({"u-7", "Ann"});
  })};
  std::string pid;
  std::string sid;
  {
    chat_client client{host.chat.port(), R"({"recover":true})"};
    pid = field(client.welcome, "pid");
    sid = field(client.welcome, "sid");
    client.ask("join_room", R"({"room":"lobby"})");
  }
  chat_client back{host.chat.port(), R"({"recover":true,"pid":")" + pid + "\"}"};
  CHECK(field(back.welcome, "sid") == sid);
}

TEST_CASE("nobody becomes a user whom the host has not seen") {
  hosted_rooms host{admitted_by([](const api::arrival&) { return api::admit(); })};
  std::string pid;
  std::string sid;
  {
    chat_client ann{host.chat.port(), R"({"username":"ann","recover":true})"};
    pid = field(ann.welcome, "pid");
    sid = field(ann.welcome, "sid");
    CHECK(ann.ask("join_room", R"({"room":"lobby"})").starts_with(R"([{"ok":true)"));
  }
  chat_client nameless{host.chat.port(), R"({"recover":true,"pid":")" + pid + "\"}"};
  REQUIRE(nameless.welcome.starts_with("40{"));
  CHECK(field(nameless.welcome, "sid") != sid);
  CHECK(nameless.ask("join_room", R"({"room":"lobby","username":"ann"})")
            .find(R"("code":"forbidden")") != std::string::npos);
}

TEST_CASE("a token changes nothing in what the host gives, nor is it given for the past") {
  auto settings = admitted_by([](const api::arrival& who) {
    auto made = api::admit_as({"ann", ""}, token_scope::read);
    if (who.auth.find("old") != std::string::npos) made.until = 1;
    return made;
  });
  hosted_rooms host{[&settings](caf::actor_system& system) {
    auto made = settings(system);
    made.check_token = [](std::string_view) { return token_holder{.who = {"ann", ""}}; };
    return made;
  }};
  chat_client ann{host.chat.port(), R"({"token":"new"})"};
  REQUIRE(ann.welcome.starts_with("40{"));
  CHECK(ann.ask("refresh_token", R"({"token":"new"})").find(R"("code":"forbidden")") !=
        std::string::npos);
  chat_client late{host.chat.port(), R"({"token":"old"})"};
  CHECK(late.welcome.starts_with(R"(44{"message":"unauthorized")"));
}

TEST_CASE("nobody comes in while the host is silent, unless it says so") {
  for (const bool fails_open : {false, true}) {
    hosted_rooms host{[fails_open](caf::actor_system& system) {
      auto made = over_sockets();
      made.hooks.admission = {system.spawn(dozing, 0), 20ms, fails_open};
      return made;
    }};
    chat_client client{host.chat.port(), ann_comes};
    CHECK(client.welcome.starts_with(fails_open ? "40{" : R"(44{"message":"overloaded")"));
  }
}

namespace {

/// Answers each list of notices when the test asks for it.
struct diary {
  std::vector<api::notice> all;
  std::int64_t lost = 0;
};
using diary_hook = notice_hook::extend<caf::replies_to<int>::with<std::vector<api::notice>>>;
diary_hook::behavior_type writing(diary_hook::stateful_pointer<diary> self, int) {
  return {
      [self](const api::notices& news) {
        self->state.lost += news.lost;
        self->state.all.insert(self->state.all.end(), news.list.begin(), news.list.end());
        return true;
      },
      [self](int) { return self->state.all; },
  };
}

} // namespace

TEST_CASE("a host is told who comes and goes, and of new rooms") {
  diary_hook book;
  hosted_rooms host{[&book](caf::actor_system& system) {
    auto made = over_sockets();
    made.io_threads = 1; // so that all of it comes in one order
    book = system.spawn(writing, 0);
    made.hooks.notices = book;
    return made;
  }};
  {
    chat_client client{host.chat.port(), ann_comes};
    client.ask("join_room", R"({"room":"lobby"})");
    client.ask("leave_room", R"({"room":"lobby"})");
  }
  std::vector<api::notice> told;
  while (told.size() < 5)
    host.self->request(book, hosted_rooms::patience, 1)
        .receive([&](const std::vector<api::notice>& all) { told = all; },
                 [](const caf::error&) { FAIL("no answer"); });
  REQUIRE(told.size() == 5);
  CHECK(told[0].kind == api::notice_kind::connected);
  CHECK(told[0].who.id == "ann");
  CHECK(told[1].kind == api::notice_kind::room_made);
  CHECK(told[1].room == "lobby");
  CHECK(told[2].kind == api::notice_kind::joined);
  CHECK(told[2].who.id == "ann");
  CHECK(told[2].room == "lobby");
  CHECK(told[3].kind == api::notice_kind::left);
  CHECK(told[3].text == "leave");
  CHECK(told[4].kind == api::notice_kind::gone);
  CHECK(told[4].who.id == "ann");
}

namespace {

/// Passes each list on, and answers none.
notice_hook::behavior_type
mute(notice_hook::stateful_pointer<std::vector<caf::typed_response_promise<bool>>> self,
     const caf::actor& to) {
  return {[self, to](const api::notices& news) {
    caf::anon_send(to, news);
    self->state.push_back(self->make_response_promise<bool>());
    return self->state.back();
  }};
}

} // namespace

TEST_CASE("a host gets the notices that wait when the broker stops") {
  std::optional<caf::scoped_actor> ear;
  hosted_rooms host{[&ear](caf::actor_system& system) {
    auto made = over_sockets();
    made.io_threads = 1;
    ear.emplace(system);
    made.hooks.notices = system.spawn(mute, caf::actor{*ear});
    return made;
  }};
  const auto next = [&ear] {
    api::notices got;
    (*ear)->receive([&](const api::notices& news) { got = news; },
                    caf::after(hosted_rooms::patience) >> [] { FAIL("no notices"); });
    return got;
  };
  chat_client client{host.chat.port(), ann_comes};
  const auto first = next();
  REQUIRE(first.list.size() == 1);
  CHECK(first.list[0].kind == api::notice_kind::connected);
  client.ask("join_room", R"({"room":"lobby"})");
  client.ask("join_room", R"({"room":"den"})");
  host.chat.stop();
  const auto last = next();
  REQUIRE_FALSE(last.list.empty());
  CHECK(last.list[0].kind == api::notice_kind::room_made);
  ear.reset();
}
