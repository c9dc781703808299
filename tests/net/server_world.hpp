#pragma once

#include "net/server.hpp"
#include "tests/echo/engine_echo.hpp"
#include "tests/net/raw_client.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace hubbub::test {

struct local_config : server_config {
  local_config() {
    host = "127.0.0.1";
    port = 0;
    io_threads = 2;
  }
};

/// A server on a free port, with a bare Engine.IO echo at `/engine.io/` and whatever `app`
/// adds.
class server_world {
 public:
  explicit server_world(const server_config& config = local_config{},
                        server_application app = {})
      : server_(system_, config) {
    app.on_engine_io = echo_consumers();
    if (config.node_listen) {
      const auto place = server_.open_to_nodes();
      REQUIRE(place);
      node_port_ = place->port;
    }
    REQUIRE(server_.start(std::move(app)));
  }

  server& get() { return server_; }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  /// Returns the port for other nodes; 0 without `node_listen`.
  [[nodiscard]] std::uint16_t node_port() const { return node_port_; }
  server_stats stats() {
    std::promise<server_stats> all;
    server_.collect_stats(server_.thread_handles().front(),
                          [&](const server_stats& sum) { all.set_value(sum); });
    return all.get_future().get();
  }

 private:
  struct system_config : caf::actor_system_config {
    system_config() {
      compat::add_types<caf::id_block::hubbub>(*this);
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", 1);
    }
  };
  system_config config_;
  caf::actor_system system_{config_};
  server server_;
  std::uint16_t node_port_ = 0;
};

inline const std::string polling = "/engine.io/?EIO=4&transport=polling";
inline const std::string by_websocket = "/engine.io/?EIO=4&transport=websocket";

/// Opens a session by polling; returns its sid.
inline std::string open_session(raw_client& client) {
  const auto opened = client.get(polling);
  REQUIRE(opened.status == 200);
  const auto at = opened.body.find("\"sid\":\"") + 7;
  return opened.body.substr(at, opened.body.find('"', at) - at);
}

/// Opens a session by WebSocket and reads its handshake.
inline void open_websocket(raw_client& client) {
  client.send(websocket_request(by_websocket));
  REQUIRE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  REQUIRE(client.read_frame().payload.starts_with("0{"));
}
/// Reads the end of a WebSocket whose client broke the protocol: the packet that makes it stay
/// away, and the close frame, whose payload is returned.
inline std::string read_end_of_violation(raw_client& client) {
  CHECK(client.read_frame().payload == "1");
  const auto end = client.read_frame();
  CHECK(end.opcode == 8);
  return end.payload;
}

} // namespace hubbub::test
