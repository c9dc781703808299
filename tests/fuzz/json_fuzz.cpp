#include "proto/json.hpp"
#include "proto/limits.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace hubbub;

/// What parses is written as JSON that reads back as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto doc = json::parse({reinterpret_cast<const char*>(data), size}, max_json_depth);
  if (!doc) return 0;
  std::string once;
  doc->root().dump(once);
  const auto again = json::parse(once, max_json_depth);
  if (!again) std::abort();
  std::string twice;
  again->root().dump(twice);
  if (once != twice) std::abort();
  return 0;
}
