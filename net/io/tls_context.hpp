#pragma once

#include "proto/expected.hpp"

#include <chrono>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace hubbub {

/// A certificate with its key, and the TLS parameters: version 1.2 and later, forward secrecy
/// and authenticated encryption only, no compression, no renegotiation, HTTP/1.1 in ALPN.
/// Sessions are resumed by tickets, so that nothing is kept for clients that have gone.
/// Immutable: one object serves all io threads, and lives as long as a connection uses it.
class tls_context {
 public:
  /// Reads two PEM files: the certificate, followed by those that lead to its root, and its
  /// key. The error is one sentence that names the file.
  [[nodiscard]] static expected<std::shared_ptr<const tls_context>, std::string>
  load(const std::string& certificate_file, const std::string& key_file);

  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  [[nodiscard]] ssl_ctx_st* native() const { return native_; }
  /// Returns the time from which the certificate is not valid any more.
  [[nodiscard]] std::chrono::system_clock::time_point ends() const;

 private:
  explicit tls_context(ssl_ctx_st* native) : native_(native) {}

  ssl_ctx_st* native_;
};

using tls_context_ptr = std::shared_ptr<const tls_context>;

} // namespace hubbub
