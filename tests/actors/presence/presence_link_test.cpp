// Who is in a room on several nodes.
#include "tests/actors/reader_around.hpp"
#include "tests/actors/room/node_world.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// Nodes that share a log and a board, and whose times go together.
struct cluster_world {
  explicit cluster_world(std::size_t count, const chat_settings& settings = {}) {
    for (std::size_t i = 0; i < count; ++i) {
      failing.push_back(std::make_shared<lease_fault>(lease_fault::none));
      auto options = node_world::options(store);
      options.settings = settings;
      options.board = board;
      options.board_fault = failing.back();
      notices.push_back(std::make_shared<std::vector<chat_notice>>());
      options.notices = notices.back();
      options.on_lease = [this, i](const lease_change& change) {
        told += std::to_string(i) + (change.is_held ? " held after " : " lost ") +
                std::to_string(change.lasted.count()) + "; ";
      };
      nodes.push_back(std::make_unique<chat_world>(options));
    }
  }
  /// Moves all times, in steps in which nodes report and read.
  void advance(std::chrono::milliseconds time) {
    constexpr auto step = 100ms;
    for (; time > 0ms; time -= step) {
      board->time += step;
      for (const auto& each : nodes)
        if (each) each->advance(step);
    }
  }
  void settle() { advance(1'200ms); }
  chat_world& operator[](std::size_t i) { return *nodes[i]; }

  std::shared_ptr<shared_log> store = std::make_shared<shared_log>();
  std::shared_ptr<presence_board> board = std::make_shared<presence_board>();
  std::vector<std::shared_ptr<lease_fault>> failing;
  std::string told; ///< what the log is told of leases
  std::vector<std::shared_ptr<std::vector<chat_notice>>> notices; ///< of each node's host
  std::vector<std::unique_ptr<chat_world>> nodes;
};

std::string members_of(client& who) {
  return who.ask(R"(429["get_members",{"room":"lobby"}])").front();
}
/// Returns the events of presence, each as `+name total` or `-name total`.
std::string presence_in(const texts& came) {
  std::string text;
  for (const auto& each : came) {
    const bool joined = each.starts_with(R"(42["user_joined")");
    if (!joined && !each.starts_with(R"(42["user_left")")) continue;
    const auto value = [&each](const std::string& name) {
      const auto at = each.find("\"" + name + "\":") + name.size() + 3;
      auto found = each.substr(at, each.find_first_of(",}", at) - at);
      std::erase(found, '"');
      return found;
    };
    text += (joined ? "+" : "-") + value("user_id") + " " + value("members_total") + " ";
  }
  return text;
}

TEST_CASE("a member on another node is told, counted and listed, once for all nodes") {
  cluster_world all{2};
  auto& ann = all[0].member("ann");
  auto& ben = all[1].member("ben");
  all.settle();
  CHECK(presence_in(ann.take()) == "+ben 2 ");
  CHECK(presence_in(ben.take()) == "+ann 2 ");
  const std::string both =
      R"("members":[{"user_id":"ann","username":"ann","connections":1},)"
      R"({"user_id":"ben","username":"ben","connections":1}],"members_total":2)";
  CHECK_THAT(members_of(ann), Catch::Contains(both));
  CHECK_THAT(members_of(ben), Catch::Contains(both));
  CHECK(all[0].users_in(room_id{1}) == 2);
  // A user on both nodes is one user, who comes once and goes once.
  auto& ben2 = all[0].member("ben");
  all.settle();
  CHECK(presence_in(ann.take()).empty());
  CHECK_THAT(members_of(ann),
             Catch::Contains(R"("user_id":"ben","username":"ben","connections":2)"));
  ben.close();
  all.settle();
  CHECK(presence_in(ann.take()).empty());
  auto& cy = all[1].member("cy");
  all.settle();
  CHECK(presence_in(ann.take()) == "+cy 3 ");
  ben2.close();
  all.settle();
  CHECK(presence_in(ann.take()) == "-ben 2 ");
  CHECK(presence_in(cy.take()) == "-ben 2 ");
}

TEST_CASE("a page of members goes on over those of other nodes") {
  cluster_world all{2};
  auto& ann = all[0].member("ann");
  for (const auto* name : {"dee", "bob"})
    (void)all[1].member(name);
  (void)all[0].member("cy");
  all.settle();
  (void)ann.take();
  std::string after;
  for (const std::string name : {"ann", "bob", "cy", "dee"}) {
    const auto page = ann.ask(R"(429["get_members",{"room":"lobby","limit":1)" + after + "}]");
    CHECK_THAT(page.front(), Catch::Contains("[{\"user_id\":\"" + name + "\""));
    after = R"(,"after":")" + name + "\"";
  }
}

TEST_CASE("the members of a dead node are gone after its lease, unless they came back") {
  cluster_world all{3};
  auto& ann = all[0].member("ann");
  auto& eve = all[1].member("eve");
  (void)all[2].member("ben");
  (void)all[2].member("cy");
  all.settle();
  (void)ann.take();
  (void)eve.take();
  all.nodes[2] = nullptr; // it says nothing any more
  all.advance(5s);
  auto& ben = all[1].member("ben");
  all.advance(3s);
  CHECK(presence_in(ann.take()).empty());
  CHECK(presence_in(eve.take()).empty());
  all.advance(5s);
  CHECK(ann.take() == texts{left_lobby("cy", "timeout", 3)});
  CHECK(eve.take() == texts{left_lobby("cy", "timeout", 3)});
  CHECK_THAT(members_of(ben), Catch::Contains(R"("members_total":3)"));
  all.advance(20s);
  CHECK(ann.take().empty());
}

TEST_CASE("a node that cannot renew its lease gives its members up before the others do") {
  cluster_world all{2};
  auto& ann = all[0].member("ann");
  auto& ben = all[1].member("ben");
  all.settle();
  (void)ann.take();
  *all.failing[1] = lease_fault::refuses;
  all.advance(6s);
  CHECK_FALSE(ben.connection().closed);
  CHECK(all.told.empty());
  all.advance(2'500ms);
  CHECK(ben.connection().closed == close_reason::lease_lost);
  CHECK(presence_in(ann.take()).empty());
  CHECK(all[1].users_in(room_id{1}) == 1); // Ann, as far as is known there
  SECTION("the lease runs out") {
    all.advance(4s);
    CHECK(all.told == "1 lost 0; "); // once, however often it is tried
    CHECK(ann.take() == texts{left_lobby("ben", "timeout", 1)});
    *all.failing[1] = lease_fault::none;
    all.advance(3s);
    CHECK_THAT(all.told, Catch::StartsWith("1 lost 0; 1 held after "));
    CHECK(std::ranges::count(all.told, ';') == 2);
    CHECK(ann.take().empty());
    (void)all[1].member("ben");
    all.advance(3s);
    CHECK(presence_in(ann.take()) == "+ben 2 ");
  }
  SECTION("the store answers just in time") {
    *all.failing[1] = lease_fault::none;
    auto& back = all[1].member("ben");
    all.advance(3s);
    CHECK(presence_in(ann.take()).empty());
    CHECK(presence_in(back.take()).empty()); // although all was read anew there
    CHECK_THAT(members_of(ann), Catch::Contains(R"("members_total":2)"));
    CHECK_FALSE(back.connection().closed);
  }
}

TEST_CASE("a node that stood still tells of nobody whom it gives up") {
  cluster_world all{2};
  auto& ann = all[0].member("ann");
  auto& ben = all[1].member("ben");
  all.settle();
  (void)ann.take();
  for (int i = 0; i < 120; ++i) {
    all.board->time += 100ms;
    all[0].advance(100ms);
  }
  CHECK(ann.take() == texts{left_lobby("ben", "timeout", 1)});
  all[1].advance(12s); // it goes on
  CHECK(ben.connection().closed == close_reason::lease_lost);
  all[0].advance(1'200ms);
  all.settle();
  CHECK(presence_in(ann.take()).empty());
  (void)all[1].member("ben");
  all.settle();
  CHECK(presence_in(ann.take()) == "+ben 2 ");
}

TEST_CASE("a member's new name is shown on other nodes too") {
  cluster_world all{2};
  auto& ann = all[0].member("ann");
  auto& ben = all[1].member("ben");
  all.settle();
  (void)ben.take();
  const auto renamed = std::make_shared<const user>(user{"ann", "Dr. Ann"});
  compat::anon_send(all[0].rooms.front(), room_renewal{ann.id(), renamed});
  all.settle();
  CHECK(members_of(ben).find(R"({"user_id":"ann","username":"Dr. Ann","connections":1})") !=
        std::string::npos);
  CHECK(presence_in(ben.take()).empty());
}

TEST_CASE("a node hears which others there are once it has a lease, if there are none too") {
  std::vector<std::vector<node_place>> told;
  auto options = node_world::options(std::make_shared<shared_log>());
  options.board = std::make_shared<presence_board>();
  const auto fails = std::make_shared<lease_fault>(lease_fault::refuses);
  options.board_fault = fails;
  options.on_nodes = [&told](const auto& nodes) { told.push_back(nodes); };
  chat_world alone{options};
  alone.advance(1s);
  CHECK(told.empty());
  *fails = lease_fault::none;
  alone.advance(1s);
  CHECK(told == std::vector<std::vector<node_place>>{{}});
  alone.advance(5s);
  CHECK(told.size() == 1);
}

TEST_CASE("a node hears with its lease which sessions others have taken from it") {
  cluster_world all{1};
  auto& ben = all[0].open();
  const auto came = ben.ask(R"(40{"recover":true,"username":"ben"})");
  all.settle();
  CHECK_FALSE(ben.connection().closed);
  all.board->taken = {{identity_of(field(came.front(), "pid")).id, 1}};
  all.settle();
  CHECK(ben.connection().closed == close_reason::superseded);
}

TEST_CASE("a user who is on two nodes has one rate on both together") {
  constexpr auto burst = 80;
  chat_settings settings;
  settings.rates.per_user[rated::events] = {0.001, burst};
  cluster_world all{2, settings};
  const std::array places{&all[0].member("ann"), &all[1].member("ann")};
  all.settle();
  auto done = 2; // the joins
  for (auto i = 0; i < burst; ++i)
    for (auto* const each : places)
      if (!any_has(each->ask(R"(421["get_members","lobby"])"), "rate_limited")) ++done;
  // Each io thread holds an eighth, and may spend one on credit.
  CHECK(done >= burst * 6 / 8);
  CHECK(done <= burst * 10 / 8);
}

TEST_CASE("a node that stops takes nobody's leave") {
  cluster_world all{2};
  auto& ann = all[0].member("ann");
  auto& ben = all[1].member("ben");
  all.settle();
  (void)ann.take();
  CHECK(all[1].ask<bool>(all[1].presence, presence_freeze{}));
  ben.close(close_reason::shutdown);
  all.advance(2s);
  CHECK(presence_in(ann.take()).empty());
  all.nodes[1] = nullptr;
  auto& back = all[0].member("ben");
  all.advance(15s);
  CHECK(presence_in(ann.take()).empty());
  CHECK_THAT(members_of(back), Catch::Contains(R"("members_total":2)"));
}

TEST_CASE("a room that wakes begins with those who are there already") {
  cluster_world all{2};
  (void)all[1].member("ben");
  all.settle();
  auto& ann = all[0].connect("ann");
  CHECK_THAT(ann.ask(R"(421["join_room","lobby"])").front(),
             Catch::Contains(R"({"user_id":"ben","username":"ben","connections":1}],)"
                             R"("members_total":2)"));
  CHECK(all[0].users_in(room_id{1}) == 2);
  all.settle();
  CHECK(presence_in(ann.take()).empty()); // they are told once
  CHECK_THAT(members_of(ann), Catch::Contains(R"("members_total":2)"));
  CHECK(all[0].ask<presence_stats>(all[0].presence, ask_presence_stats{}).nodes == 1);
}

TEST_CASE("a room that sleeps has the members of the other nodes, and is not woken for them") {
  cluster_world all{3};
  (void)all[1].member("ann");
  auto& ben = all[1].member("ben");
  (void)all[2].member("ann");
  all.settle();
  CHECK(all[0].users_in(room_id{1}) == 2);
  ben.close();
  all.settle();
  CHECK(all[0].users_in(room_id{1}) == 1);
  CHECK(all[0].rooms_awake() == 0);
  // Those of nodes that have died are gone with the lease.
  all.nodes[1] = nullptr;
  all.nodes[2] = nullptr;
  all.advance(9s);
  CHECK(all[0].users_in(room_id{1}) == 1);
  all.advance(3s);
  CHECK(all[0].users_in(room_id{1}) == 0);
}

TEST_CASE("a room that wakes knows nobody elsewhere who was on its own node alone") {
  chat_settings settings;
  settings.room_linger = 100ms;
  cluster_world all{1, settings};
  auto& ann = all[0].member("ann");
  all.settle();
  *all.failing[0] = lease_fault::refuses; // so that nobody is told that she leaves
  ann.close();
  all.settle();
  CHECK(all[0].rooms_awake() == 0);
  CHECK(all[0].users_in(room_id{1}) == 0);
  auto& again = all[0].member("ann");
  CHECK_THAT(members_of(again), Catch::Contains(R"("username":"ann","connections":1}])"));
}

TEST_CASE("whoever is in a closed room on two nodes is told of as having left on both") {
  cluster_world all{2};
  (void)all[0].member("bob");
  all.settle();
  (void)all[1].member("bob");
  all.settle();
  const auto left_on = [&all](std::size_t i) {
    std::string text;
    for (const auto& each : *all.notices[i])
      if (each.kind == notice_kind::left) text += each.user_id + " " + each.why + "; ";
    return text;
  };
  CHECK(left_on(0).empty());
  // Both nodes close it before either has heard of who is left on the other.
  const op::change_room closing{room_id{1}, std::nullopt, std::nullopt, "root", true};
  REQUIRE(std::holds_alternative<room_order>(all.store->write(closing, noon)));
  for (std::size_t i = 0; i < 2; ++i) {
    compat::anon_send(all[i].rooms.back(), log_moved{{room_id{1}, sequence{0}, revision{1}}});
    all[i].run();
  }
  CHECK(left_on(0) == "bob kicked; ");
  CHECK(left_on(1) == "bob kicked; ");
  all.settle();
  CHECK(left_on(0) == "bob kicked; ");
  CHECK(left_on(1) == "bob kicked; ");
}

TEST_CASE("who leaves on one node is told of as having left on the last") {
  cluster_world all{2};
  auto& bob = all[0].member("bob");
  all.settle();
  auto& also_bob = all[1].member("bob");
  all.settle();
  bob.close();
  all.settle();
  CHECK(std::ranges::none_of(
      *all.notices[0], [](const chat_notice& each) { return each.kind == notice_kind::left; }));
  also_bob.close();
  all.settle();
  REQUIRE_FALSE(all.notices[1]->empty());
  CHECK(all.notices[1]->back().kind == notice_kind::left);
}

/// Reads one member too many: one who has left since, as the other node has told already.
class late_reader final : public reader_around {
 public:
  late_reader(std::unique_ptr<store_reader> real, foreign_member left)
      : reader_around(std::move(real)), left_(std::move(left)) {}
  expected<std::vector<foreign_member>, store_error> read_members(room_id room) override {
    auto members = reader_around::read_members(room);
    members->push_back(left_);
    return members;
  }

 private:
  foreign_member left_;
};

TEST_CASE("who leaves another node while a room wakes is told to have left") {
  cluster_world all{1};
  auto options = node_world::options(all.store);
  options.board = all.board;
  options.board_fault = all.failing.front();
  options.wrap_reader = [](std::unique_ptr<store_reader> real) {
    return std::make_unique<late_reader>(std::move(real),
                                         foreign_member{1, {room_id{1}, "ben", "ben", 1}});
  };
  (void)all[0].member("cy");
  all.settle();
  all.nodes.push_back(std::make_unique<chat_world>(options));
  auto& ann = all[1].member("ann");
  CHECK_THAT(members_of(ann), Catch::Contains(R"("members_total":3)"));
  all.settle();
  CHECK(ann.take() == texts{left_lobby("ben", "disconnect", 2)});
}

} // namespace
} // namespace hubbub::test
