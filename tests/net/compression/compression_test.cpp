#include "net/server.hpp"
#include "tests/net/compression/inflate.hpp"
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub::test {
namespace {

using Catch::Matchers::Contains;

constexpr unsigned text = 1;
constexpr unsigned rsv1 = 0x40;

server_config compressing() {
  local_config config;
  config.compression = true;
  config.engine.max_payload = 100'000;
  return config;
}

/// Opens a session by WebSocket with an offer; returns the head of the answer.
std::string open_with(raw_client& client, const std::string& offer) {
  auto request = websocket_request(by_websocket);
  request.insert(request.size() - 2, "Sec-WebSocket-Extensions: " + offer + "\r\n");
  client.send(request);
  auto head = client.read_until("\r\n\r\n");
  REQUIRE(head.starts_with("HTTP/1.1 101 "));
  CHECK(client.read_frame().payload.starts_with("0{"));
  return head;
}

std::string long_text() {
  std::string message = "4";
  for (int i = 0; i < 100; ++i)
    message += "round and round ";
  return message;
}

} // namespace

TEST_CASE("messages are compressed both ways where it was negotiated") {
  server_world world{compressing()};
  raw_client client{world.port()};
  const auto head = open_with(client, "permessage-deflate; client_max_window_bits");
  CHECK_THAT(head, Contains("permessage-deflate") && Contains("server_no_context_takeover") &&
                       Contains("client_no_context_takeover"));
  const auto message = long_text();
  for (int i = 0; i < 3; ++i) {
    client.send(client_frame(deflate_message(message), text | rsv1));
    const auto echo = client.read_frame();
    CHECK(echo.rsv1);
    CHECK(echo.payload.size() < message.size() / 4);
    CHECK(inflate_message(echo.payload) == message);
  }
  // Either side may leave single messages uncompressed.
  client.send(client_frame("4short"));
  const auto echo = client.read_frame();
  CHECK_FALSE(echo.rsv1);
  CHECK(echo.payload == "4short");
}

TEST_CASE("an offer is taken up only where compression is on and the window is whole") {
  const auto answer = [](const server_config& config, const std::string& offer) {
    server_world world{config};
    raw_client client{world.port()};
    auto head = open_with(client, offer);
    const auto taken = head.find("Sec-WebSocket-Extensions") != std::string::npos;
    client.send(client_frame(long_text()));
    const auto echo = client.read_frame();
    CHECK(echo.rsv1 == taken);
    CHECK((taken ? inflate_message(echo.payload) : echo.payload) == long_text());
    return taken ? head : "(none)";
  };
  CHECK(answer(local_config{}, "permessage-deflate") == "(none)");
  CHECK(answer(compressing(), "permessage-deflate; server_max_window_bits=10") == "(none)");
  CHECK_THAT(answer(compressing(), "permessage-deflate; server_max_window_bits=15"),
             Contains("server_max_window_bits=15"));
  CHECK_THAT(
      answer(compressing(), "permessage-deflate; server_max_window_bits=9, permessage-deflate"),
      Contains("permessage-deflate") && !Contains("server_max_window_bits"));
}

TEST_CASE("a message that inflates past the limit closes its connection") {
  server_world world{compressing()};
  const auto bomb = deflate_message("4" + std::string(10'000'000, 'x'));
  REQUIRE(bomb.size() < 20'000);
  const auto expect_close = [](raw_client& client) {
    CHECK(read_end_of_violation(client) == "\x03\xf1"); // 1009
  };
  SECTION("in one frame") {
    raw_client client{world.port()};
    open_with(client, "permessage-deflate");
    client.send(client_frame(bomb, text | rsv1));
    expect_close(client);
  }
  SECTION("in fragments") {
    raw_client client{world.port()};
    open_with(client, "permessage-deflate");
    for (std::size_t at = 0; at < bomb.size(); at += 1'000) {
      auto part = client_frame(bomb.substr(at, 1'000), at == 0 ? text | rsv1 : 0);
      if (at + 1'000 < bomb.size()) part[0] = static_cast<char>(part[0] & 0x7f);
      if (!client.try_send(part)) break;
    }
    expect_close(client);
  }
  SECTION("while one as long as is allowed goes through") {
    raw_client client{world.port()};
    open_with(client, "permessage-deflate");
    const auto most = "4" + std::string(99'999, 'x');
    client.send(client_frame(deflate_message(most), text | rsv1));
    CHECK(inflate_message(client.read_frame().payload) == most);
  }
}

TEST_CASE("what cannot be inflated, or is compressed without leave, closes its connection") {
  server_world world{compressing()};
  SECTION("garbage") {
    raw_client client{world.port()};
    open_with(client, "permessage-deflate");
    client.send(client_frame("\xff\xff\xff\xff", text | rsv1));
    CHECK(read_end_of_violation(client) == "\x03\xea"); // 1002
  }
  SECTION("text that is no UTF-8") {
    raw_client client{world.port()};
    open_with(client, "permessage-deflate");
    client.send(client_frame(deflate_message("4\xff"), text | rsv1));
    CHECK(read_end_of_violation(client) == "\x03\xef"); // 1007
  }
  SECTION("nothing was negotiated") {
    raw_client client{world.port()};
    open_websocket(client);
    client.send(client_frame(deflate_message(long_text()), text | rsv1));
    CHECK(read_end_of_violation(client) == "\x03\xea"); // 1002
  }
}

TEST_CASE("what waited for a poll is compressed when its session moves to a WebSocket") {
  server_world world{compressing()};
  raw_client poller{world.port()};
  const auto target = "&sid=" + open_session(poller);
  raw_client socket{world.port()};
  auto request = websocket_request(by_websocket + target);
  request.insert(request.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  socket.send(request);
  REQUIRE(socket.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  socket.send(client_frame("2probe"));
  CHECK(socket.read_frame().payload == "3probe");
  CHECK(poller.post(polling + target, long_text()).body == "ok");
  socket.send(client_frame("5"));
  const auto moved = socket.read_frame();
  CHECK(moved.rsv1);
  CHECK(inflate_message(moved.payload) == long_text());
}

} // namespace hubbub::test
