// Key sets and files of API keys with arbitrary bytes.
#include "proto/access/api_key_file.hpp"
#include "proto/access/jwks.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto keys = hubbub::parse_jwks(text)) {
    if (keys->keys.empty() || keys->keys.size() + keys->ignored.size() > hubbub::max_jwks_keys)
      std::abort();
  }
  if (const auto keys = hubbub::parse_api_keys(text)) {
    for (const auto& each : keys->keys) {
      const auto again = hubbub::parse_api_keys(hubbub::api_key_line(each));
      if (!again || again->keys.size() != 1 || again->keys.front().name != each.name ||
          again->keys.front().hash != each.hash)
        std::abort();
    }
  }
  return 0;
}
