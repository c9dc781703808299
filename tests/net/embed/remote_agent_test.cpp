#include "net/embed/remote_agent.hpp"
#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <set>

using namespace hubbub;
using namespace hubbub::test;

TEST_CASE("times with which another node could not be watched are refused") {
  CHECK(fault_of(remote_settings{}).empty());
  const auto field = GENERATE(&remote_settings::ping_interval, &remote_settings::ping_limit);
  remote_settings settings;
  settings.*field = std::chrono::hours{24} * 3'650;
  CHECK(fault_of(settings).empty());
  for (const auto time : {std::chrono::milliseconds{-1}, std::chrono::milliseconds{0},
                          std::chrono::milliseconds::max()}) {
    settings.*field = time;
    CHECK(fault_of(settings) ==
          "ping_interval and ping_limit must be above 0, and not above 3650 days");
  }
}

TEST_CASE("a subscriber whose node is lost goes on before the messages that it was owed") {
  hosted_rooms host;
  for (const auto* text : {"one", "two", "three"})
    host.must(api::post{"lobby", {"ann"}, text, ""});
  const gateway_actor agent =
      host.system.spawn<remote_agent>(host.way_in, remote_settings{}, [] {});
  for (const auto& from : {api::from_newest(2), api::from_newest(0), api::from_now()})
    host.self->request(agent, hosted_rooms::patience, api::subscribe{"lobby", from, 0, {}})
        .receive([](const api::subscribed&) {},
                 [&](const caf::error& why) { FAIL(host.system.render(why)); });
  caf::anon_send_exit(agent, caf::exit_reason::user_shutdown);
  std::multiset<std::int64_t> told;
  for (int i = 0; i < 3; ++i) {
    const auto last = host.next().second;
    CHECK(last.kind == api::event_kind::ended);
    told.insert(last.at.seq);
  }
  CHECK(told == std::multiset<std::int64_t>{1, 3, 3});
}
