#include "net/compression/message_inflater.hpp"
#include "tests/net/compression/inflate.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

namespace hubbub::test {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t max = 100'000;

std::string plain_of(message_inflater& inflater, std::string_view compressed) {
  auto plain = inflater.inflate(compressed, max);
  REQUIRE(plain);
  return std::move(*plain);
}

websocket_error refusal_of(message_inflater& inflater, std::string_view compressed) {
  const auto plain = inflater.inflate(compressed, max);
  REQUIRE_FALSE(plain);
  return plain.error();
}

} // namespace

TEST_CASE("the examples of RFC 7692 inflate") {
  message_inflater inflater;
  CHECK(plain_of(inflater, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == "Hello");
  // A block without compression, a block that ends its stream, and two blocks.
  CHECK(plain_of(inflater, "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"sv) == "Hello");
  CHECK(plain_of(inflater, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv) == "Hello");
  CHECK(plain_of(inflater, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"sv) ==
        "Hello");
  CHECK(plain_of(inflater, "\x00"sv).empty());
}

TEST_CASE("any message of any size up to the limit comes back") {
  message_inflater inflater;
  std::mt19937_64 random{7};
  for (const auto size : std::initializer_list<std::size_t>{0, 1, 255, 256, 257, 5'000, 65'536,
                                                            99'999, 100'000}) {
    std::string noise(size, 'x');
    for (auto& c : noise)
      c = static_cast<char>(random() & 0xffU);
    CHECK((plain_of(inflater, deflate_message(noise)) == noise));
    const std::string same(size, 'x');
    CHECK((plain_of(inflater, deflate_message(same)) == same));
  }
}

TEST_CASE("one byte past the limit is too large, and what is none is refused") {
  message_inflater inflater;
  CHECK(refusal_of(inflater, deflate_message(std::string(max + 1, 'x'))) ==
        websocket_error::too_large);
  CHECK(refusal_of(inflater, deflate_message(std::string(50 * max, 'x'))) ==
        websocket_error::too_large);
  CHECK(refusal_of(inflater, "\xff\xff\xff\xff"sv) == websocket_error::protocol);
  // A distance that reaches before the message, where no context was kept.
  CHECK(plain_of(inflater, deflate_message("Hello")) == "Hello");
  CHECK(refusal_of(inflater, "\xf2\x00\x11\x00\x00"sv) == websocket_error::protocol);
  CHECK(plain_of(inflater, deflate_message("next")) == "next");
  // A block of five bytes of which one is present, so that the tail would be taken for the
  // rest.
  CHECK(refusal_of(inflater, "\x00\x05\x00\xfa\xff\x48"sv) == websocket_error::protocol);
}

TEST_CASE("a message that begins its stream again and again is refused") {
  message_inflater inflater;
  const auto hello_and_empty_streams = [](int count) {
    std::string compressed{"\xf3\x48\xcd\xc9\xc9\x07\x00"sv};
    for (int i = 0; i < count; ++i)
      compressed += "\x03\x00"sv;
    return compressed += '\0';
  };
  CHECK(plain_of(inflater, hello_and_empty_streams(15)) == "Hello");
  CHECK(refusal_of(inflater, hello_and_empty_streams(16)) == websocket_error::protocol);
}

} // namespace hubbub::test
