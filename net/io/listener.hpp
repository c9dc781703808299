#pragma once

#include "net/admission/accept_meter.hpp"
#include "net/admission/census.hpp"
#include "net/admission/shed.hpp"
#include "net/io/io_socket.hpp"
#include "net/io/io_thread.hpp"
#include "net/io/unix_socket.hpp"
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

  /// Binds and listens where the configuration says; connections wait until `start`. The error
  /// is one sentence that says what to do.
  [[nodiscard]] expected<void, std::string> open(const server_config& config);
  /// Binds and listens at a place for other nodes, which are refused by their number and for
  /// want of memory, but not by their rate. The error is one sentence that says what to do.
  [[nodiscard]] expected<void, std::string> open_for_nodes(const tcp_place& place);
  /// Returns the places, with the ports that they were given; none before `open`.
  [[nodiscard]] const std::vector<listen_place>& places() const { return places_; }

  /// Returns the first port of `places`; 0 if there is none.
  [[nodiscard]] std::uint16_t port() const;
  /// Returns how clients reach the places, with commas between.
  [[nodiscard]] std::string url(bool is_secure) const;

  /// Starts to accept. Call this and those below on the first io thread.
  void start();
  void close();
  /// Returns the sockets that listen.
  [[nodiscard]] std::vector<int> descriptors();
  /// Says that another process, which has the sockets too, listens at them from now on: `close`
  /// leaves their files in place.
  void keep_files();

 private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;
  /// One address that is listened at.
  struct door {
    door(boost::asio::io_context& io, refusing how) : accepting(io), pause(io), refuses(how) {}
    acceptor accepting;
    boost::asio::steady_timer pause;
    refusing refuses;
    socket_file file; ///< none for TCP, and for a socket that somebody else made
  };

  [[nodiscard]] expected<void, std::string> open_tcp(const tcp_place& place);
  [[nodiscard]] expected<void, std::string> open_unix(const unix_place& place, mode_t mode);
  [[nodiscard]] expected<void, std::string> adopt(int descriptor, bool owns_file);
  void add_door(const listen_place& place, int descriptor, socket_file file = {});

  void do_accept(door& at);
  void on_accept(door& at, boost::system::error_code ec, std::size_t index, io_socket socket);
  void do_pause(door& at);
  void on_full(door& at);
  void let_in(std::size_t index, io_socket socket, census::permit permit);
  [[nodiscard]] census::admission admit(const io_socket& socket);
  void shed(const door& at, std::size_t index, io_socket socket, refused_for why);
  void count(refused_for why, std::uint64_t times = 1);

  std::vector<io_thread*> threads_;
  census* census_;
  accept_handler on_accept_;
  accept_meter accepts_;
  accept_meter lingers_;
  spare_descriptor spare_;
  refusing refusing_;     ///< how clients of TCP are refused
  std::list<door> doors_; ///< a list, so that they stay where they are
  std::vector<listen_place> places_;
  std::size_t next_ = 0;
  bool is_for_nodes_ = false;
};

} // namespace hubbub
