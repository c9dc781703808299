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

/// One client's TLS over a connected, non-blocking socket, which its owner keeps. It reads and
/// writes the socket and never waits. While nothing is under way it holds no buffers.
///
/// Bytes that were encrypted and not yet taken by the kernel are kept here. So a write never
/// has to be repeated with the same bytes: once they are reported as taken, the caller need not
/// keep them.
class tls_session {
 public:
  using error_code = boost::system::error_code;

  /// Makes a session; null if there is no memory.
  [[nodiscard]] static std::unique_ptr<tls_session> make(const tls_context& context,
                                                         int descriptor);
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// Continues the handshake. `would_block`: call again when the socket is ready for
  /// `blocked_on`. After a failure an alert for the client may be unsent yet.
  [[nodiscard]] error_code handshake();

  /// Returns decrypted bytes, up to the size of `into`. `would_block` is as in `handshake`;
  /// `eof` if the client ended in order, `connection_reset` if it broke off.
  [[nodiscard]] std::size_t read_some(boost::asio::mutable_buffer into, error_code& ec);
  /// Returns decrypted bytes as `read_some` does, without removing them.
  [[nodiscard]] std::size_t peek(boost::asio::mutable_buffer into, error_code& ec);
  /// True if a read need not wait for the socket: it holds bytes, though perhaps not a whole
  /// record.
  [[nodiscard]] bool has_unread() const;

  /// Encrypts what the kernel takes, and at most one record more. If it takes fewer bytes than
  /// there are, the rest has to wait until the socket is writable. `would_block`: none was
  /// taken.
  [[nodiscard]] std::size_t write_some(std::span<const boost::asio::const_buffer> from,
                                       error_code& ec);
  /// Returns how many encrypted bytes the kernel has not taken yet.
  [[nodiscard]] std::size_t unsent() const { return unsent_.size(); }
  /// Sends unsent bytes; `would_block` while some are left.
  void send_unsent(error_code& ec);

  /// Tells the client that no more will follow (close_notify), as far as that is possible now.
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
  bool ended_ = false; ///< the client has ended its side of the connection
};

} // namespace hubbub
