#include "net/http/http_exchange.hpp"

#include <algorithm>

namespace hubbub {

std::string_view http_request::header(std::string_view name) const {
  const auto found =
      std::ranges::find(headers, name, [](const auto& h) { return std::string_view{h.first}; });
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::vector<std::string_view> http_request::header_values(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [each, value] : headers)
    if (each == name) values.emplace_back(value);
  return values;
}

http_response error_response(const error& e) {
  return {http_status(e.code), "application/json; charset=utf-8", error_body(e), {}};
}

} // namespace hubbub
