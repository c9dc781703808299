// Leases: what nodes on one PostgreSQL know of each other, and of who is there.
#include "tests/persistence/postgres/pg_node.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

namespace {

lease_news renewed(node_lease& lease, bool afresh, std::string url = {},
                   std::chrono::milliseconds length = std::chrono::minutes{1}) {
  auto news = lease.renew({.afresh = afresh, .url = std::move(url)}, length);
  REQUIRE(news);
  return *std::move(news);
}

} // namespace

TEST_CASE("postgres: nodes hear where the others are, as long as their leases hold") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  opened three{node(backend, 3)};
  const auto first = one.whole().lease();
  const auto second = two.whole().lease();
  const auto third = three.whole().lease();
  CHECK(renewed(*first, true, "http://a:1").nodes.empty());
  CHECK(renewed(*third, true).nodes == std::vector<node_place>{{1, "http://a:1"}});
  CHECK(renewed(*second, true, "http://b:1").nodes ==
        std::vector<node_place>{{1, "http://a:1"}, {3, ""}});
  // One that the others do not reach has no address.
  CHECK(renewed(*first, false).nodes == std::vector<node_place>{{2, "http://b:1"}, {3, ""}});
  // A node that was restarted, while the lease of its last run holds, is where it is now.
  const auto again = two.whole().lease();
  renewed(*again, true, "http://b:2", std::chrono::minutes{2});
  CHECK(renewed(*first, false).nodes == std::vector<node_place>{{2, "http://b:2"}, {3, ""}});
  CHECK(renewed(*second, false).nodes == std::vector<node_place>{{1, "http://a:1"}, {3, ""}});
  // A lease that has run out is no node.
  run_sql(backend.config().path, "UPDATE node_leases SET alive_until = clock_timestamp()");
  const auto fresh = three.whole().lease();
  CHECK(renewed(*fresh, true).nodes.empty());
}

TEST_CASE("postgres: a node hears with its lease which of its sessions others have recovered") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  opened three{node(backend, 3)};
  std::ignore = one.write(entering(one.create("tea"), 7));
  const auto claim = [](opened& by, std::int64_t claims) {
    CHECK(std::holds_alternative<noted>(
        by.write(op::resume_recoverable{recovery_id{7}, claims})));
  };
  const auto told = [](opened& db) {
    const auto lease = db.whole().lease();
    return renewed(*lease, true).taken;
  };
  claim(two, 0);
  // The other node tells of the user first, so that nobody seems to leave.
  CHECK(told(one).empty());
  const auto second = two.whole().lease();
  REQUIRE(second->renew({.afresh = true, .members = {{room_id{1}, "ann", "ann", 1, {}}}},
                        std::chrono::minutes{1}));
  CHECK(told(one) == std::vector<taken_session>{{recovery_id{7}, 1}});
  CHECK(told(one).empty());
  CHECK(told(two).empty());
  CHECK(told(three).empty());
  claim(three, 1);
  CHECK(told(two).empty());
  // It is not waited for long.
  run_sql(backend.config().path,
          "UPDATE taken_sessions SET taken_at = taken_at - interval '3 s'");
  CHECK(told(two) == std::vector<taken_session>{{recovery_id{7}, 2}});
  CHECK(told(one).empty());
  // Nobody is told of one that had ended, or that comes back to its own node.
  std::ignore = three.write(op::end_recoverable{recovery_id{7}});
  claim(two, 2);
  claim(two, 3);
  for (auto* const each : {&one, &two, &three})
    CHECK(told(*each).empty());
}

namespace {

/// Returns a report of a new run with these members of room 1, or of the same run.
lease_report reporting(bool afresh, std::vector<member_state> members,
                       std::vector<room_id> rooms = {}) {
  return {afresh, std::move(members), std::move(rooms)};
}
member_state in_tea(const std::string& user, std::int64_t sockets) {
  return {room_id{1}, user, "the " + user, sockets,
          sockets == 0 ? leave_reason::kicked : leave_reason::disconnect};
}
/// Returns states as text: the user and the number of sockets.
std::string shown(const std::vector<foreign_member>& members) {
  std::string text;
  for (const auto& each : members)
    text += each.state.user_id + std::to_string(each.state.sockets) + " ";
  return text;
}
constexpr std::chrono::milliseconds long_lease{60'000};

} // namespace

TEST_CASE("postgres: nodes hear of each other's members, each change once") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto here = one.whole().lease();
  const auto there = two.whole().lease();
  const auto renew = [](node_lease& lease, const lease_report& report) {
    auto news = lease.renew(report, long_lease);
    REQUIRE(news);
    return *std::move(news);
  };
  CHECK(renew(*here, reporting(true, {in_tea("ann", 2)})).runs == 0);
  auto news = renew(*there, reporting(true, {in_tea("bob", 1), in_tea("cy", 1)}));
  CHECK(news.runs == 1);
  CHECK(shown(news.changed) == "ann2 ");
  CHECK(news.changed.front().state == in_tea("ann", 2));
  CHECK(shown(renew(*here, reporting(false, {})).changed) == "bob1 cy1 ");
  CHECK(renew(*here, reporting(false, {})).changed.empty());
  renew(*there, reporting(false, {in_tea("cy", 0), in_tea("bob", 3)}));
  news = renew(*here, reporting(false, {}, {room_id{1}, room_id{2}}));
  CHECK(shown(news.changed) == "cy0 bob3 ");
  CHECK(news.changed.front().state.reason == leave_reason::kicked);
  CHECK(shown(news.wanted) == "bob3 ");
  CHECK(news.gone.empty());
  CHECK_FALSE(news.is_over);
  // A node that begins anew reads everything anew.
  news = renew(*here, reporting(true, {}));
  CHECK(news.gone.size() == 1);
  CHECK(news.changed.size() == 3); // those of its own last run too
}

TEST_CASE("postgres: a lease that has run out is over, and its members and sessions with it") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  std::optional<opened> two{node(backend, 2)};
  const auto room = two->create("tea");
  std::ignore = two->write(entering(room, 7));
  const auto here = one.whole().lease();
  const auto there = two->whole().lease();
  REQUIRE(there->renew(reporting(true, {in_tea("bob", 1)}), std::chrono::milliseconds{1}));
  const auto renew = [&] { return *here->renew({}, long_lease); };
  REQUIRE(here->renew(reporting(true, {}), long_lease));
  // It may have been alive when it was read first.
  for (auto news = renew(); news.runs > 0; news = renew())
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CHECK(there->renew(reporting(false, {}), long_lease)->is_over);
  const auto ended = [&] { return (*one.reader().find_recoverable(recovery_id{7}))->ended_at; };
  run_sql(backend.config().path, "SELECT end_leases(6)");
  CHECK_FALSE(ended()); // since it can still write
  two.reset();
  // Its sessions are ended within a second.
  while (!ended()) {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    std::ignore = renew();
  }
  CHECK(ended()->value > now.value); // by PostgreSQL's clock
  const auto news = there->renew(reporting(true, {in_tea("bob", 2)}), long_lease);
  REQUIRE(news);
  CHECK_FALSE(news->is_over);
  CHECK(shown(renew().changed) == "bob2 ");
}

TEST_CASE("postgres: whoever is in a room on another node is read, and counted once") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto here = one.whole().lease();
  const auto there = two.whole().lease();
  const auto in_room = [](std::int64_t room, const std::string& user, std::int64_t sockets) {
    return member_state{room_id{room}, user, "the " + user, sockets};
  };
  const auto report = [](node_lease& lease, bool afresh, std::vector<member_state> members) {
    REQUIRE(lease.renew(reporting(afresh, std::move(members)), long_lease));
  };
  report(*here, true, {in_room(1, "ann", 2), in_room(3, "ann", 1)});
  report(*there, true, {in_room(1, "ann", 1), in_room(1, "bob", 1), in_room(1, "cy", 1)});
  report(*there, false, {in_room(1, "cy", 0)});
  const std::vector rooms{room_id{3}, room_id{2}, room_id{1}};
  using numbers = std::vector<std::int64_t>;
  opened three{node(backend, 3)}; // which has told nothing yet
  CHECK(three.reader().count_members(rooms).value() == numbers{1, 0, 2});
  CHECK(three.reader().read_members(room_id{1})->size() == 3);
  CHECK(three.reader().read_members(room_id{2})->empty());
  CHECK(three.reader().count_members({}).value().empty());
  const auto ann = two.reader().read_members(room_id{3}).value().front();
  CHECK(ann.state == in_room(3, "ann", 1));
  // What a node has told itself is not elsewhere.
  CHECK(one.reader().count_members(rooms).value() == numbers{0, 0, 2});
  CHECK(shown(one.reader().read_members(room_id{1}).value()) == "ann1 bob1 ");
  CHECK(shown(two.reader().read_members(room_id{1}).value()) == "ann2 ");
  // A node whose lease is over has no members.
  run_sql(backend.config().path, "UPDATE node_leases SET alive_until = clock_timestamp()"
                                 " WHERE node_id = 2");
  CHECK(three.reader().count_members(rooms).value() == numbers{1, 0, 1});
  CHECK(one.reader().read_members(room_id{1})->empty());
  // A node that begins anew may still have members of the run before.
  report(*here, true, {});
  CHECK(shown(one.reader().read_members(room_id{1}).value()) == "ann2 ");
}

TEST_CASE("postgres: a server that is alone on its database knows of no other's members") {
  const postgres_backend backend;
  opened alone{backend.config()};
  run_sql(backend.config().path,
          "INSERT INTO node_leases (run, node_id, wire, alive_until)"
          " VALUES (1, 1, 1, now() + interval '1 h');"
          "INSERT INTO run_members VALUES (1, 1, 'ann', 'ann', 1, 0, 1)");
  CHECK(alone.reader().read_members(room_id{1})->empty());
  const std::vector rooms{room_id{1}};
  CHECK(alone.reader().count_members(rooms).value() == std::vector<std::int64_t>{0});
}

TEST_CASE("postgres: a node that begins hears which settings the others have") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  opened three{node(backend, 3)};
  const auto begun = [](node_lease& lease, std::string settings,
                        std::chrono::milliseconds length = long_lease) {
    auto news = lease.renew({.afresh = true, .settings = std::move(settings)}, length);
    REQUIRE(news);
    return std::move(news->settings);
  };
  const auto first = one.whole().lease();
  const auto second = two.whole().lease();
  const auto third = three.whole().lease();
  CHECK(begun(*first, "a=1\n").empty());
  CHECK(begun(*second, "").size() == 1);
  using all = std::vector<node_settings>;
  CHECK(begun(*third, "a=3\n") == all{{1, "a=1\n"}}); // the second one has not said
  // A node that was restarted has those of its last run.
  const auto again = one.whole().lease();
  CHECK(begun(*again, "a=2\n", 2 * long_lease) == all{{3, "a=3\n"}});
  CHECK(begun(*third, "a=3\n") == all{{1, "a=2\n"}});
  // They are told once.
  CHECK(renewed(*third, false).settings.empty());
  run_sql(backend.config().path, "UPDATE node_leases SET alive_until = clock_timestamp()");
  CHECK(begun(*third, "a=3\n").empty());
}

TEST_CASE("postgres: users whom one node dismisses are told to each of the others, once") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  opened three{node(backend, 3)};
  const auto first = one.whole().lease();
  const auto second = two.whole().lease();
  const auto third = three.whole().lease();
  for (auto* const each : {first.get(), second.get(), third.get()})
    CHECK(renewed(*each, true).dismissed.empty());
  using users = std::set<std::string>;
  const auto gone = [](node_lease& lease) {
    const auto news = renewed(lease, false).dismissed;
    return users{news.begin(), news.end()};
  };
  const auto told = first->renew({.dismissed = {"ann", "bob"}}, long_lease);
  REQUIRE(told);
  CHECK(told->dismissed.empty());
  CHECK(gone(*second) == users{"ann", "bob"});
  CHECK(gone(*second).empty());
  CHECK(gone(*third) == users{"ann", "bob"});
  // A node that is not there is told nothing later.
  run_sql(backend.config().path,
          "UPDATE node_leases SET alive_until = clock_timestamp() WHERE node_id = 3");
  REQUIRE(first->renew({.dismissed = {"cy"}}, long_lease));
  CHECK(renewed(*third, true).dismissed.empty());
  CHECK(gone(*second) == users{"cy"});
  // One that begins anew long afterwards has none of the connections that were meant.
  REQUIRE(first->renew({.dismissed = {"dan"}}, long_lease));
  run_sql(backend.config().path,
          "UPDATE dismissed_users SET said_at = said_at - interval '1 min'");
  CHECK(renewed(*second, true).dismissed.empty());
}

TEST_CASE(
    "postgres: a node whose lease is over dismisses nobody, and hears with the next of whom") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto first = one.whole().lease();
  const auto second = two.whole().lease();
  renewed(*first, true);
  renewed(*second, true);
  REQUIRE(second->renew({.dismissed = {"ann"}}, long_lease));
  run_sql(backend.config().path,
          "UPDATE node_leases SET alive_until = clock_timestamp() WHERE node_id = 1");
  const auto news = first->renew({.dismissed = {"bob"}}, long_lease);
  REQUIRE(news);
  CHECK(news->is_over);
  CHECK(renewed(*second, false).dismissed.empty());
  CHECK(renewed(*first, true).dismissed == std::vector<std::string>{"ann"});
}
