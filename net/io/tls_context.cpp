#include "net/io/tls_context.hpp"

#include "net/io/asn1_time.hpp"
#include "net/io/ocsp_response.hpp"
#include "proto/json/comma_list.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace hubbub {
namespace {

// For TLS 1.2 only; all ciphers of 1.3 are good.
constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr auto groups = "X25519:P-256:P-384";
constexpr std::string_view protocol = "\x08http/1.1";
constexpr std::string_view ticket_context = "hubbub";

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
             native, reinterpret_cast<const unsigned char*>(ticket_context.data()),
             static_cast<unsigned>(ticket_context.size())) == 1;
}

std::chrono::system_clock::time_point end_of_validity(const X509* certificate) {
  return time_of(certificate == nullptr ? nullptr : X509_get0_notAfter(certificate));
}

/// Changes to the certificate for the name that the client gave, if it gave one.
int choose_certificate(SSL* ssl, int*, void* context) {
  const auto* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, static_cast<const tls_context*>(context)->native_for(name));
  return SSL_TLSEXT_ERR_OK;
}

/// Gives a client that asks for it what the authority said about the certificate. What is out
/// of date is left out: clients would break off.
int staple(SSL* ssl, void* response) {
  const auto& known = *static_cast<const ocsp_response*>(response);
  if (known.ends <= std::chrono::system_clock::now()) return SSL_TLSEXT_ERR_NOACK;
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(known.der.data(), known.der.size()));
  if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(known.der.size()));
  return SSL_TLSEXT_ERR_OK;
}

} // namespace

struct tls_context::identity {
  identity() : native(SSL_CTX_new(TLS_server_method())) {}
  ~identity() { SSL_CTX_free(native); }
  identity(const identity&) = delete;
  identity& operator=(const identity&) = delete;

  /// Reads the files; the last path may be empty. The error is as for `tls_context::load`.
  [[nodiscard]] expected<void, std::string> read(const std::string& certificate_file,
                                                 const std::string& key_file,
                                                 const std::string& response_file);

  [[nodiscard]] std::chrono::system_clock::time_point ends() const {
    return end_of_validity(SSL_CTX_get0_certificate(native));
  }

  SSL_CTX* native;
  std::string file; ///< of the certificate
  std::optional<ocsp_response> response;
};

expected<void, std::string> tls_context::identity::read(const std::string& certificate_file,
                                                        const std::string& key_file,
                                                        const std::string& response_file) {
  if (native == nullptr || !configure(native))
    return unexpected("OpenSSL cannot serve TLS here: " + last_reason());
  if (SSL_CTX_use_certificate_chain_file(native, certificate_file.c_str()) != 1)
    return unexpected("tls_cert: " + certificate_file +
                      why_useless("holds no PEM certificate that can be used"));
  if (SSL_CTX_use_PrivateKey_file(native, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return unexpected("tls_key: " + key_file +
                      why_useless("holds no PEM key of that certificate without a passphrase"));
  file = certificate_file;
  if (response_file.empty()) return {};
  auto found = read_ocsp_response(response_file, SSL_CTX_get0_certificate(native));
  if (!found) return unexpected("tls_ocsp: " + response_file + " " + found.error());
  response = *std::move(found);
  SSL_CTX_set_tlsext_status_cb(native, staple);
  SSL_CTX_set_tlsext_status_arg(native, &*response);
  return {};
}

tls_context::tls_context() = default;
tls_context::~tls_context() = default;

ssl_ctx_st* tls_context::native() const {
  return identities_.front()->native;
}

ssl_ctx_st* tls_context::native_for(std::string_view name) const {
  for (const auto& each : identities_) {
    auto* certificate = SSL_CTX_get0_certificate(each->native);
    if (X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1)
      return each->native;
  }
  return native();
}

std::chrono::system_clock::time_point tls_context::ends() const {
  return first_to_end().ends();
}

const std::string& tls_context::file_that_ends() const {
  return first_to_end().file;
}

const tls_context::identity& tls_context::first_to_end() const {
  return **std::ranges::min_element(identities_, {},
                                    [](const auto& each) { return each->ends(); });
}

std::size_t tls_context::revoked() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      identities_, [](const auto& each) { return each->response && each->response->revoked; }));
}

expected<tls_context_ptr, std::string> tls_context::load(std::string_view certificate_files,
                                                         std::string_view key_files,
                                                         std::string_view response_files) {
  const auto certificates = split_at_commas(certificate_files);
  const auto keys = split_at_commas(key_files);
  auto responses = split_at_commas(response_files);
  if (certificates.empty() || certificates.size() != keys.size())
    return unexpected<std::string>("tls_cert and tls_key must name as many files each");
  if (responses.size() > certificates.size())
    return unexpected<std::string>("tls_ocsp must not name more files than tls_cert");
  responses.resize(certificates.size());
  ERR_clear_error();
  const std::shared_ptr<tls_context> made{new tls_context};
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    auto& each = *made->identities_.emplace_back(std::make_unique<identity>());
    if (auto done = each.read(certificates[i], keys[i], responses[i]); !done)
      return unexpected(std::move(done.error()));
  }
  if (certificates.size() > 1) {
    SSL_CTX_set_tlsext_servername_callback(made->native(), choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(made->native(), made.get());
  }
  return tls_context_ptr{made};
}

} // namespace hubbub
