#include "proto/websocket/frame.hpp"
#include "tests/support/catch.hpp"

#include <type_traits>
#include <utility>

using namespace hubbub;
using namespace std::string_literals;

namespace {

/// Returns the header of a frame whose payload is `size` bytes long.
std::string header_of(std::size_t size, bool binary = false) {
  const std::string payload(size, 'x');
  const auto made = binary ? binary_frame(payload) : text_frame(payload);
  REQUIRE(made->payload_copy() == payload);
  REQUIRE(made->wire_copy().ends_with(payload));
  return std::string{made->wire_copy().substr(0, made->wire_copy().size() - size)};
}

} // namespace

TEST_CASE("a text frame is final, unmasked and of opcode 1") {
  const auto made = text_frame("4hello");
  // FIN and opcode, length, then the payload ("\x34" is "4").
  CHECK(made->wire_copy() == "\x81\x06\x34hello"s);
  CHECK(made->payload_copy() == "4hello");
  CHECK_FALSE(made->binary());
}

TEST_CASE("a binary frame has opcode 2 and carries bytes as they are") {
  const auto made = binary_frame("\x00\xff\x01"s);
  CHECK(made->wire_copy() == "\x82\x03\x00\xff\x01"s);
  CHECK(made->payload_copy() == "\x00\xff\x01"s);
  CHECK(made->binary());
}

TEST_CASE("the length takes the shortest form that holds it") {
  CHECK(header_of(0) == "\x81\x00"s);
  CHECK(header_of(125) == "\x81\x7d"s);
  CHECK(header_of(126) == "\x81\x7e\x00\x7e"s);
  CHECK(header_of(65535) == "\x81\x7e\xff\xff"s);
  CHECK(header_of(65536) == "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
  CHECK(header_of(0x123456, true) == "\x82\x7f\x00\x00\x00\x00\x00\x12\x34\x56"s);
}

TEST_CASE("a payload that outgrows its reservation stays whole") {
  frame_builder builder{1};
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    builder.out() += std::to_string(i);
    expected += std::to_string(i);
  }
  const auto made = std::move(builder).finish();
  CHECK(made->payload_copy() == expected);
}

TEST_CASE("finishing a frame does not copy its payload") {
  frame_builder builder{1000};
  builder.out() += std::string(1000, 'x');
  const auto* payload_at = builder.out().data() + builder.out().size() - 1000;
  const auto made = std::move(builder).finish();
  CHECK(static_cast<const void*>(made->payload_pieces()[0].data()) == payload_at);
}

TEST_CASE("a raw frame is written as it is and is no packet") {
  const auto pong = "\x8a\x02hi"s;
  CHECK(raw_frame(pong)->wire_copy() == pong);
  CHECK(raw_frame(pong)->payload_copy().empty());
  CHECK(raw_frame(""s)->wire_copy().empty());
  // Longer than one byte can count.
  const auto longer = "\x81\x7e\x01\x00"s + std::string(256, 'x');
  CHECK(raw_frame(longer)->wire_copy() == longer);
  CHECK(raw_frame(longer)->payload_copy().empty());
}

TEST_CASE("an argument is added without a copy of what stands before it") {
  const auto size = GENERATE(std::size_t{0}, 80, 100, 110, 120, 200, 65'400, 65'530, 70'000);
  const auto event = text_frame("42[\"e\",\"" + std::string(size, 'x') + "\"]");
  const auto longer = with_last_argument(event, "abc");
  const auto expected = text_frame("42[\"e\",\"" + std::string(size, 'x') + "\",\"abc\"]");
  CHECK(longer->wire_copy() == expected->wire_copy());
  CHECK(longer->wire_size() == expected->wire_size());
  CHECK(longer->payload_copy() == expected->payload_copy());
  CHECK(longer->payload_size() == expected->payload_size());
  CHECK(longer->payload_pieces()[0].data() == event->payload_pieces()[0].data());
}

TEST_CASE("what is shared cannot be changed") {
  STATIC_REQUIRE(std::is_same_v<frame_ptr, std::shared_ptr<const frame>>);
}
