#include "net/admission/census.hpp"
#include "tests/support/catch.hpp"

#include <utility>
#include <vector>

namespace hubbub {
namespace {

client_address address(std::string_view text) {
  return parse_address(text).value();
}

/// A census whose thread is the test's.
struct world {
  boost::asio::io_context io;
  census counter{io, {3, 2}};

  void settle() {
    io.restart();
    io.run();
  }
};

} // namespace

TEST_CASE("sockets are bounded by address and in all, and their permits are free again") {
  world w;
  auto first = w.counter.admit(address("192.0.2.1"), false);
  auto second = w.counter.admit(address("::ffff:192.0.2.1"), false);
  CHECK_FALSE(first.refused);
  CHECK_FALSE(second.refused);
  CHECK(w.counter.admit(address("192.0.2.1"), false).refused == refused_for::address);
  auto third = w.counter.admit(address("192.0.2.2"), false);
  CHECK_FALSE(third.refused);
  CHECK(w.counter.admit(address("192.0.2.3"), false).refused == refused_for::connections);
  CHECK(w.counter.sockets() == 3);

  second.granted = {};
  w.settle();
  CHECK(w.counter.sockets() == 2);
  CHECK_FALSE(w.counter.admit(address("192.0.2.1"), false).refused);
}

TEST_CASE("one IPv6 network is one client") {
  world w;
  const auto first = w.counter.admit(address("2001:db8::1"), false);
  const auto second = w.counter.admit(address("2001:db8::ffff:2"), false);
  CHECK(w.counter.admit(address("2001:db8::3"), false).refused == refused_for::address);
  CHECK_FALSE(w.counter.admit(address("2001:db8:0:1::3"), false).refused);
}

TEST_CASE("a proxy is bounded in all alone") {
  world w;
  std::vector<census::admission> admissions;
  for (int i = 0; i < 3; ++i)
    admissions.push_back(w.counter.admit(address("192.0.2.1"), true));
  CHECK_FALSE(admissions.back().refused);
  CHECK(w.counter.admit(address("192.0.2.1"), true).refused == refused_for::connections);
}

TEST_CASE("a session too many is counted until it has ended") {
  world w;
  const auto client = address("192.0.2.1");
  CHECK_FALSE(w.counter.on_session_opened(client));
  CHECK_FALSE(w.counter.on_session_opened(client));
  CHECK(w.counter.on_session_opened(client) == refused_for::address);
  CHECK(w.counter.on_session_opened(address("192.0.2.2")) == refused_for::connections);
  CHECK(w.counter.sessions() == 4);
  w.counter.on_session_closed(client);
  w.counter.on_session_closed(address("192.0.2.2"));
  CHECK(w.counter.on_session_opened(address("192.0.2.2")) == std::nullopt);
}

TEST_CASE("addresses without anything open hold no memory") {
  world w;
  for (int i = 0; i < 100; ++i) {
    const auto client = address("192.0.2." + std::to_string(i));
    auto permit = w.counter.admit(client, false);
    REQUIRE_FALSE(w.counter.on_session_opened(client));
    w.counter.on_session_closed(client);
    permit.granted = {};
    w.settle();
  }
  CHECK(w.counter.addresses() == 0);
  CHECK(w.counter.sockets() == 0);
  // Refused ones are not counted either.
  const auto full = w.counter.admit(address("192.0.2.1"), false);
  const auto more = w.counter.admit(address("192.0.2.1"), false);
  CHECK(w.counter.admit(address("192.0.2.1"), false).refused);
  CHECK(w.counter.addresses() == 1);
}

TEST_CASE("a permit may outlive the count, once nobody counts any more") {
  world w;
  const auto permit = w.counter.admit(address("192.0.2.1"), false);
  w.counter.close();
  CHECK_FALSE(permit.refused);
}

} // namespace hubbub
