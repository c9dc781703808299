// The bridge against a real Redis. Run with what needs a PostgreSQL, which has servers of its
// own too.
#include "persistence/bus/bridge_line.hpp"
#include "persistence/bus/redis_socket.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/redis_server.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// A bridge with what came over it, and somebody else who speaks to its Redis.
struct bridged_redis {
  explicit bridged_redis(bool claims = false) {
    address = *parse_bus_address("redis://127.0.0.1:" + std::to_string(server().port()));
    line = make_bridge_line(address, claims);
    REQUIRE(line->connect(5s));
    line->ping("begin");
    until([&] { return !pongs.empty(); });
    pongs.clear();
    auto opened = redis_socket::open(address, std::chrono::steady_clock::now() + 5s);
    REQUIRE(opened);
    other.emplace(*std::move(opened));
  }
  static const redis_server& server() {
    static const redis_server one;
    return one;
  }

  template <class Holds>
  void until(Holds holds) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      auto caught = line->pass(bell, 100ms);
      REQUIRE(caught);
      for (auto& each : caught->heard)
        heard.push_back(each.channel + " " + each.text);
      for (auto& each : caught->pongs)
        pongs.push_back(each);
      if (caught->claimed) claimed = caught->claimed;
    }
  }
  /// Runs a command as somebody else; returns its answer.
  std::vector<std::string> run(const std::vector<std::string_view>& words) {
    other->append(words);
    std::vector<redis_reply> replies;
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (replies.empty()) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      REQUIRE(other->write());
      REQUIRE(other->read(replies));
    }
    return replies.front().parts;
  }
  bool claim(const std::string& owner) {
    claimed.reset();
    line->claim("hubbub:1:bridge", owner, 60s);
    until([&] { return claimed.has_value(); });
    return *claimed;
  }

  bus_address address;
  bus_bell bell;
  std::unique_ptr<bridge_line> line;
  std::optional<redis_socket> other;
  std::vector<std::string> heard;
  std::vector<std::string> pongs;
  std::optional<bool> claimed;
};

TEST_CASE("a bridge hears all publishers, and servers do not count it (beside postgres)") {
  bridged_redis world;
  world.run({"PUBLISH", "socket.io#/#", "all"});
  world.run({"PUBLISH", "socket.io#/#room with # and /#", std::string_view{"r\0m", 3}});
  world.run({"PUBLISH", "socket.io#/game#", "not heard"});
  world.run({"PUBLISH", "socket.io-request#/#", "not heard"});
  world.run({"PUBLISH", "socketio", "python"});
  world.run({"PUBLISH", "flask-socketio", "flask"});
  const std::string longest(3'000'000, 'x');
  world.run({"PUBLISH", "socketio", longest});
  world.line->ping("17");
  world.until([&] { return world.heard.size() == 5 && world.pongs.size() == 1; });
  CHECK(world.heard == std::vector<std::string>{
                           "socket.io#/# all",
                           "socket.io#/#room with # and /# " + std::string("r\0m", 3),
                           "socketio python", "flask-socketio flask", "socketio " + longest});
  CHECK(world.pongs == std::vector<std::string>{"17"});
  CHECK(world.run({"PUBSUB", "NUMSUB", "socket.io-request#/#", "socket.io#/#"}) ==
        std::vector<std::string>{"socket.io-request#/#", "0", "socket.io#/#", "0"});
  CHECK(is_python_channel("socketio"));
  CHECK_FALSE(is_python_channel("socket.io#/#"));
}

TEST_CASE("one bridge at a time has a claim, until it closes (beside postgres)") {
  bridged_redis one{true};
  bridged_redis two{true};
  CHECK(one.claim("one"));
  CHECK_FALSE(two.claim("two"));
  CHECK(one.claim("one"));
  one.line->close();
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (!two.claim("two"))
    REQUIRE(std::chrono::steady_clock::now() < end);
  CHECK(two.run({"GET", "hubbub:1:bridge"}) == std::vector<std::string>{"two"});
  two.line->close();
}

TEST_CASE("a bridge that is not connected says so (beside postgres)") {
  bridged_redis world;
  world.line->close();
  CHECK_FALSE(world.line->pass(world.bell, 0ms));
  auto nobody = make_bridge_line(*parse_bus_address("redis://127.0.0.1:1"), false);
  const auto refused = nobody->connect(5s);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == "Connection refused");
  REQUIRE(world.line->connect(5s));
  world.line->ping("again");
  world.until([&] { return !world.pongs.empty(); }); // the Redis knows it as a listener now
  world.run({"CLIENT", "KILL", "TYPE", "pubsub"});
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (world.line->pass(world.bell, 100ms))
    REQUIRE(std::chrono::steady_clock::now() < end);
}

} // namespace
} // namespace hubbub::test
