// What nodes on one PostgreSQL know of how they reach each other.
#include "tests/persistence/store_fixture.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

namespace {

store_config numbered(const postgres_backend& backend, std::int64_t number) {
  auto config = backend.config();
  config.node_id = number;
  config.search_index = backend.folder.file("search-" + std::to_string(number) + ".db");
  return config;
}

lease_news renewed(node_lease& lease, bool afresh, std::string url = {},
                   std::chrono::milliseconds length = std::chrono::minutes{1}) {
  auto news = lease.renew({.afresh = afresh, .url = std::move(url)}, length, timestamp{1});
  REQUIRE(news);
  return *std::move(news);
}

} // namespace

TEST_CASE("postgres: nodes hear where the others are, as long as their leases hold") {
  const postgres_backend backend;
  opened one{numbered(backend, 1)};
  opened two{numbered(backend, 2)};
  opened three{numbered(backend, 3)};
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
