#include "actors/runtime/pinned.hpp"
#include "tests/support/catch.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace hubbub;

namespace {

using listening = compat::typed_actor<caf::result<void>(std::string)>;

/// Logs the messages that it receives, and passes them on.
class observer : public listening::base {
 public:
  observer(caf::actor_config& config, std::function<void(const std::string&)> tell)
      : listening::base(config), tell_(std::move(tell)) {}
  behavior_type make_behavior() override {
    return {[this](const std::string& what) { tell_(what); }};
  }

 private:
  std::function<void(const std::string&)> tell_;
};

/// A unit whose thread is the test's. The log has the messages that actors received, and a bar
/// for the end of each pass.
class pass_world {
 public:
  ~pass_world() {
    for (const auto& each : actors_)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    run();
  }

  listening spawn(std::function<void(const std::string&)> more = [](const std::string&) {}) {
    auto actor = system_.spawn<pinned<observer>>(
        unit_, [this, more = std::move(more)](const std::string& what) {
          log += what;
          more(what);
        });
    actors_.push_back(actor);
    run();
    log.clear();
    return actor;
  }
  [[nodiscard]] const io_unit& unit() const { return unit_; }
  /// Runs everything that is ready.
  void run() {
    io.restart();
    io.run();
  }

  boost::asio::io_context io{1};
  std::string log;

 private:
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  io_unit unit_{system_, io, [this] { log += '|'; }};
  std::vector<listening> actors_;
};

void say(const listening& to, std::string what) {
  compat::anon_send(to, std::move(what));
}

} // namespace

TEST_CASE("an actor that another wakes runs before the pass ends") {
  pass_world world;
  const auto last = world.spawn();
  const auto middle = world.spawn([&](const std::string&) { say(last, "c"); });
  const auto first = world.spawn([&](const std::string&) { say(middle, "b"); });
  boost::asio::post(world.io, [&] { say(first, "a"); });
  world.run();
  CHECK(world.log == "abc|");
}

TEST_CASE("actors run when all that was ready has been handled") {
  pass_world world;
  const auto actor = world.spawn();
  for (const auto* what : {"1", "2", "3"})
    boost::asio::post(world.io, [&world, &actor, what] {
      world.log += '.';
      say(actor, what);
    });
  world.run();
  CHECK(world.log == "...123|");
}

TEST_CASE("the end of a pass gives way to what turns out to be ready") {
  pass_world world;
  const auto one = world.spawn();
  const auto other = world.spawn();
  boost::asio::post(world.io, [&] { say(one, "1"); });
  boost::asio::post(world.io, [&] {
    say(other, "2");
    boost::asio::post(world.io, [&] { say(one, "3"); });
  });
  world.run();
  CHECK(world.log == "132|");
}

TEST_CASE("a pass ends though handlers are always ready") {
  pass_world world;
  const auto actor = world.spawn();
  int left = 100;
  std::function<void()> handler = [&] {
    say(actor, "x");
    if (--left > 0) boost::asio::post(world.io, handler);
  };
  for (int i = 0; i < 2; ++i)
    boost::asio::post(world.io, handler);
  world.run();
  CHECK(world.log.find('|') < 20);
  CHECK(std::ranges::count(world.log, 'x') == 101);
}

TEST_CASE("a unit tells which of its actors have messages, and since when") {
  pass_world world;
  std::size_t waiting = 0;
  std::chrono::nanoseconds oldest{};
  const auto last = world.spawn();
  const auto first = world.spawn([&](const std::string&) {
    world.unit().for_each_ready([&waiting](const compat::job& each) {
      waiting += compat::waiting_messages_of<listening::base>(each);
    });
    oldest = world.unit().oldest_wait();
  });
  CHECK(world.unit().oldest_wait() == std::chrono::nanoseconds{0});
  boost::asio::post(world.io, [&] {
    say(first, "a");
    say(last, "b");
    say(last, "c");
  });
  world.run();
  CHECK(world.log == "abc|");
  CHECK(waiting == 2);
  CHECK(oldest > std::chrono::nanoseconds{0});
  CHECK(world.unit().oldest_wait() == std::chrono::nanoseconds{0});
}

TEST_CASE("actors that wake each other for ever do not keep a pass from ending") {
  pass_world world;
  listening pong;
  int left = 1'000;
  const auto ping = world.spawn([&](const std::string&) {
    if (--left > 0) say(pong, "o");
  });
  pong = world.spawn([&](const std::string&) { say(ping, "i"); });
  boost::asio::post(world.io, [&] { say(ping, "i"); });
  world.run();
  CHECK(world.log.find('|') < 100);
  CHECK(world.log.size() > 1'999);
}

TEST_CASE("a message from another thread is handled on the unit's") {
  pass_world world;
  std::thread::id handled_on;
  const auto actor =
      world.spawn([&](const std::string&) { handled_on = std::this_thread::get_id(); });
  std::thread{[&] { say(actor, "x"); }}.join();
  world.run();
  CHECK(world.log == "x|");
  CHECK(handled_on == std::this_thread::get_id());
}
