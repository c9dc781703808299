#pragma once

#include <span>
#include <string_view>

namespace hubbub {

/// A file that was built into the program and is served as it is.
struct embedded_file {
  /// The path at which it is served: `/openapi.json`, `/socket.io/socket.io.js`, and what lies
  /// in `net/www` below the root (`/index.html`, `/app.css`).
  std::string_view name;
  std::string_view content;
  /// The value of its `Content-Type` header.
  std::string_view content_type;
};

/// All of them, for as long as the program runs.
[[nodiscard]] std::span<const embedded_file> embedded_files();

} // namespace hubbub
