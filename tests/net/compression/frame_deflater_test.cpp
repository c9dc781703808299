#include "net/compression/frame_deflater.hpp"
#include "tests/net/compression/inflate.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub {
namespace {

using test::inflate_message;

constexpr std::size_t threshold = 256;

std::string sample_event(std::size_t size) {
  std::string payload = "42[\"new_message\",{\"content\":\"";
  while (payload.size() + 3 < size)
    payload += "hello world, ";
  payload.resize(size - 3);
  return payload + "\"}]";
}

/// Returns the first byte of the frame, and its payload, inflated if the byte says that it is
/// compressed.
std::pair<unsigned, std::string> received(const frame_ptr& frame) {
  const auto wire = frame->wire_copy();
  const auto payload = frame->payload_copy();
  REQUIRE(wire.size() > payload.size());
  const auto first = static_cast<unsigned char>(wire[0]);
  return {first, (first & 0x40U) != 0 ? inflate_message(payload) : payload};
}

} // namespace

TEST_CASE("what a deflater makes of a frame inflates to its payload") {
  frame_deflater deflater{threshold};
  for (const std::size_t size : {256U, 1'000U, 70'000U, 1'000'000U}) {
    const auto plain = text_frame(sample_event(size));
    const auto small = deflater.deflate(plain);
    CHECK(received(small) == std::pair{0xc1U, sample_event(size)});
    CHECK(small->wire_size() < plain->wire_size() / 2);
    CHECK(small->wire_size() == small->wire_copy().size());
  }
  CHECK(received(deflater.deflate(binary_frame(sample_event(400)))) ==
        std::pair{0xc2U, sample_event(400)});
}

TEST_CASE("a frame is compressed once for all who get it") {
  frame_deflater deflater{threshold};
  const auto one = text_frame(sample_event(500));
  const auto other = text_frame(sample_event(600));
  const auto first = deflater.deflate(one);
  const auto second = deflater.deflate(other);
  CHECK(deflater.deflate(one) == first);
  CHECK(deflater.deflate(other) == second);
  // A frame of the same content is another frame.
  CHECK(deflater.deflate(text_frame(sample_event(500))) != first);
}

TEST_CASE("frames with a tail of their own share what is compressed") {
  frame_deflater deflater{threshold};
  const auto shared = text_frame(sample_event(2'000));
  for (const auto* tail : {"offset-1", "offset-2", ""}) {
    const auto plain = with_last_argument(shared, tail);
    const auto small = deflater.deflate(plain);
    CHECK(received(small) == std::pair{0xc1U, plain->payload_copy()});
    CHECK(small->wire_size() < plain->wire_size() / 2);
  }
  // The same event without a tail, for others.
  CHECK(received(deflater.deflate(shared)).second == sample_event(2'000));
  const auto one = deflater.deflate(with_last_argument(shared, "a"));
  const auto other = deflater.deflate(with_last_argument(shared, "b"));
  CHECK(one->wire_pieces()[1].data() == other->wire_pieces()[1].data());
}

TEST_CASE("what is small, or does not shrink, or is a control frame stays as it is") {
  frame_deflater deflater{threshold};
  const auto small = text_frame(sample_event(255));
  CHECK(deflater.deflate(small) == small);
  std::string noise;
  unsigned state = 1;
  for (int i = 0; i < 1'000; ++i)
    noise += static_cast<char>((state = state * 1'103'515'245U + 12'345U) >> 16U & 0xffU);
  const auto random = binary_frame(noise);
  CHECK(deflater.deflate(random) == random);
  CHECK(deflater.deflate(random) == random);
  frame_deflater eager{0};
  const auto pong = raw_frame("\x8a\x01x");
  CHECK(eager.deflate(pong) == pong);
  CHECK(received(eager.deflate(text_frame("2"))).second == "2");
}

TEST_CASE("no context is taken over from frame to frame") {
  frame_deflater deflater{threshold};
  const auto alone = deflater.deflate(text_frame(sample_event(700)))->wire_copy();
  for (const std::size_t size : {300U, 900U, 5'000U})
    CHECK_FALSE(deflater.deflate(text_frame(sample_event(size)))->wire_copy().empty());
  CHECK(deflater.deflate(text_frame(sample_event(700)))->wire_copy() == alone);
}

} // namespace hubbub
