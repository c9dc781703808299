#pragma once

#include "net/forward/node_exchange.hpp"
#include "net/forward/node_peer.hpp"
#include "net/forward/websocket_pipe.hpp"
#include "persistence/node_lease.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// Passes requests for sessions of other nodes on to them, on one io thread. It knows the nodes
/// whose leases hold, as it was told last; nothing is asked for a request.
class forwarder {
 public:
  /// Makes a forwarder that knows no other node. The node's number and the secret are those of
  /// the thread's configuration.
  explicit forwarder(io_thread& thread) : thread_(&thread) {}
  ~forwarder(); // NOLINT(bugprone-exception-escape): see there
  forwarder(const forwarder&) = delete;
  forwarder& operator=(const forwarder&) = delete;

  /// Takes the nodes that can be reached from now on. What is under way to another one ends.
  void know(const std::vector<node_place>& nodes);
  /// True for another node that can be reached.
  [[nodiscard]] bool knows(std::size_t node) const { return peers_.contains(node); }

  /// Has a node that is known answer a request. `done` is called once, perhaps before this
  /// returns. If the returned function is not empty, it gives the request up, so that `done` is
  /// not called any more.
  [[nodiscard]] std::function<void()> forward(std::size_t node, forwarded_request request,
                                              forward_done done);
  /// Makes a request for a WebSocket a pipe to a node that is known. `refuse` gets the request
  /// back if that fails.
  void pipe(std::size_t node, websocket_request request, std::string target,
            const pipe_refusal& refuse);

 private:
  [[nodiscard]] bool is_full(const node_peer& peer, std::size_t more) const;
  void log_changes(const std::map<std::size_t, std::shared_ptr<node_peer>>& fresh) const;

  io_thread* thread_;
  std::map<std::size_t, std::shared_ptr<node_peer>> peers_;
};

} // namespace hubbub
