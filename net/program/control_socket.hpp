#pragma once

#include "net/io/unix_socket.hpp"
#include "proto/expected.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub {

/// The answer to a request; destroying the function without calling it closes the connection.
using control_answer = std::function<void(const std::string& line)>;
/// Takes a request, one line, and answers it now or later.
using control_handler = std::function<void(std::string_view line, control_answer answer)>;

/// The socket in the file system by which the server's owner talks to the program: a line each
/// way. Nobody else may connect.
class control_socket {
 public:
  /// A client that has not asked within `patience` is dropped.
  explicit control_socket(boost::asio::io_context& io,
                          std::chrono::milliseconds patience = std::chrono::seconds{5})
      : acceptor_(io), retry_(io), patience_(patience) {}

  /// Listens. The error is one sentence.
  [[nodiscard]] expected<void, std::string> open(const std::string& path,
                                                 control_handler handler);
  /// Stops listening, and removes the file.
  void close();

 private:
  void do_accept();
  void accept_later();

  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer retry_; ///< after an error at accept, which may last
  std::chrono::milliseconds patience_;
  socket_file file_;
  std::shared_ptr<const control_handler> handler_; ///< null once it is closed
};

/// Sends a line to the program at a socket and returns its answer. The error is one sentence.
[[nodiscard]] expected<std::string, std::string> ask_control(const std::string& path,
                                                             const std::string& line);

} // namespace hubbub
