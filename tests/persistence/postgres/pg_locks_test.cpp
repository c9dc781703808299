// Several servers on one PostgreSQL whose batches need the same rows: none of them waits for
// one that waits for it.
#include "persistence/postgres/pg_connection.hpp"
#include "tests/persistence/postgres/pg_node.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

namespace {

/// Returns the configuration of a node that is never freed from a deadlock by PostgreSQL: its
/// batch fails instead, when it has waited too long for a lock.
store_config patient_node(const postgres_backend& backend, std::int64_t number) {
  auto config = node(backend, number);
  config.path += "%20-cdeadlock_timeout%3D60s";
  return config;
}

/// A transaction on a connection of its own, which holds locks until it is told to end.
class holder {
 public:
  holder(const postgres_backend& backend, const std::string& what)
      : open_(pg::connection::open(backend.config().path, std::chrono::seconds{10})) {
    REQUIRE(open_);
    run("BEGIN; " + what);
  }
  void run(const std::string& script) {
    REQUIRE(open_->run_script(script, std::chrono::seconds{10}));
  }

 private:
  expected<pg::connection, std::string> open_;
};

using batch = std::vector<write_op>;

bool is_committed(opened& db, const batch& ops) {
  return std::ranges::none_of(db.writer().commit(ops, now), [](const write_outcome& each) {
    return failed_with(each, store_error::io);
  });
}

/// Waits until so many batches wait for a lock; false if they do not within some seconds.
bool are_waiting(int batches) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (std::chrono::steady_clock::now() < until)
    if (sql_value(postgres_server::shared(),
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") ==
        std::to_string(batches))
      return true;
  return false;
}

} // namespace

TEST_CASE("postgres: batches that need each other's sessions never wait in a circle") {
  const postgres_backend backend;
  opened one{patient_node(backend, 1)};
  opened two{patient_node(backend, 2)};
  const auto room = one.create("tea");
  const auto other = one.create("milk");
  one.fill(room, 2);
  const recovery_id low{5};
  const recovery_id high{9};
  std::ignore = one.write(entering(room, low.value));
  std::ignore = one.write(entering(room, high.value));
  const auto read = [room](const std::string& user, std::int64_t seq) {
    return op::mark_read{room, user, sequence{seq}};
  };
  for (const std::string user : {"hold-1", "hold-2", "zoe"})
    std::ignore = one.write(read(user, 1));
  // The first batch waits for what is held here, and the second one for the first.
  batch first;
  batch second;
  std::string held = "SELECT FROM read_markers WHERE user_id LIKE 'hold-%' FOR UPDATE";
  SECTION("one claims what the other ends") {
    first = {read("hold-1", 2), op::resume_recoverable{low, 0}, op::end_recoverable{high}};
    second = {read("hold-2", 2), op::resume_recoverable{high, 0}, op::end_recoverable{low}};
  }
  SECTION("one marks a room as read before it ends a session that the other claims") {
    first = {op::resume_recoverable{low, 0}, read("hold-1", 2), read("zoe", 2)};
    second = {read("zoe", 2), op::end_recoverable{low}};
  }
  SECTION("one bans a user, whose sessions the other claims and ends") {
    std::ignore = one.write(op::end_recoverable{high});
    first = {read("hold-1", 2), op::resume_recoverable{high, 0}, op::end_recoverable{low}};
    second = {op::end_recoverable{low},
              op::set_standing{room, standing_kind::ban, "ann", "eve"}};
  }
  SECTION("one takes a user off the roster, whose sessions leave one after the other") {
    std::ignore = one.write(op::set_standing{room, standing_kind::member, "ann", "eve"});
    std::ignore = one.write(op::change_room{room, true});
    std::ignore = one.write(op::set_standing{other, standing_kind::mute, "eve", "eve"});
    held = "SELECT FROM standings WHERE user_id = 'eve' FOR UPDATE";
    first = {op::leave_recoverable{high, room},
             op::drop_standing{other, standing_kind::mute, "eve", "eve"},
             op::leave_recoverable{low, room}};
    second = {op::drop_standing{room, standing_kind::member, "ann", "eve"}};
  }
  std::future<bool> here;
  std::future<bool> there;
  holder holds{backend, held};
  here = std::async(std::launch::async, [&] { return is_committed(one, first); });
  CHECK(are_waiting(1));
  there = std::async(std::launch::async, [&] { return is_committed(two, second); });
  CHECK(are_waiting(2));
  holds.run("COMMIT");
  CHECK(here.get());
  CHECK(there.get());
}

TEST_CASE(
    "postgres: a node that starts ends its sessions without waiting for one that is claimed") {
  const postgres_backend backend;
  opened two{node(backend, 2)};
  {
    opened one{node(backend, 1)};
    const auto room = one.create("tea");
    for (std::int64_t session = 1; session <= 3; ++session)
      std::ignore = one.write(entering(room, session));
  }
  std::future<void> starting; // ends after the holder, for which it may wait
  holder claims{backend, "SELECT FROM recoverable WHERE session = 2 FOR UPDATE"};
  starting = std::async(std::launch::async, [&] { opened one{node(backend, 1)}; });
  const auto is_over = [&](std::int64_t session) {
    return (*two.reader().find_recoverable(recovery_id{session}))->ended_at.has_value();
  };
  // It has not begun to serve, and others need not wait for what it has ended.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (!(is_over(1) && is_over(3)) && std::chrono::steady_clock::now() < until) {
  }
  CHECK(is_over(1));
  CHECK(is_over(3));
  CHECK_FALSE(is_over(2));
  claims.run("UPDATE recoverable SET node_id = 2 WHERE session = 2; COMMIT");
  starting.get();
  CHECK_FALSE(is_over(2));
}
