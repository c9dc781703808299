// Nodes that are reached by names, of which one takes long to be looked up.
#include "net/engine/engine_sid.hpp"
#include "tests/net/forward/nodes.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace hubbub::test {
namespace {

/// A resolver that knows every name, and takes its time with the name "slow".
struct slow_names {
  struct state {
    std::promise<void> opened;
    std::shared_future<void> open{opened.get_future()};
    std::promise<void> first_asked;
    std::atomic<int> asked{0};
  };
  std::shared_ptr<state> s = std::make_shared<state>();
  ~slow_names() { s->opened.set_value(); }

  [[nodiscard]] node_config config() const {
    node_config made{2};
    made.io_threads = 1;
    made.look_up = [state = s](const std::string& host) -> std::vector<std::string> {
      if (host != "slow") return {"127.0.0.1"};
      if (state->asked++ == 0) state->first_asked.set_value();
      state->open.wait();
      return {};
    };
    return made;
  }
  void wait_until_asked() const { s->first_asked.get_future().wait(); }
};

std::string get_from(std::size_t node) {
  return "GET " + polling + "&sid=" + make_sid(0, node) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string named(const std::string& name, const plain_node& node) {
  return "http://" + name + node.url().substr(node.url().rfind(':'));
}

} // namespace

TEST_CASE("a name that takes long to be looked up holds up nobody else") {
  const slow_names names;
  node_world two{names.config()};
  plain_node one;
  plain_node three;
  two.know({{1, named("slow", one)}, {3, named("quick", three)}});
  raw_client first{two.port()};
  raw_client second{two.port()};
  first.send(get_from(1));
  second.send(get_from(1));
  names.wait_until_asked();
  raw_client other{two.port()};
  other.send(get_from(3));
  three.accept()->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n4x");
  CHECK(other.read_response().body == "4x");
  CHECK(names.s->asked == 1); // for both
}

TEST_CASE("a WebSocket counts as under way while its node is being looked up") {
  const slow_names names;
  auto config = names.config();
  config.forwards_per_node = 1;
  node_world two{config};
  plain_node one;
  two.know({{1, named("slow", one)}});
  raw_client upgrader{two.port()};
  upgrader.send(websocket_request(by_websocket + "&sid=" + make_sid(0, 1)));
  names.wait_until_asked();
  raw_client client{two.port()};
  client.send(get_from(1));
  CHECK(client.read_response().status == 503);
}

TEST_CASE("a name that is not known is a node that is not reached") {
  node_config config{2};
  config.look_up = [](const std::string&) { return std::vector<std::string>{}; };
  node_world two{config};
  plain_node one;
  two.know({{1, named("nowhere", one)}});
  raw_client client{two.port()};
  client.send(get_from(1));
  const auto answer = client.read_response();
  CHECK(answer.status == 400);
  CHECK(two.stats().forwards_failed == 1);
}

} // namespace hubbub::test
