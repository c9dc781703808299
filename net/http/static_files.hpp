#pragma once

#include "net/http/http_exchange.hpp"

#include <optional>

namespace hubbub {

/// Returns the embedded file at the request's path, compressed if the client accepts it, with
/// the headers by which its browser caches it; a page comes with its Content-Security-Policy.
/// `/` is `/index.html`. Returns nothing if no file has that path. The method must be GET or
/// HEAD.
[[nodiscard]] std::optional<http_response> static_file(const http_request& request);

} // namespace hubbub
