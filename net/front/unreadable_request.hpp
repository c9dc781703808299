#pragma once

#include "net/http/http_exchange.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/system/error_code.hpp>

#include <optional>
#include <string>

namespace hubbub {

/// Returns the answer to a request that is not well formed.
[[nodiscard]] http_response bad_request(std::string sentence);
/// Returns the answer to a request of which something is larger than allowed.
[[nodiscard]] http_response too_large(boost::beast::http::status status, std::string sentence);
/// Returns the answer to a request that could not be read; nothing if there is nobody left to
/// answer.
[[nodiscard]] std::optional<http_response> answer_to(boost::system::error_code ec);

} // namespace hubbub
