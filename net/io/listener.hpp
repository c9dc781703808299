#pragma once

#include "net/admission/accept_meter.hpp"
#include "net/admission/census.hpp"
#include "net/admission/shed.hpp"
#include "net/io/io_socket.hpp"
#include "net/io/io_thread.hpp"
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

/// Accepts connections on the first io thread and spreads them over all io threads.
class listener {
 public:
  /// Receives each socket, on the thread that it was assigned to: `threads[index]`.
  using accept_handler =
      std::function<void(std::size_t index, io_socket socket, census::permit permit)>;

  /// Makes a listener. It and `counter`, which counts the sockets that are let in, are used on
  /// the first of `threads`.
  listener(const std::vector<io_thread*>& threads, census& counter, accept_handler on_accept);

  /// Binds and listens at every address that `host` names; connections wait until `start`. The
  /// error is one sentence that says what to do.
  [[nodiscard]] expected<void, std::string> open(const std::string& host, std::uint16_t port);
  /// Returns the port; zero before `open`.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Starts to accept. Call this and `stop` on the first io thread.
  void start();
  void close();

 private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;
  /// One address that is listened at.
  struct door {
    explicit door(boost::asio::io_context& io) : accepting(io), pause(io) {}
    acceptor accepting;
    boost::asio::steady_timer pause;
  };

  void do_accept(door& at);
  void on_accept(door& at, boost::system::error_code ec, std::size_t index, io_socket socket);
  void do_pause(door& at);
  void on_full(door& at);
  void let_in(std::size_t index, io_socket socket, census::permit permit);
  [[nodiscard]] census::admission admit(const io_socket& socket);
  void shed(std::size_t index, io_socket socket, refused_for why);
  void count(refused_for why, std::uint64_t times = 1);

  std::vector<io_thread*> threads_;
  census* census_;
  accept_handler on_accept_;
  accept_meter accepts_;
  accept_meter lingers_;
  spare_descriptor spare_;
  refusing refusing_;
  std::list<door> doors_; ///< a list, so that they stay where they are
  std::uint16_t port_ = 0;
  std::size_t next_ = 0;
};

} // namespace hubbub
