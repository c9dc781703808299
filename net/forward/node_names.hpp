#pragma once

#include "net/io/io_thread.hpp"
#include "net/io/listen_place.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Looks up the addresses of one other node, for one io thread. At most one look-up is under
/// way, on a thread of its own, and whoever asks meanwhile waits for it: a resolver that hangs
/// holds up neither the io thread nor requests for other nodes.
class node_names : public std::enable_shared_from_this<node_names> {
 public:
  using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  /// Gets the addresses; none if there are none.
  using taker = std::function<void(const endpoints&)>;

  node_names(io_thread& thread, tcp_place place) : thread_(&thread), place_(std::move(place)) {}

  /// Finds the addresses. `done` is called before this returns if the place is an address, else
  /// later, when the resolver answers; never if the thread stops before that.
  void find(taker done);

  /// Maximum number of those who wait; more are told that there are none.
  static constexpr std::size_t most_waiting = 10'000;

 private:
  class look_up;

  void on_found(std::string_view addresses);

  io_thread* thread_;
  tcp_place place_;
  std::vector<taker> waiting_; ///< empty if no look-up is under way
};

} // namespace hubbub
