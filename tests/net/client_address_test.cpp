#include "net/server.hpp"
#include "proto/socket/application.hpp"
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <memory>
#include <string>

namespace hubbub::test {
namespace {

/// Answers with the address of the client, as it was determined.
class address_handler final : public http_handler {
 public:
  void handle(http_request request, http_responder respond) override {
    respond({200, "text/plain", to_string(request.client), {}});
  }
};

/// Tells every client the address from which its session was opened, as its only event.
class address_application final : public application {
 public:
  explicit address_application(const session_context& context) : context_(context) {}

  admission on_connect(std::string_view, json::value) override { return {}; }
  void on_connected(std::string_view, json::value) override {
    context_.out->send(text_frame("42[\"" + to_string(context_.out->client) + "\"]"));
  }
  void on_event(event_packet) override {}
  void on_ack(ack_packet) override {}
  void on_disconnect(std::string_view, close_reason) override {}

 private:
  session_context context_;
};

server_application telling_addresses() {
  server_application app;
  app.http = [](const io_thread_handle&) { return std::make_unique<address_handler>(); };
  app.on_socket_io = [](const session_context& context) {
    return std::make_unique<address_application>(context);
  };
  return app;
}

server_config behind(std::string_view proxies) {
  local_config config;
  config.trusted_proxies = *parse_blocks(proxies);
  return config;
}

std::string ask(raw_client& client, const std::string& headers) {
  client.send("GET /who HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
  return client.read_response().body;
}

} // namespace

TEST_CASE("the client of a request is the peer where no proxy is trusted") {
  server_world world{local_config{}, telling_addresses()};
  raw_client client{world.port()};
  CHECK(ask(client, "") == "127.0.0.1");
  CHECK(ask(client, "X-Forwarded-For: 192.0.2.9\r\n") == "127.0.0.1");
}

TEST_CASE("a trusted proxy names the client of each request it passes on") {
  server_world world{behind("127.0.0.0/8"), telling_addresses()};
  raw_client client{world.port()};
  CHECK(ask(client, "") == "127.0.0.1");
  CHECK(ask(client, "X-Forwarded-For: 192.0.2.9\r\n") == "192.0.2.9");
  CHECK(ask(client, "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 192.0.2.8\r\n") ==
        "192.0.2.8");
  CHECK(ask(client, "Forwarded: for=\"[2001:db8::1]:80\"\r\n") == "2001:db8::1");
}

TEST_CASE("a session knows from where it was opened, by either transport") {
  server_world world{behind("127.0.0.1"), telling_addresses()};
  const std::string header = "X-Forwarded-For: 192.0.2.9\r\n";

  raw_client poller{world.port()};
  const std::string target = "/socket.io/?EIO=4&transport=polling";
  poller.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n");
  const auto opened = poller.read_response().body;
  const auto at = opened.find("\"sid\":\"") + 7;
  const auto session = target + "&sid=" + opened.substr(at, opened.find('"', at) - at);
  REQUIRE(poller.post(session, "40").body == "ok");
  std::string polled;
  while (polled.find("42[") == std::string::npos)
    polled += poller.get(session).body;
  CHECK(polled.find("42[\"192.0.2.9\"]") != std::string::npos);

  raw_client socket{world.port()};
  auto upgrade = websocket_request("/socket.io/?EIO=4&transport=websocket");
  upgrade.insert(upgrade.size() - 2, header);
  socket.send(upgrade + client_frame("40"));
  socket.read_until("42[\"192.0.2.9\"]");
}

TEST_CASE("with a list of origins no page of another opens or joins a session") {
  local_config config;
  config.cors_origins = "https://chat.example";
  server_world world{config};
  for (const auto* origin : {"https://evil.example", "null", "https://chat.example.evil"}) {
    CAPTURE(origin);
    const auto header = "Origin: " + std::string{origin} + "\r\n";
    raw_client client{world.port()};
    client.send("GET " + polling + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n");
    const auto refused = client.read_response();
    CHECK(refused.status == 403);
    CHECK(refused.body.find("{\"error\":{\"code\":\"forbidden\"") == 0);
    auto upgrade = websocket_request(by_websocket);
    upgrade.insert(upgrade.size() - 2, header);
    client.send(upgrade);
    CHECK(client.read_response().status == 403);
  }
  CHECK(world.stats().sessions_opened == 0);

  raw_client page{world.port()};
  auto upgrade = websocket_request(by_websocket);
  upgrade.insert(upgrade.size() - 2, "Origin: https://chat.example\r\n");
  page.send(upgrade);
  CHECK(page.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  // A program other than a browser names no origin.
  raw_client program{world.port()};
  open_session(program);
  raw_client by_socket{world.port()};
  open_websocket(by_socket);
}

} // namespace hubbub::test
