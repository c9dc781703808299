#pragma once

#include "net/server.hpp"
#include "tests/net/raw_client.hpp"
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hubbub::test {

inline const std::string node_secret = "a secret of thirty-five characters.";

struct node_config : local_config {
  explicit node_config(std::size_t number) {
    node = number;
    node_listen = tcp_place{"127.0.0.1", 0};
    node_secret = test::node_secret;
  }
};

/// A server that is one of several nodes.
class node_world : public server_world {
 public:
  explicit node_world(const node_config& config) : server_world(config) {}
  explicit node_world(std::size_t number) : node_world(node_config{number}) {}
  node_world(std::size_t number, const std::string& secret)
      : node_world(with_secret(number, secret)) {}

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(node_port());
  }
  /// Tells it of the other nodes; returns when it knows.
  void know(const std::vector<node_place>& nodes) {
    get().know_nodes(nodes);
    get().everywhere([](io_thread&, const auto&) {});
  }
  /// Waits until its counters are as they should be.
  void until(const std::function<bool(const server_stats&)>& fits) {
    for (int i = 0; i < 2'000; ++i) {
      if (fits(stats())) return;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    FAIL("the counters have not come to what they should be");
  }

 private:
  static node_config with_secret(std::size_t number, const std::string& secret) {
    node_config config{number};
    config.node_secret = secret;
    return config;
  }
};

/// Tells each of the nodes 1, 2 and so on of all others.
inline void introduce(const std::vector<node_world*>& nodes) {
  std::vector<node_place> all;
  for (const auto* each : nodes)
    all.push_back({std::ssize(all) + 1, each->url()});
  for (auto* each : nodes)
    each->know(all);
}

/// A place where another node seems to be: the test answers in its stead.
class plain_node {
 public:
  plain_node() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(socket_, 16) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
  }
  ~plain_node() { ::close(socket_); }
  plain_node(const plain_node&) = delete;
  plain_node& operator=(const plain_node&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Waits for the next connection.
  [[nodiscard]] std::unique_ptr<raw_client> accept() const {
    pollfd ready{socket_, POLLIN, 0};
    REQUIRE(::poll(&ready, 1, 20'000) == 1);
    const auto descriptor = ::accept(socket_, nullptr, nullptr);
    REQUIRE(descriptor >= 0);
    return std::make_unique<raw_client>(accepted_socket{descriptor});
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

} // namespace hubbub::test
