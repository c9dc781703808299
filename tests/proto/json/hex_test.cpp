#include "proto/json/hex.hpp"
#include "tests/support/catch.hpp"

#include <array>

namespace hubbub {

TEST_CASE("bytes are written as two hexadecimal digits each, behind what is there") {
  std::string text = "key ";
  append_hex(text, std::array<std::uint8_t, 4>{0x00, 0x0f, 0xa0, 0xff});
  CHECK(text == "key 000fa0ff");
}

} // namespace hubbub
