#include "net/api/admin_ui.hpp"
#include "proto/json/json.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <string_view>

namespace hubbub::test {
namespace {

json::document stats_of(const server_stats& now, const server_stats& before,
                        std::int64_t node) {
  auto parsed = json::parse(admin_ui_stats(now, before, node, timestamp{4'000'000'000'000}), 8);
  REQUIRE(parsed);
  return std::move(*parsed);
}

TEST_CASE("the Admin UI is told how the counters grew, and nothing of those that did not") {
  server_stats before;
  before.sessions_opened = 5;
  before.bytes_sent = 100;
  auto now = before;
  now.sessions_open = 4;
  now.polling_open = 1;
  now.sessions_opened = 7;
  now.closed[static_cast<std::size_t>(close_reason::ping_timeout)] = 3;
  const auto told = stats_of(now, before, 0);
  const auto root = told.root();
  CHECK(root.find("clientsCount").integer() == 4);
  CHECK(root.find("pollingClientsCount").integer() == 1);
  CHECK(root.find("serverId").string() == root.find("hostname").string());
  const auto events = root.find("aggregatedEvents");
  REQUIRE(events.size() == 2);
  CHECK(events.at(0).find("type").string() == "rawConnection");
  CHECK(events.at(0).find("count").integer() == 2);
  CHECK(events.at(0).find("timestamp").integer() == 4'000'000'000'000);
  CHECK(events.at(1).find("type").string() == "rawDisconnection");
  CHECK(events.at(1).find("subType").string() == "ping_timeout");
  CHECK(events.at(1).find("count").integer() == 3);
}

TEST_CASE("the Admin UI can tell the nodes of a cluster on one machine apart") {
  const auto told = stats_of({}, {}, 12);
  const auto id = told.root().find("serverId").string().value_or("");
  CHECK(id.ends_with("#12"));
  CHECK(told.root().find("aggregatedEvents").size() == 0);
}

} // namespace
} // namespace hubbub::test
