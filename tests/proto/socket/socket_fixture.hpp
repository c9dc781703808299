#pragma once

#include "proto/socket/socket_session.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::test {

using namespace std::chrono_literals;

using list = std::vector<std::string>;

inline std::string dump(json::value v) {
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

/// Records the calls that it gets; knows `/` and namespaces that start with `/custom`.
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

inline std::string left(std::string_view nsp, close_reason reason) {
  return "disconnect " + std::string{nsp} + " " + std::to_string(static_cast<int>(reason));
}

/// A session between a host and an application that record what they are told.
struct socket_fixture {
  socket_config config;
  fake_host host;
  fake_application app;
  steady_time start{1h};
  socket_session session{host, app, config, start};

  void text(std::string data) { session.on_message(std::move(data), false, start); }
  void binary(std::string data) { session.on_message(std::move(data), true, start); }
  /// Connects, and drops what that brought.
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

} // namespace hubbub::test
