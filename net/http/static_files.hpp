#pragma once

#include "net/http/http_exchange.hpp"

#include <optional>

namespace hubbub {

/// The embedded file at the request's path, compressed where the client takes it, with what its
/// browser needs to cache it; a page comes with its Content-Security-Policy. `/` is
/// `/index.html`. Empty where no file has that path. The method must be GET or HEAD.
[[nodiscard]] std::optional<http_response> static_file(const http_request& request);

} // namespace hubbub
