#include "proto/engine/engine_session.hpp"
#include "tests/proto/engine/fake_engine_host.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

/// A session whose handshake the client has read.
struct polling_session : fake_engine_host {
  polling_session() : fake_engine_host(engine_transport::polling) {
    open();
    REQUIRE(get() == request_verdict::accepted);
    REQUIRE(news().size() == 1);
  }
};
struct websocket_session : fake_engine_host {
  websocket_session() : fake_engine_host(engine_transport::websocket) {
    open();
    REQUIRE(news().size() == 1);
  }
};

} // namespace

TEST_CASE("a session does nothing before it is opened") {
  fake_engine_host host{engine_transport::polling};
  CHECK(host.news().empty());
}

TEST_CASE("the handshake over polling offers the upgrade") {
  fake_engine_host host{engine_transport::polling};
  host.open();
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.news() == lines{R"(answer 0{"sid":"s1","upgrades":["websocket"],)"
                             R"("pingInterval":300,"pingTimeout":200,"maxPayload":1000000})"});
}

TEST_CASE("the handshake over WebSocket offers no upgrade") {
  fake_engine_host host{engine_transport::websocket};
  host.open();
  CHECK(host.news() == lines{R"(ws 0{"sid":"s1","upgrades":[],)"
                             R"("pingInterval":300,"pingTimeout":200,"maxPayload":1000000})"});
}

TEST_CASE("a POST brings its messages in order") {
  polling_session host;
  CHECK(host.post("4test1\x1e\x34test2\x1e\x34test3") == request_verdict::accepted);
  CHECK(host.post("4hello\x1e\x62"
                  "AQIDBA==") == request_verdict::accepted);
  CHECK(host.news() == lines{"message test1", "message test2", "message test3", "message hello",
                             "bytes \x01\x02\x03\x04"});
}

TEST_CASE("a poll waits until there is something to say") {
  polling_session host;
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.news().empty());
  host.say("hello");
  CHECK(host.news() == lines{"answer 4hello"});
}

TEST_CASE("a WebSocket brings text and bytes in order") {
  websocket_session host;
  host.websocket("4hello");
  host.websocket("\x01\x02", true);
  host.websocket("", true);
  host.websocket("4");
  CHECK(host.news() == lines{"message hello", "bytes \x01\x02", "bytes ", "message "});
}

TEST_CASE("a POST may bring no message above the largest, bytes as they are when decoded") {
  const engine_config config;
  const auto body_of = [](std::size_t text, std::size_t bytes) {
    std::string body = "4" + std::string(text, 'x') + "\x1e\x62";
    append_base64(body, std::string(bytes, 'y'));
    return body;
  };
  polling_session host;
  CHECK(host.post(body_of(config.max_payload - 1, config.max_payload)) ==
        request_verdict::accepted);
  CHECK(host.news().size() == 2);
  const auto [text, bytes] = GENERATE_COPY(std::pair{config.max_payload, std::size_t{1}},
                                           std::pair{std::size_t{1}, config.max_payload + 1});
  CHECK(host.post(body_of(text, bytes)) == request_verdict::too_large);
  CHECK(host.news() == lines{"closed parse_error"});
}

TEST_CASE("a POST that does not decode closes the session") {
  const auto body = GENERATE(as<std::string>{}, "abc", "", "4ok\x1e", "4\xff", "b!", "7");
  polling_session host;
  CHECK(host.post(body) == request_verdict::violation);
  CHECK(host.news() == lines{"closed parse_error"});
  CHECK(host.get() == request_verdict::unknown);
  CHECK(host.post("4hello") == request_verdict::unknown);
}

TEST_CASE("a poll that waits during a violation is answered in order") {
  polling_session host;
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.post("abc") == request_verdict::violation);
  CHECK(host.news() == lines{"answer 1", "closed parse_error"});
}

TEST_CASE("a POST is taken whole or not at all when it does not decode") {
  polling_session host;
  CHECK(host.post("4first\x1e\x61"
                  "bc") == request_verdict::violation);
  CHECK(host.news() == lines{"closed parse_error"});
}

TEST_CASE("a packet out of place closes the session, and nothing behind it counts") {
  const auto packet = GENERATE(as<std::string>{}, "0", "0{}", "2", "2probe", "5", "6");
  SECTION("polling") {
    polling_session host;
    CHECK(host.post("4before\x1e" + packet +
                    "\x1e\x34"
                    "after") == request_verdict::violation);
    CHECK(host.news() == lines{"message before", "closed parse_error"});
  }
  SECTION("websocket") {
    websocket_session host;
    host.websocket("4before");
    host.websocket(packet);
    host.websocket("4after");
    CHECK(host.news() == lines{"message before", "ws 1", "closed parse_error"});
  }
}

TEST_CASE("a WebSocket message that does not decode closes the session") {
  const auto data = GENERATE(as<std::string>{}, "abc", "", "7", "b", "bAQID");
  websocket_session host;
  host.websocket(data);
  CHECK(host.news() == lines{"ws 1", "closed parse_error"});
}

TEST_CASE(
    "who breaks the rules of WebSockets is told to stay away before the WebSocket is gone") {
  websocket_session host;
  host.websocket_violation();
  CHECK(host.news() == lines{"ws 1"});
  host.websocket_closed(close_reason::parse_error);
  CHECK(host.news() == lines{"closed parse_error"});
  host.websocket_violation();
  CHECK(host.news().empty());
}

TEST_CASE("a second poll closes the session and ends the first in order") {
  polling_session host;
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.session.on_poll(host.now) == request_verdict::violation);
  CHECK(host.news() == lines{"answer 1", "closed duplicate_poll"});
  CHECK(host.get() == request_verdict::unknown);
}

TEST_CASE("a poll after an answered one, or one that broke, is no duplicate") {
  polling_session host;
  CHECK(host.get() == request_verdict::accepted);
  host.say("a");
  CHECK(host.session.on_poll(host.now) == request_verdict::accepted);
  host.session.on_poll_lost(host.now);
  CHECK(host.get() == request_verdict::accepted);
  host.say("b");
  CHECK(host.news() == lines{"answer 4a", "answer 4b"});
}

TEST_CASE("a client whose waiting poll was lost is gone unless it polls again soon") {
  polling_session host;
  CHECK(host.get() == request_verdict::accepted);
  host.lose_poll();
  host.advance(19ms);
  CHECK(host.news().empty());
  SECTION("it does not") {
    host.advance(1ms);
    CHECK(host.news() == lines{"closed transport_error"});
    CHECK(host.get() == request_verdict::unknown);
  }
  SECTION("a POST is no poll") {
    CHECK(host.post("4last") == request_verdict::accepted);
    host.advance(1ms);
    CHECK(host.news() == lines{"message last", "closed transport_error"});
  }
  SECTION("it does") {
    CHECK(host.get() == request_verdict::accepted);
    host.advance(200ms);
    CHECK(host.news().empty());
    host.say("a");
    CHECK(host.news() == lines{"answer 4a"});
    host.advance(50ms); // a poll that was answered is not lost
    CHECK(host.news().empty());
  }
}

TEST_CASE("a WebSocket that takes over stands for the poll that was lost") {
  polling_session host;
  CHECK(host.get() == request_verdict::accepted);
  REQUIRE(host.candidate_opens());
  host.lose_poll();
  host.advance(100ms);
  CHECK(host.news().empty());
  SECTION("it does") {
    host.candidate("2probe");
    host.candidate("5");
    host.advance(100ms);
    CHECK(host.news() == lines{"candidate 3probe", "promote"});
  }
  SECTION("it breaks") {
    host.candidate_closed();
    host.advance(1ms);
    CHECK(host.news() == lines{"closed transport_error"});
  }
}

TEST_CASE("a client that closes over polling has its waiting poll answered with noop") {
  polling_session host;
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.post("1") == request_verdict::accepted);
  CHECK(host.news() == lines{"answer 6", "closed client_close"});
  CHECK(host.get() == request_verdict::unknown);
}

TEST_CASE("what a payload holds behind a close packet is dropped") {
  polling_session host;
  CHECK(host.post("4last\x1e\x31\x1e\x34lost\x1e\x30") == request_verdict::accepted);
  CHECK(host.news() == lines{"message last", "closed client_close"});
}

TEST_CASE("a client closes over WebSocket") {
  websocket_session host;
  host.websocket("1");
  host.websocket("4lost");
  host.websocket_closed(close_reason::client_close);
  CHECK(host.news() == lines{"closed client_close"});
}

TEST_CASE("a WebSocket that is gone ends its session with the reason") {
  const auto reason = GENERATE(close_reason::client_close, close_reason::transport_error);
  websocket_session host;
  host.websocket_closed(reason);
  CHECK(host.news() == lines{"closed " + std::string{to_string(reason)}});
  CHECK_FALSE(host.session.deadline().has_value());
}

TEST_CASE("the server closes without a close packet where the client is to come back") {
  const auto reason = GENERATE(close_reason::shutdown, close_reason::slow_reader,
                               close_reason::ping_timeout, close_reason::server_full,
                               close_reason::connect_timeout, close_reason::lease_lost);
  const std::string word{to_string(reason)};
  SECTION("to a waiting poll") {
    polling_session host;
    CHECK(host.get() == request_verdict::accepted);
    host.close(reason);
    CHECK(host.news() == lines{"refuse " + word, "closed " + word});
  }
  SECTION("without a poll") {
    polling_session host;
    host.close(reason);
    CHECK(host.news() == lines{"closed " + word});
  }
  SECTION("over WebSocket") {
    websocket_session host;
    host.say("a");
    host.close(reason);
    CHECK(host.news() == lines{"ws 4a", "closed " + word});
  }
}

TEST_CASE("the server closes with a close packet where the client is to stay away") {
  const auto reason = GENERATE(close_reason::rate_limited, close_reason::superseded,
                               close_reason::connect_refused, close_reason::parse_error);
  const std::string word{to_string(reason)};
  SECTION("to a waiting poll") {
    polling_session host;
    CHECK(host.get() == request_verdict::accepted);
    host.close(reason);
    CHECK(host.news() == lines{"answer 1", "closed " + word});
  }
  SECTION("behind what was queued") {
    polling_session host;
    CHECK(host.session.on_poll(host.now) == request_verdict::accepted);
    host.session.on_poll_answered();
    host.say("a");
    host.close(reason);
    CHECK(host.news() == lines{"closed " + word});
  }
  SECTION("over WebSocket") {
    websocket_session host;
    host.say("a");
    host.close(reason);
    host.close(close_reason::shutdown);
    CHECK(host.news() == lines{"ws 4a", "ws 1", "closed " + word});
  }
}

TEST_CASE("a host that closes the session from within a message stops the payload") {
  polling_session host;
  host.during_message = [&](const std::string& text) {
    if (text == "stop") host.session.close(close_reason::server_disconnect);
  };
  CHECK(host.get() == request_verdict::accepted);
  CHECK(host.post("4a\x1e\x34stop\x1e\x34lost\x1e\x30") == request_verdict::accepted);
  CHECK(host.news() ==
        lines{"message a", "message stop", "answer 1", "closed server_disconnect"});
}

TEST_CASE("a host that closes the session whenever it is told to send is heard once") {
  websocket_session host;
  host.during_send = [&] { host.session.close(close_reason::slow_reader); };
  SECTION("on a ping") {
    host.advance(300ms);
    CHECK(host.news() == lines{"ws 2", "closed slow_reader"});
  }
  SECTION("on the close packet itself") {
    host.close(close_reason::rate_limited);
    CHECK(host.news() == lines{"ws 1", "closed rate_limited"});
  }
}

TEST_CASE("the time from a ping to its pong is reported, and no other pong's") {
  websocket_session host;
  host.websocket("3"); // not asked for
  host.advance(300ms);
  CHECK(host.news() == lines{"ws 2"});
  host.advance(70ms);
  host.websocket("3");
  host.websocket("3");
  CHECK(host.round_trips == std::vector<steady_time::duration>{70ms});
}
