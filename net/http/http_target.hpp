#pragma once

#include "proto/chat/api_body.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// What an HTTP request asks for, decoded.
struct http_target {
  /// Starts with `/`, or is `*`; valid UTF-8 without NUL. A slash in it separates: one that was
  /// escaped stays `%2F`, and an escaped percent sign stays `%25`.
  std::string path;
  query_params query;
};

/// Decodes a request target, in origin form (`/path?query`) or absolute form
/// (`http://host/path?query`). Empty where an escape in the path is broken, or hides a NUL or
/// bytes that are not UTF-8. In the query `+` is a space; a value that cannot be decoded stays
/// as it was sent and is marked, and a parameter whose name cannot be decoded is left out.
[[nodiscard]] std::optional<http_target> parse_target(std::string_view target);

/// The text that one segment of an `http_target`'s path stands for, slashes included. What is
/// no such segment stands for itself.
[[nodiscard]] std::string segment_text(std::string_view segment);

/// The value of the first parameter with this name, decoded or not; empty if there is none.
[[nodiscard]] std::string_view find_param(const query_params& query, std::string_view name);

} // namespace hubbub
