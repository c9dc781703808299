#include "proto/socket/socket_session.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

using namespace hubbub;

namespace {

struct silent_host : socket_host {
  void send(frame_ptr frame) override {
    if (frame->wire_size() < frame->payload_size()) std::abort();
  }
  void close(close_reason) override { closed = true; }
  std::string new_sid() override { return "sid"; }
  bool closed = false;
};

/// Answers every event, leaves on demand, and checks that the calls it gets are consistent.
struct echo : application {
  socket_session* session = nullptr;
  std::set<std::string, std::less<>> inside;

  admission on_connect(std::string_view nsp, json::value) override {
    if (nsp.starts_with("/no")) return refusal{R"({"message":"Invalid namespace"})"};
    if (nsp.starts_with("/later")) return decided_later{};
    return welcome{};
  }
  void on_connected(std::string_view nsp, json::value auth) override {
    require(inside.emplace(nsp).second);
    std::string args;
    auth.dump(args);
    session->emit(nsp, "auth", args);
  }
  void on_event(event_packet event) override {
    require(inside.contains(event.nsp));
    std::string args;
    event.data.root().dump(args);
    if (event.id) session->ack(event.nsp, *event.id, args, event.attachments);
    session->emit(event.nsp, event.name(), args, event.attachments, 1);
    if (event.name() == "decide") session->decide("/later", welcome{"sid", "pid"});
    if (event.name() == "leave")
      session->disconnect(event.nsp, close_reason::server_disconnect);
  }
  void on_ack(ack_packet ack) override { require(inside.contains(ack.nsp)); }
  void on_disconnect(std::string_view nsp, close_reason) override {
    const auto found = inside.find(nsp);
    require(found != inside.end());
    inside.erase(found);
  }
  static void require(bool truth) {
    if (!truth) std::abort();
  }
};

} // namespace

/// Takes a sequence of messages, each ended by 0xff; one that starts with `b` is binary.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  silent_host host;
  echo app;
  const socket_config config;
  socket_session session{host, app, config, steady_time{}};
  app.session = &session;
  while (!rest.empty()) {
    const auto message = rest.substr(0, rest.find('\xff'));
    rest.remove_prefix(std::min(rest.size(), message.size() + 1));
    const bool binary = message.starts_with('b');
    session.on_message(std::string{message.substr(binary ? 1 : 0)}, binary, steady_time{});
  }
  session.on_time(steady_time{} + config.connect_timeout);
  session.on_closed(close_reason::transport_error);
  echo::require(app.inside.empty());
  return 0;
}
