#pragma once

#include "proto/expected.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hubbub {

class api_service;
class api_call;
using api_call_ptr = std::shared_ptr<api_call>;

/// A method of `api_service` that answers a route. Its parameters after the call are the texts
/// for each `{…}` of the pattern, of which there are at most two.
using api_answer = std::variant<void (api_service::*)(const api_call_ptr&),
                                void (api_service::*)(const api_call_ptr&, const std::string&),
                                void (api_service::*)(const api_call_ptr&, const std::string&,
                                                      const std::string&)>;

/// Says whom a route answers: everybody; callers that are authenticated and within their rates;
/// or those of them who may watch and steer the whole server, and nobody where there are no
/// keys.
enum class api_guard : std::uint8_t { open, guarded, operators };

/// One route of the API: `{…}` in a pattern stands for one segment of the path.
struct api_route {
  std::string_view method;
  std::string_view pattern;
  api_answer answer;
  api_guard guard = api_guard::guarded;
};

/// Returns all routes of the API, except for embedded files.
[[nodiscard]] std::span<const api_route> api_routes();

struct route_match {
  const api_route* route = nullptr;    ///< a line of `api_routes`, never null
  std::vector<std::string> parameters; ///< the text for each `{…}`, decoded
};
/// The reason why there is no match: an unknown path, or a known one with other methods.
struct route_mismatch {
  std::string allow; ///< the value of the `Allow` header; empty: no such path
};

/// Finds a route. `path` is that of an `http_target`; a slash at its end makes no difference.
[[nodiscard]] expected<route_match, route_mismatch> find_route(std::string_view method,
                                                               std::string_view path);

} // namespace hubbub
