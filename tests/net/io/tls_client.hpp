#pragma once

#include "tests/net/raw_client.hpp"
#include "tests/support/catch.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <csignal>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub::test {

/// How a TLS client presents itself.
struct tls_manners {
  int newest = TLS1_3_VERSION;
  std::string alpn;              ///< in wire form; empty: no protocol is offered
  std::string ciphers;           ///< for TLS 1.2; empty: the usual ones
  SSL_SESSION* resume = nullptr; ///< the session of an earlier connection
  std::string asks_for;          ///< the server's name (SNI); empty: none is sent
  bool wants_status = false;     ///< asks for a stapled OCSP response
};

/// A raw client under TLS, by OpenSSL's own sockets.
class tls_client : public raw_client {
 public:
  explicit tls_client(std::uint16_t port, const tls_manners& manners = {}) : raw_client(port) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL's sockets would raise it
    const timeval patience{patience_ms / 1'000, 0};
    ::setsockopt(descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    // The client accepts everything, so that it is the server that has to refuse.
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), manners.newest);
    if (!manners.ciphers.empty())
      REQUIRE(SSL_CTX_set_cipher_list(context_.get(), manners.ciphers.c_str()) == 1);
    ssl_.reset(SSL_new(context_.get()));
    if (!manners.alpn.empty())
      SSL_set_alpn_protos(ssl_.get(),
                          reinterpret_cast<const unsigned char*>(manners.alpn.data()),
                          static_cast<unsigned>(manners.alpn.size()));
    if (!manners.asks_for.empty())
      SSL_set_tlsext_host_name(ssl_.get(), manners.asks_for.c_str());
    if (manners.wants_status) SSL_set_tlsext_status_type(ssl_.get(), TLSEXT_STATUSTYPE_ocsp);
    if (manners.resume != nullptr) SSL_set_session(ssl_.get(), manners.resume);
    SSL_set_fd(ssl_.get(), descriptor());
    ERR_clear_error();
    connected_ = SSL_connect(ssl_.get()) == 1;
    if (!connected_) {
      const auto* reason = ERR_reason_error_string(ERR_peek_error());
      refusal_ = reason != nullptr ? reason : "broken off";
    }
  }

  /// True if the handshake succeeded.
  [[nodiscard]] bool connected() const { return connected_; }
  /// Returns why the handshake failed, in OpenSSL's words.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  [[nodiscard]] SSL* ssl() { return ssl_.get(); }

  /// Returns the common name of the server's certificate.
  [[nodiscard]] std::string server_name() {
    const std::unique_ptr<X509, decltype(&X509_free)> shown{
        SSL_get1_peer_certificate(ssl_.get()), X509_free};
    REQUIRE(shown);
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name,
                              sizeof name);
    return name;
  }

  /// Returns the stapled OCSP response; empty if there is none.
  [[nodiscard]] std::string status() {
    const unsigned char* der = nullptr;
    const auto size = SSL_get_tlsext_status_ocsp_resp(ssl_.get(), &der);
    return size <= 0 ? std::string{}
                     : std::string(reinterpret_cast<const char*>(der),
                                   static_cast<std::size_t>(size));
  }

  /// Ends TLS in order, and keeps the connection.
  void end_tls() { SSL_shutdown(ssl_.get()); }
  /// True if the server ended in order and did not merely break off.
  [[nodiscard]] bool heard_goodbye() {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 protected:
  long put(std::string_view bytes) override {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  long take_some(char* into, std::size_t size) override {
    const auto count = SSL_read(ssl_.get(), into, static_cast<int>(size));
    // A read that took too long is not an end.
    if (count <= 0) REQUIRE(SSL_get_error(ssl_.get(), count) != SSL_ERROR_WANT_READ);
    return count;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
  std::string refusal_;
};

} // namespace hubbub::test
