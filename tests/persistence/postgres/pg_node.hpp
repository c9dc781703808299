#pragma once

#include "tests/persistence/store_fixture.hpp"

#include <cstdint>
#include <string>

namespace hubbub::test {

/// Returns the configuration of one of several servers on a PostgreSQL.
inline store_config node(const postgres_backend& backend, std::int64_t number) {
  auto config = backend.config();
  config.node_id = number;
  config.dedupe_window_ms = 60'000; // by PostgreSQL's clock, which no test advances
  config.search_index = backend.folder.file("search-" + std::to_string(number) + ".db");
  return config;
}

/// Returns the order that has a session of Ann's enter a room.
inline op::enter_recoverable entering(room_id room, std::int64_t session) {
  op::enter_recoverable op;
  op.session = recovery_id{session};
  op.pid_hash.fill(3);
  op.sid = "sid";
  op.user_id = "ann";
  op.username = "ann";
  op.room = room;
  return op;
}

} // namespace hubbub::test
