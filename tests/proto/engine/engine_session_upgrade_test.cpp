#include "proto/engine/engine_session.hpp"
#include "tests/proto/engine/fake_engine_host.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

/// A polling session that is being upgraded to a WebSocket.
struct upgrading_session : fake_engine_host {
  upgrading_session() : fake_engine_host(engine_transport::polling) {
    open();
    REQUIRE(get() == request_verdict::accepted);
    REQUIRE(candidate_opens());
    REQUIRE(news().size() == 1);
  }
};

} // namespace

TEST_CASE("a session moves from polling to WebSocket") {
  upgrading_session host;
  CHECK(host.get() == request_verdict::accepted);
  host.candidate("2probe");
  CHECK(host.news() == lines{"candidate 3probe", "answer 6"});
  host.candidate("5");
  CHECK(host.news() == lines{"promote"});
  CHECK(host.session.transport() == engine_transport::websocket);
  host.websocket("4hello");
  host.say("back");
  CHECK(host.news() == lines{"message hello", "ws 4back"});
}

TEST_CASE("a poll during the probe is answered at once") {
  upgrading_session host;
  CHECK_FALSE(host.session.answer_polls_at_once());
  host.candidate("2probe");
  CHECK(host.session.answer_polls_at_once());
  host.news();
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.news() == lines{"answer 6"});
  host.candidate("5");
  CHECK_FALSE(host.session.answer_polls_at_once());
}

TEST_CASE("a poll that still waits at the switch ends before it") {
  upgrading_session host;
  host.candidate("2probe");
  host.news();
  // Its answer is still on its way through another thread when the upgrade arrives.
  REQUIRE(host.hold_poll() == request_verdict::accepted);
  host.candidate("5");
  CHECK(host.news() == lines{"answer 6", "promote"});
}

TEST_CASE("what is queued at the switch goes to the WebSocket in order") {
  upgrading_session host;
  host.candidate("2probe");
  host.news();
  host.say("a");
  host.say("b");
  host.candidate("5");
  host.say("c");
  CHECK(host.news() == lines{"promote", "ws 4a", "ws 4b", "ws 4c"});
}

TEST_CASE("a client may POST until it switches") {
  upgrading_session host;
  CHECK(host.post("4a") == request_verdict::accepted);
  host.candidate("2probe");
  CHECK(host.post("4b") == request_verdict::accepted);
  host.candidate("5");
  host.websocket("4c");
  CHECK(host.news() ==
        lines{"message a", "candidate 3probe", "message b", "promote", "message c"});
}

TEST_CASE("requests after the upgrade are refused and harm nothing") {
  upgrading_session host;
  host.candidate("2probe");
  host.candidate("5");
  host.news();
  CHECK(host.get() == request_verdict::mismatch);
  CHECK(host.post("4late") == request_verdict::mismatch);
  CHECK(host.post("abc") == request_verdict::mismatch);
  CHECK_FALSE(host.candidate_opens());
  host.websocket("4hello");
  CHECK(host.news() == lines{"message hello"});
}

TEST_CASE("a second WebSocket is refused while the first one probes") {
  upgrading_session host;
  CHECK_FALSE(host.candidate_opens());
  host.candidate("2probe");
  CHECK_FALSE(host.candidate_opens());
  host.candidate("5");
  CHECK(host.news() == lines{"candidate 3probe", "promote"});
}

TEST_CASE("a session that began on WebSocket takes no other") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  CHECK_FALSE(host.candidate_opens());
}

TEST_CASE("a candidate that says anything but the probe is dropped") {
  const auto data = GENERATE(as<std::string>{}, "2", "2prob", "2probes", "5", "4hello", "1",
                             "3probe", "0", "6", "", "abc");
  upgrading_session host;
  host.candidate(data);
  CHECK(host.news() == lines{"drop"});
  CHECK(host.post("4still here") == request_verdict::accepted);
  CHECK(host.news() == lines{"message still here"});
}

TEST_CASE("a candidate that says anything but upgrade after the probe is dropped") {
  const auto data =
      GENERATE(as<std::string>{}, "2probe", "4hello", "1", "3", "0", "6", "", "abc");
  upgrading_session host;
  host.candidate("2probe");
  host.candidate(data);
  CHECK(host.news() == lines{"candidate 3probe", "drop"});
  CHECK(host.session.transport() == engine_transport::polling);
  CHECK_FALSE(host.session.answer_polls_at_once());
}

TEST_CASE("bytes are no probe, whatever they spell") {
  upgrading_session host;
  host.candidate("2probe", true);
  CHECK(host.news() == lines{"drop"});
}

TEST_CASE("a client may try again after a failed upgrade") {
  upgrading_session host;
  SECTION("dropped") {
    host.candidate("4hello");
  }
  SECTION("closed before the probe") {
    host.candidate_closed();
  }
  SECTION("closed after the probe") {
    host.candidate("2probe");
    host.candidate_closed();
  }
  host.news();
  REQUIRE(host.candidate_opens());
  host.candidate("2probe");
  host.candidate("5");
  CHECK(host.news() == lines{"candidate 3probe", "promote"});
}

TEST_CASE("polls wait again once the candidate has gone") {
  upgrading_session host;
  host.candidate("2probe");
  host.candidate_closed();
  host.news();
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.news().empty());
  host.say("a");
  CHECK(host.news() == lines{"answer 4a"});
}

TEST_CASE("an upgrade that is not completed in time is dropped") {
  auto config = test_config;
  config.upgrade_timeout = 100ms;
  fake_engine_host host{engine_transport::polling, config};
  host.open();
  REQUIRE(host.candidate_opens());
  SECTION("before the probe") {}
  SECTION("after the probe") {
    host.candidate("2probe");
  }
  host.news();
  CHECK(host.session.deadline() == host.now + 100ms);
  host.advance(99ms);
  CHECK(host.news().empty());
  host.now += 1ms;
  host.candidate(GENERATE("2probe", "5")); // too late, timer or not
  CHECK(host.news() == lines{"drop"});
  CHECK(host.session.deadline() == steady_time{} + 300ms);
}

TEST_CASE("the heartbeat goes on through an upgrade") {
  upgrading_session host;
  CHECK(host.session.deadline() == host.now + 300ms);
  host.candidate("2probe");
  host.advance(300ms);
  CHECK(host.get() == request_verdict::accepted);
  host.candidate("5");
  CHECK(host.news() == lines{"candidate 3probe", "answer 2", "promote"});
  host.websocket("3"); // the ping came over polling, its pong comes over the WebSocket
  host.advance(299ms);
  CHECK(host.news().empty());
  host.advance(1ms);
  CHECK(host.news() == lines{"ws 2"});
}

TEST_CASE("a session that ends during a probe lets its candidate go") {
  upgrading_session host;
  SECTION("closed by the server") {
    host.close(close_reason::shutdown);
    CHECK(host.news() == lines{"drop", "closed shutdown"});
  }
  SECTION("closed by the client") {
    CHECK(host.post("1") == request_verdict::accepted);
    CHECK(host.news() == lines{"drop", "closed client_close"});
  }
  SECTION("silent") {
    host.advance(500ms);
    CHECK(host.news() == lines{"drop", "closed ping_timeout"});
  }
  host.candidate("2probe");
  host.candidate_closed();
  CHECK(host.news().empty());
}

TEST_CASE("a session closed while it releases a poll does not switch") {
  upgrading_session host;
  host.during_release = [&] { host.session.close(close_reason::slow_reader); };
  SECTION("at the probe") {
    host.candidate("2probe");
  }
  SECTION("at the upgrade") {
    host.during_release = nullptr;
    host.candidate("2probe");
    host.during_release = [&] { host.session.close(close_reason::slow_reader); };
    host.candidate("5");
  }
  CHECK(host.news() == lines{"candidate 3probe", "drop", "closed slow_reader"});
}
