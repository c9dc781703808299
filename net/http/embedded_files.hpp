#pragma once

#include <span>
#include <string_view>

namespace hubbub {

/// A file that was built into the program and is served as it is.
struct embedded_file {
  /// The path at which it is served: `/openapi.json`, `/socket.io/socket.io.js`, `/index.html`,
  /// and below `/assets/HASH/` what else lies in `net/www`.
  std::string_view name;
  std::string_view content;
  /// The same content, compressed.
  std::string_view gzip;
  /// The value of its `Content-Type` header.
  std::string_view content_type;
  /// Its name changes with its content, so nobody need ever ask for it again.
  bool immutable = false;
};

/// All of them, for as long as the program runs.
[[nodiscard]] std::span<const embedded_file> embedded_files();

} // namespace hubbub
