#pragma once

#include "proto/expected.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;

namespace hubbub {

/// Certificates with their keys, and the TLS parameters: version 1.2 and later, forward secrecy
/// and authenticated encryption only, no compression, no renegotiation, HTTP/1.1 in ALPN. A
/// client that names a server (SNI) gets the first certificate that is valid for the name; any
/// other client gets the first of all. Sessions are resumed by tickets, so that nothing is kept
/// for clients that have gone. Immutable: one object serves all io threads, and lives as long
/// as a handshake uses it.
class tls_context {
 public:
  /// Reads PEM files, whose paths are separated by commas: certificates, each followed by those
  /// that lead to its root; as many keys; and OCSP responses in DER for the certificates at the
  /// same places of the list, of which any may be left out. The error is one sentence that
  /// names the file.
  [[nodiscard]] static expected<std::shared_ptr<const tls_context>, std::string>
  load(std::string_view certificate_files, std::string_view key_files,
       std::string_view response_files = {});

  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  /// Returns the context of the first certificate, which leads to the others.
  [[nodiscard]] ssl_ctx_st* native() const;
  /// Returns the time from which one of the certificates is not valid any more.
  [[nodiscard]] std::chrono::system_clock::time_point ends() const;
  /// Returns the file of the certificate that ends first.
  [[nodiscard]] const std::string& file_that_ends() const;
  /// Returns how many of the certificates are revoked, as their OCSP responses say.
  [[nodiscard]] std::size_t revoked() const;
  /// Returns the context of the certificate for a server of this name; that of the first if
  /// none is.
  [[nodiscard]] ssl_ctx_st* native_for(std::string_view name) const;

 private:
  struct identity; ///< one certificate
  tls_context();
  [[nodiscard]] const identity& first_to_end() const;

  std::vector<std::unique_ptr<identity>> identities_; ///< at least one
};

using tls_context_ptr = std::shared_ptr<const tls_context>;

} // namespace hubbub
