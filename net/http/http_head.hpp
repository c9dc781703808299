#pragma once

#include "net/http/http_exchange.hpp"

#include <cstdint>
#include <string>

namespace hubbub {

enum class http_version : std::uint8_t { v1_0, v1_1 };

/// Returns the status line and headers of a response, up to the empty line. The length is that
/// of the response's body, even if the body is not sent (HEAD).
[[nodiscard]] std::string response_head(const http_response& response, http_version version,
                                        bool keep_alive);

/// False for statuses whose responses have no body: 204 and 304.
[[nodiscard]] bool may_have_body(unsigned status);

} // namespace hubbub
