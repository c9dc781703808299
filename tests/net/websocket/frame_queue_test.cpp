#include "net/websocket/frame_queue.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <string>

namespace hubbub {
namespace {

/// Removes `count` bytes as a socket would, through at most `space` buffers.
template <std::size_t Space = 64>
std::string write(frame_queue& queue, std::size_t count) {
  std::array<boost::asio::const_buffer, Space> buffers;
  const auto used = queue.gather(buffers);
  std::string out;
  for (std::size_t i = 0; i < used; ++i)
    out.append(static_cast<const char*>(buffers[i].data()), buffers[i].size());
  out.resize(std::min(out.size(), count));
  queue.consume(out.size());
  return out;
}

} // namespace

TEST_CASE("frames leave a queue as bytes in their order, however they are cut") {
  const auto cut = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7},
                            std::size_t{1000});
  frame_queue queue;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    auto frame = text_frame(std::string(static_cast<std::size_t>(i), 'a') + std::to_string(i));
    expected += frame->wire_copy();
    queue.push(std::move(frame));
  }
  CHECK(queue.bytes() == expected.size());
  std::string written;
  while (!queue.empty()) {
    written += write(queue, cut);
    REQUIRE(queue.bytes() == expected.size() - written.size());
  }
  CHECK(written == expected);
  CHECK(queue.size() == 0);
}

TEST_CASE("consuming tells how many frames were completed") {
  frame_queue queue;
  for (int i = 0; i < 3; ++i)
    queue.push(text_frame("ab")); // four bytes each
  CHECK(queue.consume(3) == 0);
  CHECK(queue.consume(1) == 1);
  CHECK(queue.consume(8) == 2);
  CHECK(queue.empty());
}

TEST_CASE("a queue offers no more buffers than there is space for") {
  frame_queue queue;
  for (int i = 0; i < 5; ++i)
    queue.push(text_frame("x"));
  std::array<boost::asio::const_buffer, 2> buffers;
  CHECK(queue.gather(buffers) == 2);
  CHECK(queue.size() == 5);
}

TEST_CASE("a frame in pieces is written to its end, wherever the writes stop") {
  const auto step = GENERATE(1U, 2U, 3U, 7U, 100U);
  frame_queue queue;
  const auto event = text_frame(R"(42["e",{}])");
  std::string expected;
  for (const auto& frame : {with_last_argument(event, "one"), event,
                            with_last_argument(event, "three"), text_frame("2")}) {
    queue.push(frame);
    expected += frame->wire_copy();
  }
  std::string written;
  while (!queue.empty()) {
    written += write(queue, step);
    REQUIRE(queue.bytes() == expected.size() - written.size());
  }
  CHECK(written == expected);
}

TEST_CASE("clearing and popping forget the bytes of what was partly written") {
  frame_queue queue;
  queue.push(text_frame("abcd"));
  queue.push(text_frame("ef"));
  queue.consume(2);
  queue.pop();
  CHECK(queue.bytes() == 4);
  queue.consume(1);
  queue.clear();
  CHECK(queue.bytes() == 0);
  CHECK(queue.empty());
  queue.push(text_frame("gh"));
  CHECK(write(queue, 100) == text_frame("gh")->wire_copy());
}

TEST_CASE("a queue is appended whole and left empty") {
  frame_queue first;
  frame_queue second;
  first.push(text_frame("1"));
  second.push(text_frame("2"));
  second.push(text_frame("3"));
  first.append(second);
  CHECK(second.empty());
  CHECK(second.bytes() == 0);
  CHECK(first.size() == 3);
  CHECK(write(first, 100).ends_with(text_frame("3")->wire_copy()));
}

} // namespace hubbub
