#include "proto/engine/engine_session.hpp"
#include "tests/proto/engine/fake_engine_host.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

// The intervals are those of test_config: a ping after 300 ms, its pong within 200 ms.

TEST_CASE("pings and pongs keep a polling session alive") {
  fake_engine_host host{engine_transport::polling};
  host.open();
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.news().size() == 1);
  for (int round = 0; round < 3; ++round) {
    CHECK(host.get() == request_verdict::accepted);
    host.advance(299ms);
    CHECK(host.news().empty());
    host.advance(1ms);
    CHECK(host.news() == lines{"answer 2"});
    CHECK(host.post("3") == request_verdict::accepted);
  }
}

TEST_CASE("pings and pongs keep a WebSocket session alive") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  CHECK(host.news().size() == 1);
  for (int round = 0; round < 3; ++round) {
    host.advance(300ms);
    CHECK(host.news() == lines{"ws 2"});
    host.advance(199ms);
    host.websocket("3"); // the next ping is due 300 ms from here
    host.advance(299ms);
    CHECK(host.news().empty());
    host.advance(1ms);
    CHECK(host.news() == lines{"ws 2"});
    host.websocket("3");
  }
}

TEST_CASE("a silent WebSocket is closed when its pong is overdue") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  host.advance(499ms);
  CHECK(host.news().back() == "ws 2");
  host.advance(1ms);
  CHECK(host.news() == lines{"closed ping_timeout"});
  CHECK_FALSE(host.session.deadline().has_value());
}

TEST_CASE("a silent polling client's waiting poll is refused") {
  fake_engine_host host{engine_transport::polling};
  host.open();
  CHECK(host.get() == request_verdict::accepted);
  host.advance(300ms);
  CHECK(host.get() == request_verdict::accepted); // takes the ping and never answers it
  CHECK(host.get() == request_verdict::accepted);
  host.news();
  host.advance(200ms);
  CHECK(host.news() == lines{"refuse ping_timeout", "closed ping_timeout"});
}

TEST_CASE("a request just at the deadline finds the session gone, timer or not") {
  fake_engine_host host{engine_transport::polling};
  host.open();
  host.advance(499ms);
  host.now += 1ms;
  SECTION("a poll") {
    CHECK(host.get() == request_verdict::unknown);
  }
  SECTION("a POST, even one with the pong") {
    CHECK(host.post("3") == request_verdict::unknown);
  }
  SECTION("an upgrade") {
    CHECK_FALSE(host.candidate_opens());
  }
  CHECK(host.news() == lines{"closed ping_timeout"});
}

TEST_CASE("a WebSocket that breaks after its deadline was silent first") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  host.advance(499ms);
  host.news();
  host.now += 1ms;
  host.websocket_closed(close_reason::transport_error);
  CHECK(host.news() == lines{"closed ping_timeout"});
}

TEST_CASE("messages are no pong") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  for (int i = 0; i < 5; ++i) {
    host.advance(100ms);
    host.websocket("4busy");
  }
  CHECK(host.news().back() == "closed ping_timeout");
}

TEST_CASE("a pong that nobody awaits delays nothing") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  host.news();
  host.advance(200ms);
  host.websocket("3");
  host.advance(100ms);
  CHECK(host.news() == lines{"ws 2"});
  host.websocket("3");
  host.advance(100ms);
  host.websocket("3"); // a second one for the same ping
  host.advance(200ms);
  CHECK(host.news() == lines{"ws 2"});
}

TEST_CASE("a timer that rings early does nothing") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  host.news();
  host.session.on_time(host.now + 299ms);
  CHECK(host.news().empty());
  CHECK(host.session.deadline() == steady_time{} + 300ms);
}

TEST_CASE("a ping that goes out a little late does not put off the end") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  host.session.on_time(steady_time{} + 305ms);
  CHECK(host.session.deadline() == steady_time{} + 500ms);
}

TEST_CASE("a server that stalled gives its clients time to answer") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  host.news();
  host.now += 10s;
  host.websocket("4hello"); // sends the overdue ping first
  CHECK(host.news() == lines{"message hello", "ws 2"});
  CHECK(host.session.deadline() > host.now + 150ms);
  host.websocket("3");
  CHECK(host.session.deadline() == host.now + 300ms);
}
