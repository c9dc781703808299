#pragma once

#include "net/io/tls_context.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct bio_method_st;
struct bio_st;
struct ssl_st;

namespace hubbub {

/// One client's TLS over a connected, non-blocking socket, which stays its owner's: reads and
/// writes it, and never waits. While nothing is under way it holds no buffers.
///
/// What has been encrypted and was not taken by the kernel is kept here, so that a write never
/// has to be repeated with the same bytes: once this says that it took them they are its own.
class tls_session {
 public:
  using error_code = boost::system::error_code;

  /// Null where there is no memory.
  [[nodiscard]] static std::unique_ptr<tls_session> make(const tls_context& context,
                                                         int descriptor);
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// Goes on with the handshake. `would_block`: come again when the socket is ready for
  /// `blocked_on`. Of a failure the client may be told by an alert, which is unsent yet.
  [[nodiscard]] error_code handshake();

  /// What was decrypted, up to the size of `into`. `would_block` as above; `eof` where the
  /// client ended in order, `connection_reset` where it broke off.
  [[nodiscard]] std::size_t read_some(boost::asio::mutable_buffer into, error_code& ec);
  /// The same without taking it.
  [[nodiscard]] std::size_t peek(boost::asio::mutable_buffer into, error_code& ec);
  /// True if a read need not wait for the socket: it holds bytes, though perhaps no whole
  /// record.
  [[nodiscard]] bool has_unread() const;

  /// Encrypts what the kernel takes, and at most one record more. Fewer bytes than there are:
  /// the rest has to wait until the socket is writable. `would_block`: none was taken.
  [[nodiscard]] std::size_t write_some(std::span<const boost::asio::const_buffer> from,
                                       error_code& ec);
  /// Bytes that were encrypted and not yet taken by the kernel.
  [[nodiscard]] std::size_t unsent() const { return unsent_.size(); }
  /// `would_block` while some are left.
  void send_unsent(error_code& ec);

  /// Tells the client that no more will follow (close_notify), as far as that can be.
  void say_goodbye();

  [[nodiscard]] boost::asio::socket_base::wait_type blocked_on() const { return blocked_on_; }

 private:
  explicit tls_session(int descriptor) : descriptor_(descriptor) {}

  [[nodiscard]] static const bio_method_st* methods();
  static int on_bio_write(bio_st* bio, const char* data, int size);
  static int on_bio_read(bio_st* bio, char* data, int size);
  static long on_bio_control(bio_st* bio, int command, long number, void* pointer);

  [[nodiscard]] error_code to_error(int result);
  [[nodiscard]] std::size_t encrypt(boost::asio::const_buffer from, error_code& ec);

  int descriptor_;
  ssl_st* ssl_ = nullptr;
  std::string unsent_;
  boost::asio::socket_base::wait_type blocked_on_ = boost::asio::socket_base::wait_read;
  bool ended_ = false; ///< the client's side of the connection
};

} // namespace hubbub
