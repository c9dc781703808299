#include "proto/socket_session.hpp"
#include "tests/support/catch.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace hubbub;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using list = std::vector<std::string>;

std::string dump(json::value v) {
  std::string out;
  v.dump(out);
  return out;
}

struct fake_host : socket_host {
  list sent;
  std::vector<close_reason> closes;
  std::function<void()> on_send = [] {};
  std::function<void()> on_close = [] {};
  int sids = 0;
  int connects = 0;

  void send(frame_ptr frame) override {
    sent.emplace_back(frame->payload_copy());
    on_send();
  }
  void close(close_reason reason) override {
    closes.push_back(reason);
    on_close();
  }
  void on_connected() override { ++connects; }
  std::string new_sid() override { return "sid" + std::to_string(++sids); }
};

/// Writes down what it hears; knows `/` and what starts with `/custom`.
struct fake_application : application {
  list heard;
  std::function<void(std::string_view)> then = [](std::string_view) {};

  admission on_connect(std::string_view nsp, json::value) override {
    if (nsp == "/" || nsp.starts_with("/custom")) return welcome{};
    if (nsp.starts_with("/later")) return decided_later{};
    return refusal{R"({"message":"Invalid namespace"})"};
  }
  void on_connected(std::string_view nsp, json::value auth) override {
    hear("connected " + std::string{nsp} + " " + (auth.exists() ? dump(auth) : "-"));
  }
  void on_event(event_packet event) override {
    hear("event " + event.nsp + " " + dump(event.data.root()));
  }
  void on_ack(ack_packet ack) override {
    hear("ack " + ack.nsp + " " + std::to_string(ack.id) + dump(ack.data.root()));
  }
  void on_disconnect(std::string_view nsp, close_reason reason) override {
    hear("disconnect " + std::string{nsp} + " " + std::to_string(static_cast<int>(reason)));
  }
  void hear(std::string what) {
    heard.push_back(what);
    then(what);
  }
};

std::string left(std::string_view nsp, close_reason reason) {
  return "disconnect " + std::string{nsp} + " " + std::to_string(static_cast<int>(reason));
}

struct fixture {
  socket_config config;
  fake_host host;
  fake_application app;
  steady_time start{1h};
  socket_session session{host, app, config, start};

  void text(std::string data) { session.on_message(std::move(data), false); }
  void binary(std::string data) { session.on_message(std::move(data), true); }
  /// Connects and forgets what that brought.
  void connect(std::string_view nsp = "/") {
    text("0" + std::string{nsp});
    REQUIRE(session.connected(nsp));
    host.sent.clear();
    app.heard.clear();
  }
  [[nodiscard]] bool violated() const {
    return host.closes == std::vector{close_reason::parse_error};
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a client connects to the main namespace") {
  text("0");
  CHECK(host.sent == list{R"(40{"sid":"sid1"})"});
  CHECK(app.heard == list{"connected / -"});
  CHECK(session.connected("/"));
}

TEST_CASE_METHOD(fixture, "a client connects with a payload") {
  text(R"(0{"token":"123"})");
  text(R"(0/custom,{"token":"abc"})");
  CHECK(host.sent == list{R"(40{"sid":"sid1"})", R"(40/custom,{"sid":"sid2"})"});
  CHECK(host.connects == 1); // it hears of the first alone
  CHECK(app.heard ==
        list{R"(connected / {"token":"123"})", R"(connected /custom {"token":"abc"})"});
}

TEST_CASE_METHOD(fixture, "what the application says on connection follows the CONNECT") {
  app.then = [&](std::string_view) { session.emit("/", "auth", "{}"); };
  text("0");
  CHECK(host.sent == list{R"(40{"sid":"sid1"})", R"(42["auth",{}])"});
}

TEST_CASE_METHOD(fixture, "a refused namespace is told and the connection stays") {
  text("0/random");
  CHECK(host.sent == list{R"(44/random,{"message":"Invalid namespace"})"});
  CHECK(host.closes.empty());
  CHECK(app.heard.empty());
  CHECK(host.connects == 0);
  text("0");
  CHECK(session.connected("/"));
}

TEST_CASE_METHOD(fixture, "a client waits for the application to decide") {
  text(R"(0/later,{"pid":"p"})");
  CHECK(host.sent.empty());
  CHECK_FALSE(session.connected("/later"));
  CHECK(session.deadline());
  session.decide("/later", welcome{"old", "p"});
  CHECK(host.sent == list{R"(40/later,{"sid":"old","pid":"p"})"});
  CHECK(app.heard == list{R"(connected /later {"pid":"p"})"});
  CHECK(session.connected("/later"));
  CHECK_FALSE(session.deadline());
  session.decide("/later", welcome{}); // nobody waits any more
  CHECK(host.sent.size() == 1);
}

TEST_CASE_METHOD(fixture, "a client is refused after a while") {
  text("0/later,");
  session.decide("/later", refusal{R"({"message":"no"})"});
  CHECK(host.sent == list{R"(44/later,{"message":"no"})"});
  CHECK_FALSE(session.connected("/later"));
  text("0/later,"); // and may try again
  session.decide("/later", welcome{});
  CHECK(session.connected("/later"));
}

TEST_CASE_METHOD(fixture,
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

TEST_CASE_METHOD(fixture, "a decision after the end is for nobody") {
  text("0/later,");
  session.on_closed(close_reason::transport_error);
  session.decide("/later", welcome{});
  CHECK(host.sent.empty());
  CHECK(app.heard.empty());
}

TEST_CASE_METHOD(fixture, "a namespace cannot be connected twice") {
  connect();
  text("0");
  CHECK(violated());
}

TEST_CASE_METHOD(fixture, "a connection has a bounded number of namespaces") {
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

TEST_CASE_METHOD(fixture, "a client that is refused again and again is sent away") {
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

TEST_CASE_METHOD(fixture, "packets before the first CONNECT are a violation") {
  const auto* packet = GENERATE(R"(2["a"])", "31[]", "1", R"(50-["a"])", R"(2/custom,["a"])");
  text(packet);
  CHECK(violated());
  CHECK(app.heard.empty());
}

TEST_CASE_METHOD(fixture, "malformed packets are a violation") {
  const auto* packet =
      GENERATE("", "abc", "4{}", "2{}", "2[]", R"(2abc["message-with-ack",1])",
               R"(51000000000-["a"])", R"(2["disconnect"])", R"(2["a")", "0[]", "1{}");
  connect();
  text(packet);
  CHECK(violated());
  CHECK(app.heard.empty());
}

TEST_CASE_METHOD(fixture, "bytes that were not announced are a violation") {
  connect();
  binary("x");
  CHECK(violated());
}

TEST_CASE_METHOD(fixture, "after a violation nothing goes in or out") {
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

TEST_CASE_METHOD(fixture, "events and acks reach the application in order") {
  connect();
  connect("/custom");
  text(R"(2["message",1,"2",{"3":[true]}])");
  text(R"(2/custom,["b"])");
  text(R"(37["c"])");
  CHECK(app.heard == list{R"(event / ["message",1,"2",{"3":[true]}])", R"(event /custom ["b"])",
                          R"(ack / 7["c"])"});
}

TEST_CASE_METHOD(fixture, "a binary event is echoed byte for byte") {
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
  echoing.on_message("0", false);
  host.sent.clear();

  const auto args = R"({"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])"s;
  echoing.on_message(R"(52-["message",)" + args, false);
  echoing.on_message("\x01\x02\x03", true);
  CHECK(host.sent.empty());
  echoing.on_message("\x04\x05\x06", true);
  CHECK(host.sent == list{R"(452-["message-back",)" + args, "\x01\x02\x03", "\x04\x05\x06"});

  host.sent.clear();
  echoing.on_message(R"(52-789["message-with-ack",)" + args, false);
  echoing.on_message("\x01", true);
  echoing.on_message("", true);
  CHECK(host.sent == list{"462-789[" + args, "\x01", ""});
}

TEST_CASE_METHOD(fixture, "a client leaves one namespace and stays in the other") {
  connect();
  connect("/custom");
  text("1/custom");
  text(R"(2["message","to main"])");
  CHECK(app.heard == list{left("/custom", close_reason::client_disconnect),
                          R"(event / ["message","to main"])"});
  CHECK(host.sent.empty());
  CHECK(host.closes.empty());
}

TEST_CASE_METHOD(fixture, "packets for a namespace that was left are dropped") {
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

TEST_CASE_METHOD(fixture, "a namespace that was left may be connected again") {
  connect();
  text("1");
  connect();
  text(R"(2["a"])");
  CHECK(app.heard == list{R"(event / ["a"])"});
}

TEST_CASE_METHOD(fixture, "only the latest namespaces that were left are remembered") {
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

TEST_CASE_METHOD(fixture, "a connection without a namespace ends at its deadline") {
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

TEST_CASE_METHOD(fixture, "the first namespace stops the clock for good") {
  connect();
  CHECK_FALSE(session.deadline());
  text("1");
  CHECK_FALSE(session.deadline());
  session.on_time(start + 1000h);
  CHECK(host.closes.empty());
}

TEST_CASE_METHOD(fixture, "the end of the connection is told once for each namespace") {
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

TEST_CASE_METHOD(fixture, "the server takes a client out of a namespace") {
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

TEST_CASE_METHOD(fixture, "the application may take a client out while it is told of it") {
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

TEST_CASE_METHOD(fixture, "a host that closes while it is told to is heard once") {
  host.on_close = [&] { session.on_closed(host.closes.back()); };
  connect();
  text("abc");
  CHECK(violated());
  CHECK(app.heard == list{left("/", close_reason::parse_error)});
}

TEST_CASE_METHOD(fixture, "a host that closes while it sends leaves no namespace behind") {
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

TEST_CASE_METHOD(fixture, "events and acks are sent only to connected namespaces") {
  session.emit("/", "early", "");
  CHECK(host.sent.empty());
  connect();
  session.emit("/", "hello", R"("x")", {}, 5);
  session.emit("/custom", "hello", "");
  session.ack("/", 6, "1,2");
  CHECK(host.sent == list{R"(425["hello","x"])", "436[1,2]"});
}
