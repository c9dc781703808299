#pragma once

#include "net/http_exchange.hpp"

#include <optional>

namespace hubbub {

/// The embedded file at the request's path, with validators for the browser's cache; `/` is
/// `/index.html`. Empty where no file has that path. The method must be GET or HEAD.
[[nodiscard]] std::optional<http_response> static_file(const http_request& request);

} // namespace hubbub
