#include "net/program/upgrade.hpp"
#include "tests/support/catch.hpp"

#include <chrono>

using namespace hubbub;
using namespace std::chrono_literals;

TEST_CASE("the sessions of a server that was replaced come back no faster than they can be "
          "recovered") {
  hubbub_config config;
  config.server.bounds.max_accept_rate = 2'000;
  config.chat.recovery_window = 2min;
  CHECK(closing_time(config, 0) == 0ms);
  CHECK(closing_time(config, 10'000) == 10s);
  config.server.bounds.max_accept_rate = 20'000;
  CHECK(closing_time(config, 10'000) == 5s);
  config.drain_time = 20s;
  CHECK(closing_time(config, 10'000) == 20s);
  // Later they could not be recovered any more.
  CHECK(closing_time(config, 1'000'000) == 1min);
  config.drain_time = 10min;
  CHECK(closing_time(config, 10) == 1min);
}

TEST_CASE("the socket for upgrades lies beside the database, or where it is named") {
  hubbub_config config;
  config.store.path = "/var/lib/chat.db";
  CHECK(config.control_path() == "/var/lib/chat.db.control");
  config.control = "/run/chat.control";
  CHECK(config.control_path() == "/run/chat.control");
  config = {};
  config.store.path = ":memory:";
  CHECK(config.control_path().empty());
  config.store.path = "postgres://db/chat";
  const auto first = config.control_path();
  CHECK(first == "hubbub-9824a420.control"); // the same in every version
  config.store.path = "postgres://db/other";
  CHECK(config.control_path() != first);
  config.store.path = "postgres://db/chat";
  config.store.node_id = 2;
  CHECK(config.control_path() != first);
  config.store.search_index = "/var/lib/search.db";
  CHECK(config.control_path() == "/var/lib/search.db.control");
}
