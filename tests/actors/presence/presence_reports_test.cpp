// What a node reports with its lease, and what it does with the answers.
#include "actors/presence/lease_holder.hpp"
#include "actors/presence/presence_link.hpp"
#include "tests/actors/chat_world.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// Answers reports as a test wants it.
class played_lease final : public node_lease {
 public:
  using answer = std::function<expected<lease_news, store_error>(const lease_report&)>;
  explicit played_lease(answer renewed) : renewed_(std::move(renewed)) {}
  expected<lease_news, store_error> renew(const lease_report& report,
                                          std::chrono::milliseconds) override {
    return renewed_(report);
  }

 private:
  answer renewed_;
};

TEST_CASE("a node tells its settings with a new lease, and hears those of the others then") {
  test_system system;
  std::vector<std::string> told;
  const auto renew = [&told](const lease_report& report) {
    told.push_back(report.settings);
    lease_news news;
    if (report.afresh) news.settings = {{2, "a=2\n"}};
    return news;
  };
  const auto lease =
      system.actors().spawn<lease_holder>(std::make_unique<played_lease>(renew), 10s);
  std::vector<std::vector<node_settings>> heard;
  presence_setup setup{lease, {}, 10s, 1s, [] {}};
  setup.settings = "a=1\n";
  setup.on_settings = [&heard](const auto& others) { heard.push_back(others); };
  const auto presence = system.actors().spawn<presence_link>(std::move(setup));
  system.run();
  system.advance(1ms);
  system.advance(2s);
  caf::anon_send_exit(presence, caf::exit_reason::kill);
  caf::anon_send_exit(lease, caf::exit_reason::kill);
  system.run();
  REQUIRE(told.size() >= 2);
  CHECK(told[0] == "a=1\n");
  CHECK(told[1].empty());
  CHECK(heard == std::vector<std::vector<node_settings>>{{{2, "a=2\n"}}});
}

TEST_CASE("users who are to go elsewhere are told until it has arrived, and those to go here") {
  test_system system;
  using users = std::vector<std::string>;
  std::vector<users> told;
  int reports = 0;
  const auto renew = [&](const lease_report& report) -> expected<lease_news, store_error> {
    ++reports;
    if (!report.dismissed.empty()) told.push_back(report.dismissed);
    if (told.size() == 1) return unexpected(store_error::io);
    lease_news news;
    if (reports == 1) news.dismissed = {"cy"};
    return news;
  };
  const auto lease =
      system.actors().spawn<lease_holder>(std::make_unique<played_lease>(renew), 10s);
  std::vector<users> heard;
  presence_setup setup{lease, {}, 10s, 1s, [] {}};
  setup.on_dismissed = [&heard](const users& gone) { heard.push_back(gone); };
  const auto presence = system.actors().spawn<presence_link>(std::move(setup));
  system.run();
  system.advance(1ms);
  CHECK(heard == std::vector<users>{{"cy"}});
  for (const auto* user : {"ben", "ann", "ben"})
    compat::anon_send(presence, dismiss_elsewhere{user});
  for (int i = 0; i < 20; ++i)
    system.advance(50ms);
  caf::anon_send_exit(presence, caf::exit_reason::kill);
  caf::anon_send_exit(lease, caf::exit_reason::kill);
  system.run();
  // What failed was told once more, and then no more.
  CHECK(told == std::vector<users>{{"ann", "ben"}, {"ann", "ben"}});
  CHECK(heard.size() == 1);
}

TEST_CASE("users who could not be told to go elsewhere within moments may come back") {
  test_system system;
  using users = std::vector<std::string>;
  std::vector<users> told;
  bool fails = true;
  bool is_over = false;
  const auto renew = [&](const lease_report& report) -> expected<lease_news, store_error> {
    if (fails) return unexpected(store_error::io);
    if (std::exchange(is_over, false)) return lease_news{.is_over = true};
    if (!report.dismissed.empty()) told.push_back(report.dismissed);
    return lease_news{};
  };
  const auto lease =
      system.actors().spawn<lease_holder>(std::make_unique<played_lease>(renew), 10s);
  const auto presence =
      system.actors().spawn<presence_link>(presence_setup{lease, {}, 10s, 1s, [] {}});
  const auto pass = [&system](std::chrono::seconds time) {
    for (auto rest = std::chrono::milliseconds{time}; rest > 0ms; rest -= 50ms)
      system.advance(50ms);
  };
  system.run();
  compat::anon_send(presence, dismiss_elsewhere{"ann"});
  pass(8s);
  compat::anon_send(presence, dismiss_elsewhere{"ben"});
  pass(1s);
  fails = false;
  pass(2s);
  CHECK(told == std::vector<users>{{"ben"}});
  // A lease that is over told nothing, and the next one does.
  is_over = true;
  compat::anon_send(presence, dismiss_elsewhere{"cy"});
  pass(2s);
  CHECK(told == std::vector<users>{{"ben"}, {"cy"}});
  caf::anon_send_exit(presence, caf::exit_reason::kill);
  caf::anon_send_exit(lease, caf::exit_reason::kill);
  system.run();
}

TEST_CASE("a room that begins to listen hears of nothing before all its members") {
  test_system system;
  std::vector<members_elsewhere> heard;
  using seen = std::vector<members_elsewhere>;
  const auto listen = [](presence_listener::pointer,
                         seen* all) -> presence_listener::behavior_type {
    return {[all](const members_elsewhere& news) { all->push_back(news); }};
  };
  const auto room = system.actors().spawn(listen, &heard);
  presence_actor presence;
  const foreign_member ann{7, {room_id{1}, "ann", "ann", 1}};
  int reports = 0;
  const auto renew = [&](const lease_report& report) {
    lease_news news;
    if (++reports == 1) { // while this is read, the room wakes, and knows more than this
      compat::anon_send(presence, presence_listen{room_id{1}, room});
      news.changed = {ann};
      news.gone = {8};
    }
    for ([[maybe_unused]] const auto wanted : report.rooms)
      news.wanted = {ann};
    if (reports == 3) news.changed = {{7, {room_id{1}, "ann", "ann", 0}}};
    return news;
  };
  const auto lease =
      system.actors().spawn<lease_holder>(std::make_unique<played_lease>(renew), 10s);
  presence = system.actors().spawn<presence_link>(presence_setup{lease, {}, 10s, 1s, [] {}});
  system.run();
  system.advance(1ms);
  CHECK(reports == 1);
  CHECK(heard.empty());
  system.advance(100ms);
  system.advance(1s);
  caf::anon_send_exit(presence, caf::exit_reason::kill);
  caf::anon_send_exit(lease, caf::exit_reason::kill);
  system.run();
  presence = nullptr;
  REQUIRE(heard.size() == 2);
  CHECK(heard.front().is_whole);
  CHECK(heard.front().changed.size() == 1);
  CHECK(heard.front().gone.empty());
  CHECK_FALSE(heard.back().is_whole);
  CHECK(heard.back().changed.front().state.sockets == 0);
}

} // namespace
} // namespace hubbub::test
