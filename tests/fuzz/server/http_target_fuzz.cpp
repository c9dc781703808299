#include "net/engine/engine_sid.hpp"
#include "net/http/http_target.hpp"
#include "proto/json/text.hpp"
#include "tests/fuzz/server/served_bytes.hpp"

using namespace hubbub;
using namespace hubbub::fuzz;

/// Checks that a decoded request target has the properties that the router relies on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t threads = 3;
  const auto clean = [](std::string_view text) {
    return valid_utf8(text) && text.find('\0') == std::string_view::npos;
  };
  const std::string_view target{reinterpret_cast<const char*>(data), size};
  if (const auto decoded = parse_target(target)) {
    require(decoded->path.starts_with('/') || decoded->path == "*",
            "a path begins with a slash, but for that of OPTIONS");
    require(clean(decoded->path), "a path is text without NUL");
    const auto again = parse_target(decoded->path.substr(0, decoded->path.find_first_of("?#")));
    require(!again || again->path == decoded->path.substr(0, decoded->path.find_first_of("?#")),
            "what was decoded is not decoded again");
    for (const auto& [name, value, is_decoded] : decoded->query)
      require(clean(name) && (clean(value) || !is_decoded), "a query is text without NUL");
    const auto sid = find_param(decoded->query, "sid");
    if (const auto thread = thread_of_sid(sid, threads))
      require(*thread < threads, "a sid leads to a thread that is there");
  }
  for (const std::size_t node : {0U, 1U})
    if (const auto thread = thread_of_sid(target, threads, node))
      require(*thread < threads, "a sid leads to a thread that is there");
  return 0;
}
