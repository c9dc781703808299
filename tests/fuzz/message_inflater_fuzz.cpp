#include "net/compression/message_inflater.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using hubbub::test::require;

/// Checks that a message inflates to the same data whatever came before it, and to no more than
/// is allowed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubbub;
  constexpr std::size_t max = 20'000;
  static message_inflater used;
  message_inflater fresh;
  const std::string_view compressed{reinterpret_cast<const char*>(data), size};
  const auto plain = used.inflate(compressed, max);
  require(plain == fresh.inflate(compressed, max));
  require(!plain || plain->size() <= max);
  return 0;
}
