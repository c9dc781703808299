#include "net/io/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <string>
#include <string_view>
#include <system_error>

namespace hubbub {
namespace {

// For TLS 1.2 only; all ciphers of 1.3 are good.
constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr auto groups = "X25519:P-256:P-384";
constexpr std::string_view protocol = "\x08http/1.1";
constexpr std::string_view session_context = "hubbub";

/// Returns OpenSSL's latest error message and clears the others.
std::string last_reason() {
  const auto code = ERR_peek_last_error();
  const auto* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown error";
}

/// Returns why OpenSSL could not use a file, to follow the file's name. For a missing file
/// OpenSSL's last message is "system lib"; its first one says what the system reported.
std::string why_useless(const std::string& what_is_wrong) {
  const auto first = ERR_peek_error();
  if (!ERR_SYSTEM_ERROR(first)) return " " + what_is_wrong + ": " + last_reason();
  ERR_clear_error();
  return " cannot be read: " + std::generic_category().message(ERR_GET_REASON(first));
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  const auto* ours = reinterpret_cast<const unsigned char*>(protocol.data());
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, static_cast<unsigned>(protocol.size()),
                            offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// Refuses a key that needs a passphrase: nobody is there to type it.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

bool configure(SSL_CTX* native) {
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Idle connections hold no buffers; while one reads, a record costs one system call, not two.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(native, 1);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(native, 1);
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(native, no_passphrase);
  return SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(native, ciphers) == 1 &&
         SSL_CTX_set1_groups_list(native, groups) == 1 &&
         SSL_CTX_set_session_id_context(
             native, reinterpret_cast<const unsigned char*>(session_context.data()),
             static_cast<unsigned>(session_context.size())) == 1;
}

} // namespace

std::chrono::system_clock::time_point tls_context::ends() const {
  int days = 0;
  int seconds = 0;
  const auto* certificate = SSL_CTX_get0_certificate(native_);
  const auto now = std::chrono::system_clock::now();
  if (certificate == nullptr ||
      ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) != 1)
    return std::chrono::system_clock::time_point::max();
  return now + std::chrono::hours{24} * days + std::chrono::seconds{seconds};
}

tls_context::~tls_context() {
  SSL_CTX_free(native_);
}

expected<tls_context_ptr, std::string> tls_context::load(const std::string& certificate_file,
                                                         const std::string& key_file) {
  ERR_clear_error();
  const tls_context_ptr made{new tls_context{SSL_CTX_new(TLS_server_method())}};
  auto* native = made->native_;
  if (native == nullptr || !configure(native))
    return unexpected("OpenSSL cannot serve TLS here: " + last_reason());
  if (SSL_CTX_use_certificate_chain_file(native, certificate_file.c_str()) != 1)
    return unexpected("tls_cert: " + certificate_file +
                      why_useless("holds no PEM certificate that can be used"));
  if (SSL_CTX_use_PrivateKey_file(native, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return unexpected("tls_key: " + key_file +
                      why_useless("holds no PEM key of that certificate without a passphrase"));
  return made;
}

} // namespace hubbub
