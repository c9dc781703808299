// Positions read from arbitrary bytes are in the form in which they are written, and survive
// encoding.
#include "proto/socket/recovery_offset.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto positions = hubbub::decode_positions(bytes);
  for (std::size_t i = 1; i < positions.size(); ++i)
    if (positions[i].room <= positions[i - 1].room) std::abort();
  if (hubbub::decode_positions(hubbub::encode_positions(positions)) != positions) std::abort();
  return 0;
}
