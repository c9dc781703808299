// Which clients are let into a namespace, and which are not.
#include "proto/socket/socket_session.hpp"
#include "tests/proto/socket/socket_fixture.hpp"

using namespace hubbub;
using namespace hubbub::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_CASE_METHOD(socket_fixture, "a client connects to the main namespace") {
  text("0");
  CHECK(host.sent == list{R"(40{"sid":"sid1"})"});
  CHECK(app.heard == list{"connected / -"});
  CHECK(session.connected("/"));
}

TEST_CASE_METHOD(socket_fixture, "a client connects with a payload") {
  text(R"(0{"token":"123"})");
  text(R"(0/custom,{"token":"abc"})");
  CHECK(host.sent == list{R"(40{"sid":"sid1"})", R"(40/custom,{"sid":"sid2"})"});
  CHECK(host.connects == 1); // it is told of the first one only
  CHECK(app.heard ==
        list{R"(connected / {"token":"123"})", R"(connected /custom {"token":"abc"})"});
}

TEST_CASE_METHOD(socket_fixture,
                 "what the application says on connection follows the CONNECT") {
  app.then = [&](std::string_view) { session.emit("/", "auth", "{}"); };
  text("0");
  CHECK(host.sent == list{R"(40{"sid":"sid1"})", R"(42["auth",{}])"});
}

TEST_CASE_METHOD(socket_fixture, "a refused namespace is told and the connection stays") {
  text("0/random");
  CHECK(host.sent == list{R"(44/random,{"message":"Invalid namespace"})"});
  CHECK(host.closes.empty());
  CHECK(app.heard.empty());
  CHECK(host.connects == 0);
  text("0");
  CHECK(session.connected("/"));
}

TEST_CASE_METHOD(socket_fixture, "a client waits for the application to decide") {
  text(R"(0/later,{"pid":"p"})");
  CHECK(host.sent.empty());
  CHECK_FALSE(session.connected("/later"));
  CHECK(session.deadline());
  session.decide("/later", welcome{"old", "p"});
  CHECK(host.sent == list{R"(40/later,{"sid":"old","pid":"p"})"});
  CHECK(app.heard == list{R"(connected /later {"pid":"p"})"});
  CHECK(session.connected("/later"));
  CHECK_FALSE(session.deadline());
  session.decide("/later", welcome{}); // nobody waits for it any more
  CHECK(host.sent.size() == 1);
}

TEST_CASE_METHOD(socket_fixture, "a client is refused after a while") {
  text("0/later,");
  session.decide("/later", refusal{R"({"message":"no"})"});
  CHECK(host.sent == list{R"(44/later,{"message":"no"})"});
  CHECK_FALSE(session.connected("/later"));
  text("0/later,"); // and may try again
  session.decide("/later", welcome{});
  CHECK(session.connected("/later"));
}

TEST_CASE_METHOD(socket_fixture,
                 "while the application decides, the namespace is neither free nor connected") {
  text("0/later,");
  SECTION("a second CONNECT is a violation") {
    text("0/later,");
    CHECK(violated());
  }
  SECTION("an event is a violation") {
    text(R"(2/later,["e"])");
    CHECK(violated());
  }
  SECTION("it counts towards the bound") {
    for (std::size_t i = 1; i < config.max_namespaces; ++i)
      connect("/custom" + std::to_string(i));
    text("0/later2,");
    CHECK(host.sent == list{R"(44/later2,{"message":"too many namespaces"})"});
  }
}

TEST_CASE_METHOD(socket_fixture, "a decision after the end is for nobody") {
  text("0/later,");
  session.on_closed(close_reason::transport_error);
  session.decide("/later", welcome{});
  CHECK(host.sent.empty());
  CHECK(app.heard.empty());
}

TEST_CASE_METHOD(socket_fixture, "a namespace cannot be connected twice") {
  connect();
  text("0");
  CHECK(violated());
}

TEST_CASE_METHOD(socket_fixture, "a connection has a bounded number of namespaces") {
  config.max_namespaces = 2;
  connect("/");
  connect("/custom1");
  text("0/custom2");
  CHECK(host.sent == list{R"(44/custom2,{"message":"too many namespaces"})"});
  CHECK(host.closes.empty());
  text("1/custom1");
  text("0/custom2");
  CHECK(session.connected("/custom2"));
}

TEST_CASE_METHOD(socket_fixture, "a client that is refused again and again is sent away") {
  config.max_refused_connects = 3;
  const bool was_in = GENERATE(false, true);
  if (was_in) {
    connect();
    text("1");
  }
  host.sent.clear();
  text("0/random");
  text("0/random");
  CHECK(host.closes.empty());
  SECTION("by an answer at once or a later one") {
    text("0/later");
    session.decide("/later", refusal{R"({"message":"no"})"});
    REQUIRE(host.sent.size() == 3); // and is told why
    CHECK(host.sent.back() == R"(44/later,{"message":"no"})");
    CHECK(host.closes == std::vector{close_reason::connect_refused});
    text("0");
    CHECK(host.sent.size() == 3);
    CHECK_FALSE(session.connected("/"));
  }
  SECTION("but not once it was let in") {
    text("0");
    text("0/random");
    text("0/random");
    CHECK(host.closes.empty());
    text("0/random");
    CHECK(host.closes == std::vector{close_reason::connect_refused});
  }
}
