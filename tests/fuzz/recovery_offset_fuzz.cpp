// Positions read from hostile bytes are exactly those that would be written.
#include "proto/socket/recovery_offset.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto positions = hubbub::decode_positions(bytes)) {
    if (hubbub::encode_positions(*positions) != bytes) std::abort();
  }
  return 0;
}
