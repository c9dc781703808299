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
  census book{io, {3, 2}};

  void settle() {
    io.restart();
    io.run();
  }
};

} // namespace

TEST_CASE("sockets are bounded by address and in all, and their places are free again") {
  world w;
  auto first = w.book.admit(address("192.0.2.1"), false);
  auto second = w.book.admit(address("::ffff:192.0.2.1"), false);
  CHECK_FALSE(first.refused);
  CHECK_FALSE(second.refused);
  CHECK(w.book.admit(address("192.0.2.1"), false).refused == refused_for::address);
  auto third = w.book.admit(address("192.0.2.2"), false);
  CHECK_FALSE(third.refused);
  CHECK(w.book.admit(address("192.0.2.3"), false).refused == refused_for::connections);
  CHECK(w.book.sockets() == 3);

  second.place = {};
  w.settle();
  CHECK(w.book.sockets() == 2);
  CHECK_FALSE(w.book.admit(address("192.0.2.1"), false).refused);
}

TEST_CASE("one IPv6 network is one client") {
  world w;
  const auto first = w.book.admit(address("2001:db8::1"), false);
  const auto second = w.book.admit(address("2001:db8::ffff:2"), false);
  CHECK(w.book.admit(address("2001:db8::3"), false).refused == refused_for::address);
  CHECK_FALSE(w.book.admit(address("2001:db8:0:1::3"), false).refused);
}

TEST_CASE("a proxy is bounded in all alone") {
  world w;
  std::vector<census::admission> places;
  for (int i = 0; i < 3; ++i)
    places.push_back(w.book.admit(address("192.0.2.1"), true));
  CHECK_FALSE(places.back().refused);
  CHECK(w.book.admit(address("192.0.2.1"), true).refused == refused_for::connections);
}

TEST_CASE("a session too many is counted until it has ended") {
  world w;
  const auto client = address("192.0.2.1");
  CHECK_FALSE(w.book.on_session_opened(client));
  CHECK_FALSE(w.book.on_session_opened(client));
  CHECK(w.book.on_session_opened(client) == refused_for::address);
  CHECK(w.book.on_session_opened(address("192.0.2.2")) == refused_for::connections);
  CHECK(w.book.sessions() == 4);
  w.book.on_session_closed(client);
  w.book.on_session_closed(address("192.0.2.2"));
  CHECK(w.book.on_session_opened(address("192.0.2.2")) == std::nullopt);
}

TEST_CASE("addresses without anything open hold no memory") {
  world w;
  for (int i = 0; i < 100; ++i) {
    const auto client = address("192.0.2." + std::to_string(i));
    auto place = w.book.admit(client, false);
    REQUIRE_FALSE(w.book.on_session_opened(client));
    w.book.on_session_closed(client);
    place.place = {};
    w.settle();
  }
  CHECK(w.book.addresses() == 0);
  CHECK(w.book.sockets() == 0);
  // Refused ones are not counted either.
  const auto full = w.book.admit(address("192.0.2.1"), false);
  const auto more = w.book.admit(address("192.0.2.1"), false);
  CHECK(w.book.admit(address("192.0.2.1"), false).refused);
  CHECK(w.book.addresses() == 1);
}

TEST_CASE("a place may outlive the count, once nobody counts any more") {
  world w;
  const auto place = w.book.admit(address("192.0.2.1"), false);
  w.book.close();
  CHECK_FALSE(place.refused);
}

} // namespace hubbub
