#pragma once

#include "net/admission/census.hpp"
#include "net/forward/forwarder.hpp"
#include "net/forward/node_request.hpp"
#include "net/front/http_router.hpp"
#include "net/io/io_thread.hpp"
#include "net/io/listener.hpp"
#include "proto/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// The side of a server that faces other nodes: takes the requests that they pass on to it, and
/// passes requests on to them.
class node_gate {
 public:
  /// Makes a gate for these io threads, which has no other node and does not listen.
  /// `strangers` counts the connections that have yet to prove that they are another node's.
  node_gate(const std::vector<io_thread*>& threads, census& strangers);
  /// Returns how many of these there may be in a process that may open so many descriptors: a
  /// quarter, half of what is not for clients.
  [[nodiscard]] static census_limits limits_of_strangers(std::size_t descriptors) {
    return {descriptors / 4, descriptors / 4};
  }

  /// Binds and listens at `node_listen`; connections wait until `start`. Returns the place with
  /// its port, or one sentence that says what to do.
  [[nodiscard]] expected<tcp_place, std::string> open();
  /// Takes what serves the io threads, by their index. Called once, before the first request.
  void serve(const std::vector<std::unique_ptr<http_router>>& routers);
  /// Takes the nodes that can be reached from now on. Called on any thread.
  void know(const std::vector<node_place>& nodes);

  /// Starts to accept. Call this and `close` on the first io thread.
  void start() { listener_.start(); }
  void close() { listener_.close(); }

 private:
  std::vector<io_thread*> threads_;
  std::vector<std::unique_ptr<forwarder>> forwarders_; ///< one for each io thread
  std::vector<http_router*> routers_;                  ///< one for each io thread
  node_door door_;
  listener listener_;
};

} // namespace hubbub
