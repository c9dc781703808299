#include "net/io/tls_accept.hpp"

#include "net/io/io_thread.hpp"
#include "net/io/lingering_close.hpp"
#include "net/io/peer_address.hpp"
#include "net/log/log.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {
namespace {

namespace asio = boost::asio;
using error_state = boost::system::error_code;

// The type of the record that a client begins with (RFC 8446, 5.1).
constexpr char handshake_record = 22;

/// True if a client that begins with this byte probably speaks HTTP: its methods are in
/// capitals.
bool begins_http(char first) {
  return first >= 'A' && first <= 'Z';
}

/// True for the alerts by which a client says that it does not take the certificate.
bool is_about_certificate(unsigned long code) {
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return false;
  switch (ERR_GET_REASON(code)) {
  case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
  case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
  case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
  case SSL_R_TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE: return true;
  default: return false;
  }
}

/// Returns the answer for clients that speak plain HTTP.
const std::string& answer_in_plain() {
  static const auto text = [] {
    constexpr std::string_view body =
        R"({"error":{"code":"bad_request","message":"this port speaks HTTPS: use https://"}})";
    return "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
           "Content-Type: application/json; charset=utf-8\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
  }();
  return text;
}

class tls_acceptor final : public transport,
                           public timed,
                           public std::enable_shared_from_this<tls_acceptor> {
 public:
  using ready_handler = std::function<void(io_stream, census::permit)>;

  tls_acceptor(io_thread& thread, tls_context_ptr context, io_socket socket,
               census::permit permit, ready_handler ready)
      : transport(thread, std::move(permit)), context_(std::move(context)),
        socket_(std::move(socket)), ready_(std::move(ready)) {}

  void start() {
    error_state ec;
    socket_.non_blocking(true, ec);
    if (ec || thread().draining()) return;
    thread().timers().set(*this, std::chrono::steady_clock::now() +
                                     thread().config().tls_handshake_timeout);
    do_wait(io_socket::wait_read);
  }

  void drain() override { abort(); } // no request has been accepted yet
  void abort() override {
    error_state ignored;
    socket_.close(ignored);
    thread().timers().cancel(*this);
  }
  void on_time(steady_time) override {
    ++thread().stats().tls_handshakes_failed;
    abort();
  }

 private:
  void do_wait(io_socket::wait_type what) {
    socket_.async_wait(what, [self = shared_from_this()](error_state ec) {
      if (!ec) self->on_ready();
    });
  }

  void on_ready() {
    // Nothing of TLS is allocated until the client has shown that it speaks it.
    if (!tls_ && !begin()) return;
    const auto ec = tls_->handshake();
    if (ec == asio::error::would_block)
      do_wait(tls_->blocked_on());
    else
      on_handshake(ec);
  }

  [[nodiscard]] bool begin() {
    std::array<char, 1> first{};
    error_state ec;
    socket_.receive(asio::buffer(first), io_socket::message_peek, ec);
    if (ec == asio::error::would_block) {
      do_wait(io_socket::wait_read);
      return false;
    }
    if (!ec && first.front() == handshake_record)
      tls_ = tls_session::make(*context_, socket_.native_handle());
    if (tls_) return true;
    ++thread().stats().tls_handshakes_failed;
    if (!ec && begins_http(first.front()))
      refuse_plain();
    else
      abort();
    return false;
  }

  void refuse_plain() {
    thread().timers().cancel(*this);
    error_state ignored;
    const auto& text = answer_in_plain();
    socket_.write_some(asio::buffer(text), ignored);
    close_lingering(thread(), io_stream{std::move(socket_)}, take_permit());
  }

  void on_handshake(error_state ec) {
    thread().timers().cancel(*this);
    if (ec) {
      ++thread().stats().tls_handshakes_failed;
      log_failure();
      // The client may have to be told why.
      close_lingering(thread(), io_stream{std::move(socket_), std::move(tls_)}, take_permit());
      return;
    }
    ++thread().stats().tls_handshakes;
    ready_(io_stream{std::move(socket_), std::move(tls_)}, take_permit());
  }

  void log_failure() const {
    const auto code = ERR_peek_last_error();
    const bool disliked = is_about_certificate(code);
    if (disliked) ++thread().stats().certificates_disliked;
    const auto what = disliked ? log_event::certificate_disliked : log_event::tls_failed;
    if (!logs(what)) return;
    const auto* reason = ERR_reason_error_string(code);
    log(what,
        disliked ? "a client broke off the TLS handshake because of the certificate"
                 : "a TLS handshake failed",
        {{"client", to_string(peer_address(socket_))},
         {"why", reason != nullptr ? reason : "the client broke off"}});
  }

  tls_context_ptr context_;
  io_socket socket_;
  std::unique_ptr<tls_session> tls_;
  ready_handler ready_;
};

} // namespace

void accept_tls(io_thread& thread, tls_context_ptr context, io_socket socket,
                census::permit permit, std::function<void(io_stream, census::permit)> ready) {
  std::make_shared<tls_acceptor>(thread, std::move(context), std::move(socket),
                                 std::move(permit), std::move(ready))
      ->start();
}

} // namespace hubbub
