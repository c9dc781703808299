#pragma once

#include <span>
#include <string_view>

namespace hubbub {

/// A file that was built into the program and is served as it is.
struct embedded_file {
  /// The path at which it is served: `/openapi.json`, `/socket.io/socket.io.js`, `/index.html`,
  /// and below `/assets/HASH/` the other files of `net/www`.
  std::string_view name;
  std::string_view content;
  /// The same content, compressed with gzip.
  std::string_view gzip;
  /// The value of its `Content-Type` header.
  std::string_view content_type;
  /// True if its name changes with its content, so that clients may cache it for ever.
  bool immutable = false;
};

/// Returns all embedded files, which live as long as the program.
[[nodiscard]] std::span<const embedded_file> embedded_files();

} // namespace hubbub
