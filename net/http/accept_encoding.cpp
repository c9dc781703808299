#include "net/http/accept_encoding.hpp"

#include "proto/json/ascii_case.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <optional>

namespace hubbub {
namespace {

/// True for `q=0`, `q=0.0` and the like, by which a client refuses an encoding.
bool is_refusal(std::string_view name, std::string_view value) {
  return equal_in_any_case(name, "q") && value.starts_with('0') &&
         value.find_first_not_of("0.") == std::string_view::npos;
}

/// True if this element of `Accept-Encoding` takes gzip, false if it refuses gzip, and nothing
/// if it is about another coding.
std::optional<bool> takes_gzip(std::string_view element) {
  for (const auto& [coding, parameters] : boost::beast::http::ext_list{element}) {
    if (!equal_in_any_case(coding, "gzip")) break;
    return std::ranges::none_of(
        parameters, [](const auto& each) { return is_refusal(each.first, each.second); });
  }
  return std::nullopt;
}

} // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  // Each element is given to Beast separately: in a list of several it gives one the parameters
  // of the one before it (Beast 1.81).
  while (!accept_encoding.empty()) {
    const auto end = std::min(accept_encoding.find(','), accept_encoding.size());
    if (const auto takes = takes_gzip(accept_encoding.substr(0, end))) return *takes;
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
  }
  return false;
}

} // namespace hubbub
