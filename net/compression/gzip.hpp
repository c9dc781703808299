#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// Compresses a text as gzip (RFC 1952), quickly rather than well; empty if there is no memory.
[[nodiscard]] std::string gzip(std::string_view text);

} // namespace hubbub
