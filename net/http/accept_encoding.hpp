#pragma once

#include <string_view>

namespace hubbub {

/// True if a client that sent this `Accept-Encoding` takes gzip.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

} // namespace hubbub
