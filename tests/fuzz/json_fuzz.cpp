#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace hubbub;

/// Checks that parsed text is written as JSON that reads back the same. Text that is not UTF-8,
/// which transports refuse, is excluded: the bytes of half a surrogate pair may meet the other
/// half in an escape.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto doc = json::parse(text, max_json_depth);
  if (!doc) return 0;
  std::string once;
  doc->root().dump(once);
  if (!valid_utf8(text)) return 0;
  const auto again = json::parse(once, max_json_depth);
  if (!again) std::abort();
  std::string twice;
  again->root().dump(twice);
  if (once != twice) std::abort();
  return 0;
}
