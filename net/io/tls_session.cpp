#include "net/io/tls_session.hpp"

#include "net/io/free_memory.hpp"

#include <boost/asio/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace hubbub {
namespace {

namespace asio = boost::asio;

// Maximum number of bytes that one record carries (RFC 8446, 5.1).
constexpr std::size_t record_size = SSL3_RT_MAX_PLAIN_LENGTH;
// Maximum number of unsent bytes: a record, and messages of the protocol itself (alerts, key
// updates, tickets). A client that causes more than it reads is not read any more.
constexpr std::size_t most_unsent = 65'536;

int clamp(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, 1U << 30U));
}

/// Joins small buffers, so that they share a record and a system call. Its memory belongs to
/// the thread, not to a connection.
asio::const_buffer gather(std::span<const asio::const_buffer> from, std::size_t skip) {
  thread_local std::array<char, record_size> space;
  std::size_t size = 0;
  for (const auto& each : from) {
    const auto rest = each + skip;
    skip -= std::min(skip, each.size());
    if (size == 0 && rest.size() >= record_size) return rest;
    size += asio::buffer_copy(asio::buffer(space) + size, rest);
    if (size == space.size()) break;
  }
  return asio::buffer(space, size);
}

} // namespace

std::unique_ptr<tls_session> tls_session::make(const tls_context& context, int descriptor) {
  std::unique_ptr<tls_session> made{new tls_session{descriptor}};
  const auto* const how = methods();
  auto* bio = how == nullptr ? nullptr : BIO_new(how);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, made.get());
  BIO_set_init(bio, 1);
  made->ssl_ = SSL_new(context.native());
  if (made->ssl_ == nullptr) {
    BIO_free(bio);
    return nullptr;
  }
  SSL_set_bio(made->ssl_, bio, bio);
  SSL_set_accept_state(made->ssl_);
  return made;
}

tls_session::~tls_session() {
  SSL_free(ssl_);
}

const bio_method_st* tls_session::methods() {
  static const auto* const made = [] {
    auto* table = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hubbub socket");
    if (table != nullptr) {
      BIO_meth_set_write(table, on_bio_write);
      BIO_meth_set_read(table, on_bio_read);
      BIO_meth_set_ctrl(table, on_bio_control);
    }
    return table;
  }();
  return made;
}

int tls_session::on_bio_write(bio_st* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto& self = *static_cast<tls_session*>(BIO_get_data(bio));
  const auto length = static_cast<std::size_t>(size);
  std::size_t sent = 0;
  if (self.unsent_.empty()) {
    const auto result = ::send(self.descriptor_, data, length, MSG_NOSIGNAL);
    if (result < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return -1;
    if (result > 0) sent = static_cast<std::size_t>(result);
  } else if (self.unsent_.size() + length > most_unsent) {
    BIO_set_retry_write(bio);
    return -1;
  }
  self.unsent_.append(data + sent, length - sent);
  return size;
}

int tls_session::on_bio_read(bio_st* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto& self = *static_cast<tls_session*>(BIO_get_data(bio));
  const auto result = ::recv(self.descriptor_, data, static_cast<std::size_t>(size), 0);
  if (result == 0) self.ended_ = true;
  if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    BIO_set_retry_read(bio);
  return static_cast<int>(result);
}

long tls_session::on_bio_control(bio_st* bio, int command, long, void*) {
  switch (command) {
  case BIO_CTRL_FLUSH: return 1;
  case BIO_CTRL_EOF: return static_cast<tls_session*>(BIO_get_data(bio))->ended_ ? 1 : 0;
  default: return 0;
  }
}

boost::system::error_code tls_session::to_error(int result) {
  switch (SSL_get_error(ssl_, result)) {
  case SSL_ERROR_NONE: return {};
  case SSL_ERROR_WANT_READ:
    blocked_on_ = asio::socket_base::wait_read;
    return asio::error::would_block;
  case SSL_ERROR_WANT_WRITE:
    blocked_on_ = asio::socket_base::wait_write;
    return asio::error::would_block;
  case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
  case SSL_ERROR_SYSCALL: return asio::error::connection_reset;
  default: break;
  }
  if (ended_) return asio::error::connection_reset;
  return make_error_code(boost::system::errc::protocol_error);
}

boost::system::error_code tls_session::handshake() {
  ERR_clear_error(); // what is found afterwards is about this handshake
  error_code ec;
  send_unsent(ec);
  if (ec) return ec;
  ec = to_error(SSL_do_handshake(ssl_));
  // Our part must be sent before an answer can come.
  if (!unsent_.empty() && (!ec || ec == asio::error::would_block)) {
    blocked_on_ = asio::socket_base::wait_write;
    ec = asio::error::would_block;
  }
  return ec;
}

std::size_t tls_session::read_some(asio::mutable_buffer into, error_code& ec) {
  ERR_clear_error();
  const auto result = SSL_read(ssl_, into.data(), clamp(into.size()));
  ec = result > 0 ? error_code{} : to_error(result);
  if (ec != asio::error::would_block || blocked_on_ != asio::socket_base::wait_write)
    return result > 0 ? static_cast<std::size_t>(result) : 0;
  // If too much waits, it is sent first: see `on_bio_write`.
  send_unsent(ec);
  if (!ec) return read_some(into, ec);
  return 0;
}

std::size_t tls_session::peek(asio::mutable_buffer into, error_code& ec) {
  ERR_clear_error();
  const auto result = SSL_peek(ssl_, into.data(), clamp(into.size()));
  ec = result > 0 ? error_code{} : to_error(result);
  return result > 0 ? static_cast<std::size_t>(result) : 0;
}

bool tls_session::has_unread() const {
  return SSL_has_pending(ssl_) == 1;
}

std::size_t tls_session::encrypt(asio::const_buffer from, error_code& ec) {
  ERR_clear_error();
  const auto result = SSL_write(ssl_, from.data(), clamp(from.size()));
  ec = result > 0 ? error_code{} : to_error(result);
  return result > 0 ? static_cast<std::size_t>(result) : 0;
}

std::size_t tls_session::write_some(std::span<const asio::const_buffer> from, error_code& ec) {
  std::size_t written = 0;
  send_unsent(ec);
  while (!ec && unsent_.empty()) {
    const auto next = gather(from, written);
    if (next.size() == 0) break;
    written += encrypt(next, ec);
  }
  // What was taken before the failure is lost; the next write reports the failure.
  if (written > 0) ec = {};
  return written;
}

void tls_session::send_unsent(error_code& ec) {
  ec = {};
  if (unsent_.empty()) return;
  const auto result = ::send(descriptor_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (result < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    ec = {errno, boost::system::system_category()};
    return;
  }
  const auto sent = static_cast<std::size_t>(std::max<std::ptrdiff_t>(result, 0));
  if (sent == unsent_.size()) {
    free_memory(unsent_);
    return;
  }
  unsent_.erase(0, sent);
  blocked_on_ = asio::socket_base::wait_write;
  ec = asio::error::would_block;
}

void tls_session::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
  ERR_clear_error();
}

} // namespace hubbub
