#include "net/front/unreadable_request.hpp"

#include <boost/beast/http/error.hpp>

#include <utility>

namespace hubbub {

namespace http = boost::beast::http;

http_response bad_request(std::string sentence) {
  return error_response({error_code::bad_request, std::move(sentence)});
}

http_response too_large(http::status status, std::string sentence) {
  auto response = error_response({error_code::too_large, std::move(sentence)});
  response.status = static_cast<unsigned>(status);
  return response;
}

std::optional<http_response> answer_to(boost::system::error_code ec) {
  if (ec.category() != http::make_error_code(http::error::bad_method).category()) return {};
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) return {};
  if (ec == http::error::body_limit)
    return error_response({error_code::too_large, "the body is larger than allowed"});
  if (ec != http::error::header_limit) return bad_request("this is not a well-formed request");
  return too_large(http::status::request_header_fields_too_large,
                   "the headers are larger than allowed");
}

} // namespace hubbub
