#include "proto/socket/socket_session.hpp"
#include "tests/proto/socket/socket_fixture.hpp"

using namespace hubbub;
using namespace hubbub::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_CASE_METHOD(socket_fixture, "packets before the first CONNECT are a violation") {
  const auto* packet = GENERATE(R"(2["a"])", "31[]", "1", R"(50-["a"])", R"(2/custom,["a"])");
  text(packet);
  CHECK(violated());
  CHECK(app.heard.empty());
}

TEST_CASE_METHOD(socket_fixture, "malformed packets are a violation") {
  const auto* packet =
      GENERATE("", "abc", "4{}", "2{}", "2[]", R"(2abc["message-with-ack",1])",
               R"(51000000000-["a"])", R"(2["disconnect"])", R"(2["a")", "0[]", "1{}");
  connect();
  text(packet);
  CHECK(violated());
  CHECK(app.heard.empty());
}

TEST_CASE_METHOD(socket_fixture, "bytes that were not announced are a violation") {
  connect();
  binary("x");
  CHECK(violated());
}

TEST_CASE_METHOD(socket_fixture, "after a violation nothing goes in or out") {
  connect();
  text("abc");
  text(R"(2["a"])");
  text("abc");
  session.emit("/", "late", "");
  session.ack("/", 1, "");
  session.disconnect("/", close_reason::server_disconnect);
  CHECK(violated());
  CHECK(host.sent.empty());
  CHECK(app.heard.empty());
  session.on_closed(close_reason::parse_error);
  CHECK(app.heard == list{left("/", close_reason::parse_error)});
}

TEST_CASE_METHOD(socket_fixture, "events and acks reach the application in order") {
  connect();
  connect("/custom");
  text(R"(2["message",1,"2",{"3":[true]}])");
  text(R"(2/custom,["b"])");
  text(R"(37["c"])");
  CHECK(app.heard == list{R"(event / ["message",1,"2",{"3":[true]}])", R"(event /custom ["b"])",
                          R"(ack / 7["c"])"});
}

TEST_CASE_METHOD(socket_fixture, "a binary event is echoed byte for byte") {
  struct echo : fake_application {
    socket_session* session = nullptr;
    void on_event(event_packet event) override {
      std::string args;
      for (std::size_t i = 1; i < event.data.root().size(); ++i) {
        args += i == 1 ? "" : ",";
        event.data.root().at(i).dump(args);
      }
      if (event.id)
        session->ack(event.nsp, *event.id, args, event.attachments);
      else
        session->emit(event.nsp, "message-back", args, event.attachments);
    }
  } echo;
  socket_session echoing{host, echo, config, start};
  echo.session = &echoing;
  echoing.on_message("0", false, start);
  host.sent.clear();

  const auto args = R"({"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])"s;
  echoing.on_message(R"(52-["message",)" + args, false, start);
  echoing.on_message("\x01\x02\x03", true, start);
  CHECK(host.sent.empty());
  echoing.on_message("\x04\x05\x06", true, start);
  CHECK(host.sent == list{R"(452-["message-back",)" + args, "\x01\x02\x03", "\x04\x05\x06"});

  host.sent.clear();
  echoing.on_message(R"(52-789["message-with-ack",)" + args, false, start);
  echoing.on_message("\x01", true, start);
  echoing.on_message("", true, start);
  CHECK(host.sent == list{"462-789[" + args, "\x01", ""});
}

TEST_CASE_METHOD(socket_fixture, "a client leaves one namespace and stays in the other") {
  connect();
  connect("/custom");
  text("1/custom");
  text(R"(2["message","to main"])");
  CHECK(app.heard == list{left("/custom", close_reason::client_disconnect),
                          R"(event / ["message","to main"])"});
  CHECK(host.sent.empty());
  CHECK(host.closes.empty());
}

TEST_CASE_METHOD(socket_fixture, "a client is taken out of all of its namespaces at once") {
  connect();
  connect("/custom");
  app.heard.clear();
  session.disconnect_all(close_reason::server_disconnect);
  CHECK(host.sent == list{"41", "41/custom,"});
  CHECK(app.heard == list{left("/", close_reason::server_disconnect),
                          left("/custom", close_reason::server_disconnect)});
  host.sent.clear();
  session.disconnect_all(close_reason::server_disconnect);
  CHECK(host.sent.empty());
}

TEST_CASE_METHOD(socket_fixture, "packets for a namespace that was left are dropped") {
  connect();
  connect("/custom");
  text("1/custom");
  session.disconnect("/", close_reason::server_disconnect);
  CHECK(host.sent == list{"41"});
  app.heard.clear();
  text(R"(2/custom,["a"])");
  text("3/custom,1[]");
  text(R"(2["in flight"])");
  text("1");
  CHECK(app.heard.empty());
  CHECK(host.closes.empty());

  text(R"(2/custom2,["never connected"])");
  CHECK(violated());
}

TEST_CASE_METHOD(socket_fixture, "a namespace that was left may be connected again") {
  connect();
  text("1");
  connect();
  text(R"(2["a"])");
  CHECK(app.heard == list{R"(event / ["a"])"});
}

TEST_CASE_METHOD(socket_fixture, "only the latest namespaces that were left are remembered") {
  config.max_namespaces = 1;
  for (const auto* nsp : {"/custom1", "/custom2"}) {
    connect(nsp);
    text("1"s + nsp);
  }
  text(R"(2/custom2,["a"])");
  CHECK(host.closes.empty());
  text(R"(2/custom1,["a"])");
  CHECK(violated());
}

TEST_CASE_METHOD(socket_fixture,
                 "not for ever may packets come for a namespace that was left") {
  config.max_crossing_packets = 3;
  connect();
  text("1");
  for (int i = 0; i < 3; ++i)
    text(R"(2["a"])");
  CHECK(host.closes.empty());
  connect();
  text("1");
  for (int i = 0; i < 3; ++i)
    text(R"(2["a"])");
  CHECK(host.closes.empty());
  text(R"(2["a"])");
  CHECK(violated());
}

TEST_CASE_METHOD(socket_fixture, "attachments come in time, or the connection ends") {
  connect();
  const std::string head =
      R"(52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";
  CHECK_FALSE(session.deadline());
  text(head);
  const auto deadline = start + config.attachments_timeout;
  CHECK(session.deadline() == deadline);
  CHECK(session.held() >= head.size());
  session.on_message("12345", true, start + 10s);
  CHECK(session.deadline() == deadline); // for all of them together
  CHECK(session.held() >= head.size() + 5);
  session.on_message("12345", true, start + 20s);
  CHECK_FALSE(session.deadline());
  CHECK(session.held() == 0);
  session.on_time(deadline);
  CHECK(host.closes.empty());
  text(head);
  session.on_time(deadline - 1ms);
  CHECK(host.closes.empty());
  session.on_time(deadline);
  CHECK(violated());
  CHECK_FALSE(session.deadline());
}

TEST_CASE_METHOD(socket_fixture, "a connection without a namespace ends at its deadline") {
  const auto deadline = start + config.connect_timeout;
  REQUIRE(session.deadline() == deadline);
  text("0/random"); // a refusal does not stop the clock
  CHECK(session.deadline() == deadline);
  session.on_time(deadline - 1ms);
  CHECK(host.closes.empty());
  session.on_time(deadline);
  session.on_time(deadline + 1s);
  CHECK(host.closes == std::vector{close_reason::connect_timeout});
  CHECK_FALSE(session.deadline());
  host.sent.clear();
  text("0");
  CHECK(host.sent.empty());
}

TEST_CASE_METHOD(socket_fixture, "the first namespace stops the clock for good") {
  connect();
  CHECK_FALSE(session.deadline());
  text("1");
  CHECK_FALSE(session.deadline());
  session.on_time(start + 1000h);
  CHECK(host.closes.empty());
}

TEST_CASE_METHOD(socket_fixture, "the end of the connection is told once for each namespace") {
  connect();
  connect("/custom");
  connect("/custom2");
  text("1/custom2");
  app.heard.clear();
  app.then = [&](std::string_view) { // leaving by hand must not be told twice
    session.disconnect("/", close_reason::server_disconnect);
    session.disconnect("/custom", close_reason::server_disconnect);
    session.on_closed(close_reason::shutdown);
  };
  session.on_closed(close_reason::ping_timeout);
  session.on_closed(close_reason::transport_error);
  CHECK(app.heard == list{left("/", close_reason::ping_timeout),
                          left("/custom", close_reason::ping_timeout)});
  CHECK(host.sent.empty());
  text(R"(2["a"])");
  text("0");
  CHECK(app.heard.size() == 2);
  CHECK_FALSE(session.deadline());
}

TEST_CASE_METHOD(socket_fixture, "the server takes a client out of a namespace") {
  connect();
  session.disconnect("/", close_reason::server_disconnect);
  CHECK(host.sent == list{"41"});
  CHECK(app.heard == list{left("/", close_reason::server_disconnect)});
  CHECK_FALSE(session.connected("/"));
  session.disconnect("/", close_reason::server_disconnect);
  session.emit("/", "late", "");
  session.ack("/", 1, "");
  CHECK(host.sent.size() == 1);
  session.on_closed(close_reason::client_close);
  CHECK(app.heard.size() == 1);
}

TEST_CASE_METHOD(socket_fixture,
                 "the application may take a client out while it is told of it") {
  app.then = [&](std::string_view what) {
    if (what.starts_with("event")) session.disconnect("/", close_reason::server_disconnect);
  };
  connect();
  text(R"(2["a"])");
  text(R"(2["b"])");
  CHECK(app.heard == list{R"(event / ["a"])", left("/", close_reason::server_disconnect)});

  app.then = [&](std::string_view) { session.disconnect("/custom", close_reason::shutdown); };
  app.heard.clear();
  text("0/custom");
  CHECK(app.heard == list{"connected /custom -", left("/custom", close_reason::shutdown)});
}

TEST_CASE_METHOD(socket_fixture, "a host that closes while it is told to is heard once") {
  host.on_close = [&] { session.on_closed(host.closes.back()); };
  connect();
  text("abc");
  CHECK(violated());
  CHECK(app.heard == list{left("/", close_reason::parse_error)});
}

TEST_CASE_METHOD(socket_fixture,
                 "a host that closes while it sends leaves no namespace behind") {
  host.on_send = [&] { session.on_closed(close_reason::slow_reader); };

  SECTION("the CONNECT: the application was never in") {
    text("0");
    CHECK(app.heard.empty());
    CHECK_FALSE(session.connected("/"));
  }
  SECTION("the DISCONNECT: the application hears of it once") {
    host.on_send = [] {};
    connect();
    host.on_send = [&] { session.on_closed(close_reason::slow_reader); };
    session.disconnect("/", close_reason::server_disconnect);
    CHECK(app.heard == list{left("/", close_reason::slow_reader)});
  }
}

TEST_CASE_METHOD(socket_fixture, "events and acks are sent only to connected namespaces") {
  session.emit("/", "early", "");
  CHECK(host.sent.empty());
  connect();
  session.emit("/", "hello", R"("x")", {}, 5);
  session.emit("/custom", "hello", "");
  session.ack("/", 6, "1,2");
  CHECK(host.sent == list{R"(425["hello","x"])", "436[1,2]"});
}
