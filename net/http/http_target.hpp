#pragma once

#include "proto/chat/api_body.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// The target of an HTTP request, decoded.
struct http_target {
  /// Starts with `/`, or is `*`; valid UTF-8 without NUL. Every slash in it is a separator: an
  /// escaped slash stays `%2F`, and an escaped percent sign stays `%25`.
  std::string path;
  query_params query;
};

/// Decodes a request target, in origin form (`/path?query`) or absolute form
/// (`http://host/path?query`). Returns nothing if an escape in the path is broken, or hides a
/// NUL or bytes that are not UTF-8. In the query `+` is a space; a value that cannot be decoded
/// stays as it was sent and is marked, and a parameter whose name cannot be decoded is left
/// out.
[[nodiscard]] std::optional<http_target> parse_target(std::string_view target);

/// Returns the text of one segment of an `http_target`'s path, slashes included. Text that is
/// not such a segment is returned unchanged.
[[nodiscard]] std::string segment_text(std::string_view segment);

/// Returns the value of the first parameter with this name, decoded or not; empty if there is
/// none.
[[nodiscard]] std::string_view find_param(const query_params& query, std::string_view name);

} // namespace hubbub
