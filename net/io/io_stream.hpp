#pragma once

#include "net/io/io_socket.hpp"
#include "net/io/tls_session.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace hubbub {

/// A client's connection, plain or under TLS. All other code reads and writes this one type, so
/// nothing is compiled twice. A plain one is the socket and costs a branch. Belongs to one io
/// thread, and moves to another by `release`, with its TLS state and everything that this
/// holds.
class io_stream {
 public:
  using executor_type = io_socket::executor_type;
  using error_code = boost::system::error_code;

  /// Wraps a socket. `tls` is null for a plain connection; otherwise its handshake is over and
  /// the socket does not block.
  explicit io_stream(io_socket socket, std::unique_ptr<tls_session> tls = nullptr)
      : socket_(std::move(socket)), tls_(std::move(tls)) {}

  executor_type get_executor() { return socket_.get_executor(); }
  [[nodiscard]] io_socket& socket() { return socket_; }
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  [[nodiscard]] bool is_secure() const { return tls_ != nullptr; }
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

  /// A stream on its way between two threads.
  struct detached {
    boost::asio::ip::tcp protocol;
    io_socket::native_handle_type descriptor;
    std::unique_ptr<tls_session> tls;
  };
  /// Takes the stream off its thread; no operation may be under way on it.
  [[nodiscard]] detached release(error_code& ec) {
    const auto protocol = socket_.local_endpoint(ec).protocol();
    const auto descriptor = socket_.release(ec);
    return {protocol, descriptor, std::move(tls_)};
  }
  io_stream(boost::asio::io_context& io, detached from)
      : socket_(io, from.protocol, from.descriptor), tls_(std::move(from.tls)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
  }

  /// True if a read need not wait for the socket.
  [[nodiscard]] bool has_unread() const { return tls_ && tls_->has_unread(); }
  /// True once the client has ended. If it has not, `heard` tells whether it is silent (false),
  /// or has sent bytes that were not read yet.
  [[nodiscard]] bool ended(bool& heard);

  /// Reads what there is, and never waits: without anything to read the error is `would_block`.
  std::size_t read_some(boost::asio::mutable_buffer into, error_code& ec) {
    return tls_ ? tls_->read_some(into, ec) : socket_.read_some(into, ec);
  }
  /// Waits for something to read. `read_nothing` says that `read_some` would have blocked.
  template <class Handler>
  void async_wait_readable(bool read_nothing, Handler&& handler) {
    if (!read_nothing && has_unread())
      boost::asio::post(get_executor(), boost::beast::bind_handler(
                                            std::forward<Handler>(handler), error_code{}));
    else
      socket_.async_wait(tls_ && read_nothing ? tls_->blocked_on() : io_socket::wait_read,
                         std::forward<Handler>(handler));
  }

  /// Writes what the kernel takes. If that is fewer bytes than there are, or `unsent` is not 0
  /// afterwards, wait with `async_wait_writable`. Never waits itself; the socket does not
  /// block.
  std::size_t write_some(std::span<const boost::asio::const_buffer> from, error_code& ec) {
    return tls_ ? tls_->write_some(from, ec) : write_plain(from, ec);
  }
  /// Returns how many bytes `write_some` took that the kernel has yet to take.
  [[nodiscard]] std::size_t unsent() const { return tls_ ? tls_->unsent() : 0; }

  template <class Handler>
  void async_wait_writable(Handler&& handler) {
    socket_.async_wait(io_socket::wait_write, std::forward<Handler>(handler));
  }

  /// Ends TLS, if there is any. Sends as much of its farewell as is possible now; the rest is
  /// `unsent` until `send_unsent` has sent it.
  void say_goodbye() {
    if (tls_) tls_->say_goodbye();
  }
  void send_unsent(error_code& ec) {
    ec = {};
    if (tls_) tls_->send_unsent(ec);
  }

  // The operations that Asio and Beast require of a stream.

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto done, const auto& into) {
          if (tls_)
            read_tls(first_of<boost::asio::mutable_buffer>(into), std::move(done), true);
          else
            socket_.async_read_some(into, std::move(done));
        },
        handler, buffers);
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto done, const auto& from) {
          if (tls_)
            write_tls(from, std::move(done));
          else
            socket_.async_write_some(from, std::move(done));
        },
        handler, buffers);
  }

 private:
  // Beast and Asio write few buffers at once; of more, the rest is written by the next call.
  static constexpr std::size_t most_buffers = 16;

  std::size_t write_plain(std::span<const boost::asio::const_buffer> from, error_code& ec);

  /// Returns the first buffer that is not empty.
  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    for (auto at = boost::asio::buffer_sequence_begin(buffers);
         at != boost::asio::buffer_sequence_end(buffers); ++at) {
      if (const Buffer buffer{*at}; buffer.size() > 0) return buffer;
    }
    return {};
  }

  /// Completes an operation. `initiating` says that this is still the call that began it, in
  /// which it must not complete.
  template <class Handler>
  void complete(Handler&& done, bool initiating, error_code ec, std::size_t size) {
    if (initiating)
      boost::asio::post(get_executor(),
                        boost::beast::bind_handler(std::forward<Handler>(done), ec, size));
    else
      done(ec, size);
  }

  template <class Handler>
  void read_tls(boost::asio::mutable_buffer into, Handler done, bool initiating) {
    error_code ec = boost::asio::error::bad_descriptor; // closed, or passed on meanwhile
    const auto size = tls_ && is_open() ? tls_->read_some(into, ec) : 0;
    if (ec != boost::asio::error::would_block) {
      complete(std::move(done), initiating, ec, size);
      return;
    }
    socket_.async_wait(tls_->blocked_on(),
                       [this, into, done = std::move(done)](error_code failed) mutable {
                         if (failed)
                           done(failed, 0);
                         else
                           read_tls(into, std::move(done), false);
                       });
  }

  template <class Buffers, class Handler>
  void write_tls(const Buffers& from, Handler done) {
    std::array<boost::asio::const_buffer, most_buffers> space;
    std::size_t count = 0;
    for (auto at = boost::asio::buffer_sequence_begin(from);
         at != boost::asio::buffer_sequence_end(from) && count < space.size(); ++at)
      space[count++] = *at;
    const std::span buffers{space.data(), count};
    error_code ec;
    const auto size = tls_->write_some(buffers, ec);
    // A write is complete only when the kernel has the bytes: nobody else would send the rest.
    if (ec && ec != boost::asio::error::would_block)
      complete(std::move(done), true, ec, size);
    else if (size > 0 || boost::asio::buffer_size(buffers) == 0)
      finish_write(size, std::move(done), true);
    else
      wait_to_write(from, std::move(done));
  }

  template <class Buffers, class Handler>
  void wait_to_write(const Buffers& from, Handler done) {
    async_wait_writable([this, from, done = std::move(done)](error_code failed) mutable {
      if (failed || !tls_)
        done(failed ? failed : boost::asio::error::bad_descriptor, 0);
      else
        write_tls(from, std::move(done));
    });
  }

  template <class Handler>
  void finish_write(std::size_t size, Handler done, bool initiating) {
    error_code ec = boost::asio::error::bad_descriptor;
    if (tls_ && is_open()) tls_->send_unsent(ec);
    if (ec != boost::asio::error::would_block) {
      complete(std::move(done), initiating, ec, size);
      return;
    }
    async_wait_writable([this, size, done = std::move(done)](error_code failed) mutable {
      if (failed)
        done(failed, size);
      else
        finish_write(size, std::move(done), false);
    });
  }

  io_socket socket_;
  std::unique_ptr<tls_session> tls_;
};

} // namespace hubbub
