#pragma once

#include "net/forward/node_names.hpp"
#include "net/forward/node_request.hpp"
#include "net/io/io_socket.hpp"
#include "net/io/io_thread.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <unordered_set>

namespace hubbub {

class node_peer;

/// What is under way to another node: a request, or a WebSocket. It counts as long as it lives.
class peer_user {
 public:
  explicit peer_user(std::shared_ptr<node_peer> peer);
  virtual ~peer_user();
  peer_user(const peer_user&) = delete;
  peer_user& operator=(const peer_user&) = delete;

  /// Called when the node is gone, so that there will be no answer.
  virtual void on_peer_gone() = 0;

 protected:
  [[nodiscard]] node_peer& peer() const { return *peer_; }

 private:
  std::shared_ptr<node_peer> peer_;
};

/// Another node, as one io thread sees it: where it is, what is under way to it, and the
/// connections to it that wait for the next request.
class node_peer : public std::enable_shared_from_this<node_peer> {
 public:
  node_peer(io_thread& thread, forward_route route)
      : thread_(&thread), route_(std::move(route)),
        names_(std::make_shared<node_names>(thread, route_.place)) {}

  [[nodiscard]] const forward_route& route() const { return route_; }
  /// Returns what looks its addresses up.
  [[nodiscard]] node_names& names() { return *names_; }
  /// Returns how much is under way.
  [[nodiscard]] std::size_t users() const { return users_.size(); }
  /// Counts the bytes of bodies that wait to be sent.
  void hold(std::size_t bytes) { held_ += bytes; }
  void release(std::size_t bytes) { held_ -= bytes; }
  [[nodiscard]] std::size_t held() const { return held_; }

  /// Returns a connection that was kept; nothing if there is none.
  [[nodiscard]] std::optional<io_socket> take();
  /// Keeps a connection for the next request, unless there are many or the node is gone.
  void keep(io_socket socket);

  /// Says that the node is gone, or is elsewhere now: what is kept is closed, and nothing is
  /// kept any more.
  void retire();
  [[nodiscard]] bool is_retired() const { return is_retired_; }
  /// Ends what is under way.
  void give_up();

 private:
  friend class peer_user;
  class kept;

  io_thread* thread_;
  forward_route route_;
  std::shared_ptr<node_names> names_;
  std::size_t held_ = 0;
  bool is_retired_ = false;
  std::unordered_set<peer_user*> users_;
  std::list<std::shared_ptr<kept>> kept_; ///< the one that was used last comes first
};

} // namespace hubbub
