#pragma once

#include "net/io_socket.hpp"
#include "net/io_thread.hpp"
#include "proto/expected.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

namespace hubbub {

/// Accepts connections on the first io thread and spreads them over all.
class listener {
 public:
  /// Gets each socket, on the thread it was given to: `threads[index]`.
  using accept_handler = std::function<void(std::size_t index, io_socket socket)>;

  listener(const std::vector<io_thread*>& threads, accept_handler on_accept);

  /// Binds and listens at every address that `host` names; connections wait until `start`. The
  /// error is one sentence that says what to do.
  [[nodiscard]] expected<void, std::string> open(const std::string& host, std::uint16_t port);
  /// Zero before `open`.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// On the first io thread, these two.
  void start();
  void close();

 private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;
  /// One address.
  struct door {
    explicit door(boost::asio::io_context& io) : accepting(io), pause(io) {}
    acceptor accepting;
    boost::asio::steady_timer pause;
  };

  void do_accept(door& at);
  void on_accept(door& at, boost::system::error_code ec, std::size_t index, io_socket socket);
  void do_pause(door& at);

  std::vector<io_thread*> threads_;
  accept_handler on_accept_;
  std::list<door> doors_; ///< which stay where they are
  std::uint16_t port_ = 0;
  std::size_t next_ = 0;
};

} // namespace hubbub
