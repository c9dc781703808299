// Exceeds each bound on what all connections together may use.
#include "net/admission/process_memory.hpp"
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <malloc.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace hubbub::test {

using Catch::Matchers::Contains;

namespace {

std::uint64_t refused(server_world& world, refused_for why) {
  return world.stats().refused.at(static_cast<std::size_t>(why));
}

/// Checks that the connection is refused without a request, told when to come back, and ended.
void check_refused(raw_client& client) {
  const auto answer = client.read_response();
  CHECK(answer.status == 503);
  CHECK_THAT(answer.head, Contains("Retry-After: "));
  CHECK_THAT(answer.head, Contains("Connection: close"));
  CHECK_THAT(answer.body, Contains("overloaded"));
  CHECK(client.read_to_end().empty());
}

/// Checks that a connection is served as soon as the server has room again. Only some of many
/// refused clients are told so; the others are cut off while they still send.
void check_admitted(std::uint16_t port) {
  for (;;) {
    raw_client client{port};
    client.try_send("GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    if (client.read_to_end().starts_with("HTTP/1.1 404 ")) return;
  }
}

} // namespace

TEST_CASE("connections over the bound are told to come back, and others take their place") {
  local_config config;
  config.bounds.max_connections = 3;
  server_world world{config};
  std::vector<std::unique_ptr<raw_client>> open;
  for (int i = 0; i < 3; ++i) {
    open.push_back(std::make_unique<raw_client>(world.port()));
    CHECK(open.back()->get("/none").status == 404);
  }
  CHECK(world.stats().sockets_open == 3);
  raw_client surplus{world.port()};
  check_refused(surplus);
  CHECK(refused(world, refused_for::connections) == 1);
  CHECK(open.front()->get("/none").status == 404);
  open.pop_back();
  check_admitted(world.port());
}

TEST_CASE("connections of one address have a bound of their own") {
  local_config config;
  config.bounds.max_connections_per_address = 2;
  server_world world{config};
  raw_client first{world.port()};
  raw_client second{world.port()};
  CHECK(first.get("/none").status == 404);
  CHECK(second.get("/none").status == 404);
  raw_client surplus{world.port()};
  check_refused(surplus);
  CHECK(refused(world, refused_for::address) == 1);
}

TEST_CASE("a WebSocket keeps its place, also where it moves to another thread") {
  local_config config;
  config.io_threads = 3;
  config.bounds.max_connections = 100;
  server_world world{config};
  {
    raw_client opener{world.port()};
    std::vector<std::unique_ptr<raw_client>> upgraded;
    for (int i = 0; i < 9; ++i) {
      const auto sid = open_session(opener);
      upgraded.push_back(std::make_unique<raw_client>(world.port()));
      upgraded.back()->send(websocket_request(by_websocket + "&sid=" + sid) +
                            client_frame("2probe"));
      upgraded.back()->read_until("3probe");
    }
    CHECK(world.stats().sockets_open == 10);
  }
  while (world.stats().sockets_open > 0) {
  }
}

TEST_CASE("a session that is one too many of its address is closed") {
  local_config config;
  config.bounds.max_connections_per_address = 4;
  server_world world{config};
  raw_client client{world.port()};
  std::vector<std::string> sids;
  for (int i = 0; i < 4; ++i)
    sids.push_back(open_session(client));
  static_cast<void>(open_session(client));
  while (world.stats().sessions_open > 4) {
  }
  CHECK(refused(world, refused_for::address) == 1);
  for (const auto& sid : sids)
    CHECK(client.post(polling + "&sid=" + sid, "4still here").body == "ok");
}

TEST_CASE("clients behind a trusted proxy are counted by their own addresses") {
  local_config config;
  config.bounds.max_connections_per_address = 2;
  config.trusted_proxies = {parse_block("127.0.0.1").value()};
  server_world world{config};
  std::vector<std::unique_ptr<raw_client>> open;
  for (int i = 0; i < 6; ++i) {
    auto& proxied = *open.emplace_back(std::make_unique<raw_client>(world.port()));
    proxied.send("GET " + polling + " HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2." +
                 std::to_string(i / 2) + "\r\n\r\n");
    CHECK(proxied.read_response().status == 200);
  }
  CHECK(world.stats().sessions_open == 6);
  open.front()->send("GET " + polling +
                     " HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
  CHECK(open.front()->read_response().status == 200);
  while (world.stats().sessions_open > 6) {
  }
  CHECK(refused(world, refused_for::address) == 1);
}

TEST_CASE("connections that come too fast are shed, and let in a little later") {
  local_config config;
  config.bounds.max_accept_rate = 5;
  server_world world{config};
  int shed = 0;
  std::vector<std::unique_ptr<raw_client>> open;
  for (int i = 0; i < 50; ++i) {
    auto& client = *open.emplace_back(std::make_unique<raw_client>(world.port()));
    client.try_send("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = client.read_response();
    if (answer.status == 404) continue;
    REQUIRE(answer.status == 503);
    CHECK_THAT(answer.head, Contains("Retry-After: 1\r\n"));
    ++shed;
  }
  CHECK(shed > 0);
  CHECK(refused(world, refused_for::rate) == static_cast<std::uint64_t>(shed));
  CHECK(world.stats().http_requests == static_cast<std::uint64_t>(50 - shed));
  check_admitted(world.port());
}

TEST_CASE("a process that holds too much lets nobody new in, then takes from slow readers") {
  constexpr std::size_t limit = 100'000'000;
  static std::atomic<std::size_t> held;
  static std::atomic<int> looks;
  held = 0;
  local_config config;
  config.resident_memory = [] {
    const auto now = held.load();
    ++looks;
    return now;
  };
  config.bounds.memory_limit = limit;
  server_world world{config};
  raw_client other{world.port()};
  open_websocket(other);
  raw_client early{world.port()};
  CHECK(early.get("/none").status == 404);
  raw_client slow{world.port()};
  const auto target = polling + "&sid=" + open_session(slow);
  CHECK(slow.post(target, "4" + std::string(500'000, 'x')).body == "ok");

  held = limit;
  // Until the server looks, a fast machine could connect so often that it is refused for its
  // rate instead. The look that is under way may have seen the old value.
  for (const auto before = looks.load(); looks < before + 2;)
    static_cast<void>(world.stats());
  for (auto status = 0U; status != 503;) {
    raw_client late{world.port()};
    late.try_send("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
    status = late.read_response().status;
  }
  while (early.get(polling).status != 503) {
  }
  CHECK(refused(world, refused_for::memory) > 0);
  CHECK(slow.post(target, "4").body == "ok");

  held = limit + limit / 8;
  while (world.stats().pressure_closed == 0) {
  }
  held = 0;
  CHECK(slow.get(target).status == 400);
  // It should come back, and a refused POST would keep some clients from that.
  CHECK(slow.post(target, "4").body == "ok");
  other.send(client_frame("4hello"));
  CHECK(other.read_frame().payload == "4hello");
  check_admitted(world.port());
  CHECK(world.stats().pressure_closed == 1);
}

TEST_CASE("memory that unfinished messages hold is taken back too") {
  local_config config;
  config.engine.max_payload = 1'000'000'000;
  malloc_trim(0);
  const auto limit = resident_memory() + 32'000'000;
  config.bounds.memory_limit = limit;
  server_world world{config};
  raw_client other{world.port()};
  open_websocket(other);
  raw_client polling_client{world.port()};
  raw_client client{world.port()};
  if (GENERATE(false, true)) {
    const auto sid = open_session(polling_client);
    client.send(websocket_request(by_websocket + "&sid=" + sid) + client_frame("2probe"));
    client.read_until("3probe");
  } else {
    open_websocket(client);
  }
  // The head of a frame of 500 MB, and as much of its payload as the server takes.
  client.send(
      client_frame(std::string(70'000, 'x')).replace(2, 8, "\0\0\0\0\x1d\xcd\x65\0", 8));
  const std::string more(1'000'000, 'x');
  while (world.stats().pressure_closed == 0 && resident_memory() < limit * 2)
    static_cast<void>(client.try_send(more));
  while (world.stats().pressure_closed == 0) {
  }
  CHECK(world.stats().sessions_open == 1);
  other.send(client_frame("4hello"));
  CHECK(other.read_frame().payload == "4hello");
}

TEST_CASE("past the memory limit connections are refused from the start") {
  local_config config;
  config.bounds.memory_limit = 1;
  server_world world{config};
  for (auto status = 0U; status != 503;) {
    raw_client client{world.port()};
    client.try_send("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
    status = client.read_response().status;
  }
  raw_client client{world.port()};
  check_refused(client);
}

} // namespace hubbub::test
