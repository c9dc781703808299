#include "net/server.hpp"
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace hubbub::test {

using Catch::Matchers::Contains;

TEST_CASE("a session is reached through whichever thread a connection lands on") {
  local_config config;
  config.io_threads = 3;
  server_world world{config};
  raw_client first{world.port()};
  const auto sid = open_session(first);
  for (int i = 0; i < 9; ++i) {
    raw_client poster{world.port()};
    raw_client poller{world.port()};
    const auto text = "4message " + std::to_string(i);
    CHECK(poster.post(polling + "&sid=" + sid, text).body == "ok");
    CHECK(poller.get(polling + "&sid=" + sid).body == text);
  }
}

TEST_CASE("a WebSocket moves to its session's thread with all that was read") {
  local_config config;
  config.io_threads = 3;
  server_world world{config};
  for (int i = 0; i < 9; ++i) {
    raw_client opener{world.port()};
    const auto sid = open_session(opener);
    raw_client upgrader{world.port()};
    upgrader.send(websocket_request(by_websocket + "&sid=" + sid) + client_frame("2probe"));
    REQUIRE(upgrader.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    CHECK(upgrader.read_frame().payload == "3probe");
    upgrader.send(client_frame("5") + client_frame("4hello"));
    CHECK(upgrader.read_frame().payload == "4hello");
  }
  CHECK(world.stats().polling_open == 0);
  CHECK(world.stats().sessions_opened == 9);
}

TEST_CASE("the first subprotocol that a WebSocket offers is agreed to") {
  const auto [offer, agreed] = GENERATE(table<std::string, std::string>(
      {{"", ""},
       {"Sec-WebSocket-Protocol: chat.v1\r\n", "chat.v1"},
       {"Sec-WebSocket-Protocol: chat.v2, chat.v1\r\n", "chat.v2"},
       {"Sec-WebSocket-Protocol: chat.v2\r\nSec-WebSocket-Protocol: chat.v1\r\n", "chat.v2"},
       {"Sec-WebSocket-Protocol: \r\n", ""}}));
  CAPTURE(offer);
  local_config config;
  config.compression = GENERATE(false, true);
  server_world world{config};
  raw_client client{world.port()};
  auto request = websocket_request(by_websocket);
  request.insert(request.size() - 2, offer + "Sec-WebSocket-Extensions: permessage-deflate; "
                                             "server_max_window_bits=15\r\n");
  client.send(request);
  const auto head = client.read_until("\r\n\r\n");
  REQUIRE(head.starts_with("HTTP/1.1 101 "));
  if (agreed.empty())
    CHECK_THAT(head, !Contains("Sec-WebSocket-Protocol"));
  else
    CHECK_THAT(head, Contains("\r\nSec-WebSocket-Protocol: " + agreed + "\r\n"));
  CHECK((head.find("server_max_window_bits=15") != std::string::npos) == config.compression);
  CHECK(client.read_frame().payload.starts_with("0{"));
}

TEST_CASE("what a handshake does not use cannot refuse it") {
  server_world world;
  const auto* stray = GENERATE("&x=100%", "&username=Jos%E9", "&%=1", "&%zz", "&a=%00");
  CAPTURE(stray);
  raw_client poller{world.port()};
  const auto opened = poller.get(polling + stray);
  CHECK(opened.status == 200);
  CHECK(opened.body.starts_with("0{"));
  raw_client client{world.port()};
  client.send(websocket_request(by_websocket + stray));
  REQUIRE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  CHECK(client.read_frame().payload.starts_with("0{"));
  // What the server does use is checked: this is not a session's id.
  CHECK(poller.get(polling + "&sid=%zz").body ==
        R"({"code":1,"message":"Session ID unknown"})");
}

TEST_CASE(
    "a WebSocket that breaks the protocol while it is being closed leaves nothing behind") {
  server_world world;
  {
    raw_client client{world.port()};
    open_websocket(client);
    // A packet that is not Engine.IO closes the session. The reserved bits after it are a
    // violation of WebSocket that arrives while the server closes.
    const std::string reserved_bits{"\xf1\x80\0\0\0\0", 6};
    client.send(client_frame("9") + reserved_bits);
    (void)read_end_of_violation(client);
    client.read_to_end();
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (world.stats().sockets_open > 0 && std::chrono::steady_clock::now() < patience) {
  }
  CHECK(world.stats().sockets_open == 0);
}

TEST_CASE("a waiting poll is answered by what a post brings") {
  server_world world;
  raw_client poller{world.port()};
  const auto sid = open_session(poller);
  poller.send("GET " + polling + "&sid=" + sid + " HTTP/1.1\r\nHost: x\r\n\r\n");
  raw_client poster{world.port()};
  poster.post(polling + "&sid=" + sid, "4now");
  CHECK(poller.read_response().body == "4now");
}

TEST_CASE("a session whose poll lost its connection ends though no ping was due") {
  local_config config;
  config.engine.lost_poll_grace = std::chrono::milliseconds{50};
  server_world world{config};
  raw_client client{world.port()};
  const auto target = polling + "&sid=" + open_session(client);
  {
    raw_client gone{world.port()};
    gone.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    while (world.stats().http_requests < 2) {
    }
  }
  while (world.stats().sessions_open > 0) {
  }
  CHECK(client.get(target).body == R"({"code":1,"message":"Session ID unknown"})");
}

TEST_CASE("a poll whose client went away loses nothing and makes room for the next") {
  local_config config;
  config.engine.lost_poll_grace = std::chrono::hours{1};
  server_world world{config};
  raw_client client{world.port()};
  const auto target = polling + "&sid=" + open_session(client);
  {
    raw_client gone{world.port()};
    gone.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    gone.end();
    CHECK(gone.read_to_end().empty());
  }
  CHECK(client.post(target, "4kept").body == "ok");
  CHECK(client.get(target).body == "4kept");
}

TEST_CASE("a poll brings at most sixteen packets, the next one the rest") {
  server_world world;
  raw_client client{world.port()};
  const auto target = polling + "&sid=" + open_session(client);
  std::string body = "4x";
  for (int i = 1; i < 20; ++i)
    body += "\x1e"
            "4x";
  CHECK(client.post(target, body).body == "ok");
  CHECK(std::ranges::count(client.get(target).body, 'x') == 16);
  CHECK(std::ranges::count(client.get(target).body, 'x') == 4);
}

TEST_CASE("pipelined requests are answered one after the other") {
  server_world world;
  raw_client client{world.port()};
  std::string requests;
  for (const auto* path : {"/a", "/socket.io/?EIO=3&transport=polling", "/b"})
    requests += "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(requests);
  CHECK(client.read_response().status == 404);
  CHECK_THAT(client.read_response().body, Contains("Unsupported protocol version"));
  CHECK(client.read_response().status == 404);
}

TEST_CASE("a request that cannot be read is answered and ends its connection") {
  server_world world;
  raw_client client{world.port()};
  client.get("/first");
  client.send("GET /no-host HTTP/1.1\r\n\r\nGET /never HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto refused = client.read_response();
  CHECK(refused.status == 400);
  CHECK_THAT(refused.head, Contains("Connection: close"));
  CHECK(client.read_to_end().empty());
}

TEST_CASE("control frames never cut a data frame in two") {
  server_world world;
  raw_client client{world.port()};
  open_websocket(client);
  const std::string large(60'000, 'x');
  constexpr int rounds = 60;
  std::string burst;
  for (int i = 0; i < rounds; ++i)
    burst += client_frame("4" + large) + client_frame("ping", 9);
  client.send(burst);
  int echoes = 0;
  int pongs = 0;
  while (echoes < rounds || pongs < rounds) {
    const auto frame = client.read_frame();
    REQUIRE((frame.opcode == 1 || frame.opcode == 10));
    if (frame.opcode == 1)
      REQUIRE(frame.payload.size() == large.size() + 1);
    else
      REQUIRE(frame.payload == "ping");
    ++(frame.opcode == 1 ? echoes : pongs);
  }
  CHECK(pongs == rounds);
}

TEST_CASE("who reads too slowly is closed, and others are served") {
  local_config config;
  config.max_queue_bytes = 100'000;
  server_world world{config};
  raw_client other{world.port()};
  open_websocket(other);
  raw_client slow{world.port()};
  open_websocket(slow);
  // Far more than the kernel buffers for both directions of one connection.
  const auto message = client_frame("4" + std::string(500'000, 'x'));
  auto refused = false;
  for (int i = 0; i < 1'000 && !refused; ++i)
    refused = !slow.try_send(message);
  CHECK(refused);
  CHECK(world.stats().slow_readers == 1);
  CHECK(world.stats().sessions_open == 1);
  other.send(client_frame("4hello"));
  CHECK(other.read_frame().payload == "4hello");
}

TEST_CASE("pings without end from a client that does not read end its connection") {
  local_config config;
  config.max_queue_bytes = 10'000;
  server_world world{config};
  raw_client client{world.port()};
  open_websocket(client);
  std::string pings;
  for (int i = 0; i < 1'000; ++i)
    pings += client_frame(std::string(125, 'p'), 9);
  auto refused = false;
  for (int i = 0; i < 2'000 && !refused; ++i)
    refused = !client.try_send(pings);
  CHECK(refused);
}

TEST_CASE("a message over maxPayload ends its session with a close frame that says so") {
  local_config config;
  config.engine.max_payload = 1'000;
  server_world world{config};
  raw_client client{world.port()};
  open_websocket(client);
  client.send(client_frame("4" + std::string(1'000, 'x')));
  CHECK(read_end_of_violation(client) == "\x03\xf1"); // 1009
  CHECK(client.read_to_end().empty());
  CHECK(world.stats().sessions_open == 0);
}

TEST_CASE("a shutdown tells every client, and waits for none that does not answer") {
  server_world world;
  std::vector<std::unique_ptr<raw_client>> sockets;
  for (int i = 0; i < 200; ++i) {
    sockets.push_back(std::make_unique<raw_client>(world.port()));
    open_websocket(*sockets.back());
  }
  raw_client poller{world.port()};
  const auto sid = open_session(poller);
  poller.send("GET " + polling + "&sid=" + sid + " HTTP/1.1\r\nHost: x\r\n\r\n");
  raw_client idle{world.port()};
  raw_client kept_alive{world.port()};
  kept_alive.get("/");
  while (world.stats().http_requests < 3) {
  }

  world.get().close_sessions(std::chrono::seconds{10});
  CHECK(world.stats().sessions_open == 0);
  for (auto& each : sockets) {
    const auto close = each->read_frame();
    REQUIRE(close.opcode == 8);
    REQUIRE(close.payload == "\x03\xe9"); // 1001
  }
  const auto last = poller.read_response();
  CHECK(last.status == 503);
  CHECK_THAT(last.head, Contains("Connection: close") && Contains("Retry-After: 1"));
  CHECK(idle.read_to_end().empty());
  CHECK(kept_alive.read_to_end().empty());
}

TEST_CASE("a WebSocket that is asked for during a shutdown is refused over HTTP") {
  local_config config;
  config.io_threads = 1;
  server_world world{config};
  raw_client idle{world.port()};
  idle.get("/");
  raw_client late{world.port()};
  const auto request = websocket_request(by_websocket);
  late.send(request.substr(0, 20));
  raw_client other{world.port()};
  other.get("/"); // everything before it has been read
  const auto closed = std::async(std::launch::async,
                                 [&] { world.get().close_sessions(std::chrono::seconds{20}); });
  CHECK(idle.read_to_end().empty());
  late.send(request.substr(20));
  CHECK(late.read_response().status == 503);
}

TEST_CASE("a WebSocket that is probing at a shutdown may complete its upgrade, and then ends") {
  local_config config;
  config.io_threads = 1;
  server_world world{config};
  raw_client poller{world.port()};
  const auto target = "&sid=" + open_session(poller);
  raw_client upgrader{world.port()};
  upgrader.send(websocket_request(by_websocket + target) + client_frame("2probe"));
  upgrader.read_until("\r\n\r\n");
  CHECK(upgrader.read_frame().payload == "3probe");
  raw_client other{world.port()};
  open_websocket(other);
  const auto closed = std::async(std::launch::async,
                                 [&] { world.get().close_sessions(std::chrono::seconds{20}); });
  CHECK(other.read_frame().opcode == 8); // both sessions are closed in the same pass
  SECTION("after the packet that completes it") {
    upgrader.send(client_frame("still there?", 9));
    CHECK(upgrader.read_frame().payload == "still there?");
    upgrader.send(client_frame("5") + client_frame("4too late"));
  }
  SECTION("after a while without it") {}
  CHECK(upgrader.read_to_end().empty());
}

TEST_CASE("a server stops with its sessions open") {
  auto world = std::make_unique<server_world>();
  raw_client socket{world->port()};
  open_websocket(socket);
  raw_client poller{world->port()};
  const auto sid = open_session(poller);
  poller.send("GET " + polling + "&sid=" + sid + " HTTP/1.1\r\nHost: x\r\n\r\n");
  raw_client half{world->port()};
  half.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  world.reset();
  CHECK(half.read_to_end().empty());
}

TEST_CASE("a port in use is told in one sentence") {
  server_world world;
  local_config config;
  config.port = world.port();
  struct system_config : caf::actor_system_config {
    system_config() { compat::add_types<caf::id_block::hubbub>(*this); }
  } actor_config;
  caf::actor_system system{actor_config};
  server second{system, config};
  const auto started = second.start({});
  REQUIRE_FALSE(started);
  CHECK_THAT(started.error(), Contains(std::to_string(config.port)) && Contains("in use"));
  CHECK(started.error().find('\n') == std::string::npos);
}

TEST_CASE("the url names localhost for all addresses") {
  local_config config;
  config.host = "";
  server_world world{config};
  CHECK(world.get().url() == "http://localhost:" + std::to_string(world.port()));
  raw_client by_ipv4{world.port()};
  CHECK(by_ipv4.get("/nothing").status == 404);
}

} // namespace hubbub::test
