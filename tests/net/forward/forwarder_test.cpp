#include "net/engine/engine_sid.hpp"
#include "tests/net/forward/nodes.hpp"
#include "tests/net/raw_client.hpp"
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hubbub::test {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const std::string unknown_sid = R"({"code":1,"message":"Session ID unknown"})";

std::string get_of(const std::string& target, const std::string& headers = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

} // namespace

TEST_CASE("a sid names its node") {
  for (const std::size_t node : {1U, 63U, 64U, 4095U})
    CHECK(node_of_sid(make_sid(3, node)) == node);
  CHECK_FALSE(node_of_sid(make_sid(3)));
  const auto sid = make_sid(3, 7);
  CHECK_FALSE(node_of_sid("AA" + sid.substr(2)));
  CHECK_FALSE(node_of_sid(sid.substr(0, sid.size() - 1)));
  CHECK_FALSE(node_of_sid(sid + "0000"));
  CHECK_FALSE(node_of_sid(sid.substr(0, 10) + "\r" + sid.substr(11)));
}

TEST_CASE("polling requests reach their session through another node") {
  node_world one{1};
  node_world two{2};
  introduce({&one, &two});
  raw_client opener{one.port()};
  const auto target = polling + "&sid=" + open_session(opener);
  raw_client poster{two.port()};
  raw_client poller{two.port()};
  for (int i = 0; i < 5; ++i) {
    const auto text = "4message " + std::to_string(i);
    CHECK(poster.post(target, text).body == "ok");
    const auto answer = poller.get(target);
    CHECK(answer.body == text);
    CHECK_THAT(answer.head, Contains("Content-Type: text/plain; charset=UTF-8\r\n"));
    CHECK_THAT(answer.head, Contains("Cache-Control: no-store\r\n"));
  }
  // A poll that waits holds nothing up.
  poller.send(get_of(target));
  CHECK(poster.post(target, "4late").body == "ok");
  CHECK(poller.read_response().body == "4late");
  CHECK(two.stats().forwarded == 12);
  CHECK(two.stats().forwards_failed == 0);
  CHECK(one.stats().node_requests == 12);
  CHECK(one.stats().forwarded == 0);
}

TEST_CASE("nothing is passed on for sessions of this node and of nodes that nobody knows") {
  node_world one{1};
  node_world two{2};
  introduce({&one, &two});
  raw_client client{two.port()};
  for (const auto& sid : {make_sid(0, 2), make_sid(0, 3), make_sid(0), std::string{"x"}}) {
    const auto answer = client.get(polling + "&sid=" + sid);
    CHECK(answer.status == 400);
    CHECK(answer.body == unknown_sid);
  }
  CHECK(two.stats().forwarded == 0);
  // A node that is known, and whose session is not.
  CHECK(client.get(polling + "&sid=" + make_sid(0, 1)).body == unknown_sid);
  CHECK(two.stats().forwarded == 1);
}

TEST_CASE("another node gets the request, who sent it and the secret, on a kept connection") {
  node_world two{2};
  plain_node one;
  two.know({{1, one.url()}});
  const auto sid = make_sid(0, 1);
  raw_client client{two.port()};
  client.send("POST " + polling + "&t=abc&sid=" + sid +
              " HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nContent-Length: 5\r\n\r\n4tea!");
  const auto there = one.accept();
  const auto head = there->read_until("\r\n\r\n");
  CHECK_THAT(head, StartsWith("POST " + polling + "&sid=" + sid + " HTTP/1.1\r\n"));
  CHECK_THAT(head, Contains("\r\nAuthorization: Bearer " + node_secret + "\r\n"));
  CHECK_THAT(head, Contains("\r\nhubbub-node: 2\r\n"));
  CHECK_THAT(head, Contains("\r\nhubbub-client: 127.0.0.1\r\n"));
  CHECK_THAT(head, !Contains("Cookie"));
  CHECK(there->read(5) == "4tea!");
  there->send("HTTP/1.1 503 No\r\nContent-Length: 3\r\nRetry-After: 7\r\nX-Own: 1\r\n\r\nnot");
  const auto answer = client.read_response();
  CHECK(answer.status == 503);
  CHECK(answer.body == "not");
  CHECK_THAT(answer.head, Contains("Retry-After: 7\r\n"));
  CHECK_THAT(answer.head, !Contains("X-Own"));
  client.send(get_of(polling + "&sid=" + sid));
  CHECK_THAT(there->read_until("\r\n\r\n"), StartsWith("GET "));
  there->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n4x");
  CHECK(client.read_response().body == "4x");
}

TEST_CASE("the body of a GET is not passed on, where it would be read as the next request") {
  node_world two{2};
  plain_node one;
  two.know({{1, one.url()}});
  const auto target = polling + "&sid=" + make_sid(0, 1);
  raw_client client{two.port()};
  client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nPOST /");
  const auto there = one.accept();
  CHECK_THAT(there->read_until("\r\n\r\n"), StartsWith("GET "));
  there->send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n6");
  CHECK(client.read_response().body == "6");
  client.send(get_of(target));
  CHECK_THAT(there->read_until("\r\n\r\n"), StartsWith("GET "));
}

TEST_CASE("a request is given up when its client is gone") {
  node_world two{2};
  plain_node one;
  two.know({{1, one.url()}});
  auto client = std::make_unique<raw_client>(two.port());
  client->send(get_of(polling + "&sid=" + make_sid(0, 1)));
  const auto there = one.accept();
  there->read_until("\r\n\r\n");
  client.reset();
  CHECK(there->read_to_end().empty());
  CHECK(two.stats().forwards_failed == 0);
}

TEST_CASE("sessions of a node that cannot be reached, or is gone, are unknown") {
  node_world two{2};
  auto one = std::make_unique<plain_node>();
  two.know({{1, one->url()}});
  const auto target = polling + "&sid=" + make_sid(0, 1);
  raw_client client{two.port()};
  client.send(get_of(target));
  auto there = one->accept();
  there->read_until("\r\n\r\n");
  two.know({}); // its lease has run out while the request is under way
  CHECK(client.read_response().body == unknown_sid);
  CHECK(there->read_to_end().empty());

  two.know({{1, one->url()}});
  client.send(get_of(target));
  one->accept().reset(); // and ends without an answer
  CHECK(client.read_response().body == unknown_sid);

  const auto url = one->url();
  one.reset();
  two.know({{1, url}});
  CHECK(client.get(target).body == unknown_sid);
  raw_client upgrader{two.port()};
  upgrader.send(websocket_request(by_websocket + "&sid=" + make_sid(0, 1)));
  CHECK(upgrader.read_response().body == unknown_sid);
  CHECK(two.stats().forwards_failed == 4);
}

TEST_CASE("a request is passed on once") {
  node_world two{2};
  raw_client client{two.port()};
  const auto target = polling + "&sid=" + make_sid(0, 1);
  // This node's own address in the place of another one's.
  two.know({{1, "http://127.0.0.1:" + std::to_string(two.port())}});
  CHECK(client.get(target).body == unknown_sid);
  CHECK(two.stats().forwarded == 1);
  two.know({{1, "http://127.0.0.1:" + std::to_string(two.node_port())}});
  CHECK(client.get(target).body == unknown_sid);
  CHECK(two.stats().forwarded == 2);
}

TEST_CASE("the listener for nodes serves nobody without the secret") {
  node_world one{1};
  raw_client opener{one.port()};
  const auto target = polling + "&sid=" + open_session(opener);
  const auto secret = "Authorization: Bearer " + node_secret + "\r\n";
  const std::string hop = "Hubbub-Node: 2\r\n";
  for (const auto& headers :
       {std::string{}, hop, secret, hop + "Authorization: Bearer " + node_secret + "x\r\n",
        hop + "Authorization: Bearer\r\n"}) {
    raw_client stranger{one.node_port()};
    stranger.send(get_of(target, headers));
    CHECK(stranger.read_response().status == 401);
    CHECK(stranger.read_to_end().empty());
  }
  CHECK(one.stats().node_requests_refused == 5);
  raw_client node{one.node_port()};
  for (const auto* other : {"/metrics", "/socket.io/?EIO=4&transport=polling", "/index.html"}) {
    node.send(get_of(other, hop + secret));
    CHECK(node.read_response().status == 404);
  }
  opener.post(target, "4hello");
  node.send(get_of(target, hop + secret));
  CHECK(node.read_response().body == "4hello");
}

TEST_CASE("nodes with different secrets do not answer for each other") {
  node_world one{1, "another secret of the same length!!"};
  node_world two{2};
  introduce({&one, &two});
  raw_client opener{one.port()};
  raw_client client{two.port()};
  CHECK(client.get(polling + "&sid=" + open_session(opener)).body == unknown_sid);
  CHECK(one.stats().node_requests_refused == 1);
  CHECK(two.stats().forwards_failed == 1);
}

TEST_CASE("what is under way to a node is bounded by number and by bytes") {
  node_config config{2};
  config.io_threads = 1;
  config.forwards_per_node = 2;
  config.forward_bytes_per_node = 1'000;
  node_world two{config};
  plain_node one;
  two.know({{1, one.url()}});
  const auto target = polling + "&sid=" + make_sid(0, 1);
  raw_client first{two.port()};
  CHECK(first.post(target, std::string(1'001, '4')).status == 503);
  first.send(get_of(target));
  const auto there = one.accept();
  raw_client second{two.port()};
  second.send(get_of(target));
  const auto also_there = one.accept();
  raw_client third{two.port()};
  const auto refused = third.get(target);
  CHECK(refused.status == 503);
  CHECK_THAT(refused.head, Contains("Retry-After: 1\r\n"));
  raw_client upgrader{two.port()};
  upgrader.send(websocket_request(by_websocket + "&sid=" + make_sid(0, 1)));
  CHECK(upgrader.read_response().status == 503);
  there->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n4x");
  CHECK(first.read_response().body == "4x");
  also_there->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n4y");
  CHECK(second.read_response().body == "4y");
}

TEST_CASE("a body that is too large ends its session on another node too") {
  node_world one{1};
  node_world two{2};
  introduce({&one, &two});
  raw_client opener{one.port()};
  const auto target = polling + "&sid=" + open_session(opener);
  opener.send(get_of(target));
  one.until([](const server_stats& now) { return now.http_requests == 2; }); // it waits
  raw_client poster{two.port()};
  poster.send("POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1500001\r\n\r\n");
  CHECK(poster.read_response().status == 413);
  CHECK(opener.read_response().body == "1");
}

TEST_CASE("a node that stops answers what is under way to others") {
  auto two = std::make_unique<node_world>(2);
  plain_node one;
  two->know({{1, one.url()}});
  raw_client client{two->port()};
  client.send(get_of(polling + "&sid=" + make_sid(0, 1)));
  const auto there = one.accept();
  there->read_until("\r\n\r\n");
  two.reset();
  CHECK(client.read_response().status == 503);
  CHECK(there->read_to_end().empty());
}

TEST_CASE("a WebSocket for a session of another node becomes a pipe") {
  node_world one{1};
  node_world two{2};
  introduce({&one, &two});
  raw_client opener{one.port()};
  const auto sid = open_session(opener);
  {
    raw_client upgrader{two.port()};
    upgrader.send(websocket_request(by_websocket + "&sid=" + sid) + client_frame("2probe"));
    REQUIRE(upgrader.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    CHECK(upgrader.read_frame().payload == "3probe");
    upgrader.send(client_frame("5") + client_frame("4hello"));
    CHECK(upgrader.read_frame().payload == "4hello");
    CHECK(two.stats().pipes_open == 1);
    CHECK(two.stats().pipes == 1);
    // Far more than the sockets' buffers, so that each side has to wait for the other.
    const auto long_text = "4" + std::string(900'000, 'x');
    for (int i = 0; i < 8; ++i) {
      upgrader.send(client_frame(long_text));
      CHECK(upgrader.read_frame().payload == long_text);
    }
    upgrader.send(client_frame("1"));
    upgrader.read_to_end();
  }
  two.until([](const server_stats& now) { return now.pipes_open == 0; });
  one.until([](const server_stats& now) { return now.sessions_open == 0; });
}

TEST_CASE("a pipe ends with its client, and with its node") {
  node_world two{2};
  plain_node one;
  two.know({{1, one.url()}});
  const auto request = websocket_request(by_websocket + "&sid=" + make_sid(0, 1));
  auto client = std::make_unique<raw_client>(two.port());
  client->send(request + "more");
  auto there = one.accept();
  const auto head = there->read_until("\r\n\r\n");
  CHECK_THAT(head, Contains("\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  CHECK_THAT(head, Contains("\r\nAuthorization: Bearer " + node_secret + "\r\n"));
  CHECK(there->read(4) == "more");
  there->send("HTTP/1.1 101 Switching Protocols\r\n\r\nhello");
  client->read_until("hello");
  client.reset();
  CHECK(there->read_to_end().empty());

  client = std::make_unique<raw_client>(two.port());
  client->send(request);
  there = one.accept();
  there->read_until("\r\n\r\n");
  const std::string farewell(300'000, 'y');
  there->send(farewell);
  there.reset();
  CHECK(client->read_to_end() == farewell);

  client = std::make_unique<raw_client>(two.port());
  client->send(request);
  there = one.accept();
  there->read_until("\r\n\r\n");
  two.know({});
  CHECK(client->read_to_end().empty());
  CHECK(there->read_to_end().empty());
  two.until([](const server_stats& now) { return now.pipes_open == 0; });
}

TEST_CASE("a pipe whose client takes nothing for a while is given up") {
  node_config config{2};
  config.engine.ping_interval = std::chrono::milliseconds{200};
  config.engine.ping_timeout = std::chrono::milliseconds{200};
  node_world two{config};
  plain_node one;
  two.know({{1, one.url()}});
  raw_client client{two.port()};
  client.send(websocket_request(by_websocket + "&sid=" + make_sid(0, 1)));
  const auto there = one.accept();
  there->read_until("\r\n\r\n");
  const std::string flood(1'000'000, 'z');
  std::size_t sent = 0;
  while (sent < 1'000 && there->try_send(flood))
    ++sent;
  CHECK(sent > 0);
  CHECK(sent < 1'000);
  two.until([](const server_stats& now) { return now.pipes_open == 0; });
}

} // namespace hubbub::test
