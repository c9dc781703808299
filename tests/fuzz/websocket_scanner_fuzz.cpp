#include "proto/websocket_scanner.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace hubbub;

/// What is counted does not depend on where the bytes are cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t max_fragments = 3;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  websocket_scanner whole;
  const auto passed = whole.feed(bytes, max_fragments);

  websocket_scanner cut;
  auto passed_cut = true;
  for (std::size_t at = 0; at < size && passed_cut; at += 1 + at % 7)
    passed_cut = cut.feed(bytes.substr(at, 1 + at % 7), max_fragments);
  if (passed != passed_cut) std::abort();
  return 0;
}
