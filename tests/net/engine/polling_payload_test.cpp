#include "net/engine/polling_payload.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>

namespace hubbub {
namespace {

frame_queue queue_of(std::initializer_list<std::string> payloads) {
  frame_queue queue;
  for (const auto& payload : payloads)
    queue.push(text_frame(payload));
  return queue;
}

} // namespace

TEST_CASE("packets are joined with the record separator, binary ones in base64") {
  auto queue = queue_of({"4hello", "2"});
  queue.push(binary_frame(std::string{"\x01\x02\x03\x04", 4}));
  queue.push(text_frame("4world"));
  CHECK(take_payload(queue, 1000) == "4hello\x1e"
                                     "2\x1e"
                                     "bAQIDBA==\x1e"
                                     "4world");
  CHECK(queue.empty());
}

TEST_CASE("an answer holds at most sixteen packets and leaves the rest") {
  frame_queue queue;
  for (int i = 0; i < 40; ++i)
    queue.push(text_frame("4x"));
  const auto first = take_payload(queue, 1'000'000);
  CHECK(std::ranges::count(first, '\x1e') == 15);
  CHECK(queue.size() == 24);
  (void)take_payload(queue, 1'000'000);
  const auto last = take_payload(queue, 1'000'000);
  CHECK(std::ranges::count(last, '\x1e') == 7);
  CHECK(queue.empty());
}

TEST_CASE("an answer stays within its bytes, to the byte") {
  auto queue = queue_of({"4aaaa", "4bbbb", "4cccc"});
  CHECK(take_payload(queue, 11) == "4aaaa\x1e"
                                   "4bbbb");
  CHECK(take_payload(queue, 11) == "4cccc");
  queue = queue_of({"4aaaa", "4bbbb"});
  CHECK(take_payload(queue, 10) == "4aaaa");
}

TEST_CASE("a packet that is too large for any answer goes alone") {
  auto queue = queue_of({"4aaaaaaaaaa", "4b"});
  CHECK(take_payload(queue, 5) == "4aaaaaaaaaa");
  CHECK(take_payload(queue, 5) == "4b");
}

TEST_CASE("binary packets count as long as they are in base64") {
  frame_queue queue;
  queue.push(text_frame("4a"));
  queue.push(binary_frame("1234")); // b + 8 digits
  CHECK(take_payload(queue, 11) == "4a");
  CHECK(take_payload(queue, 11) == "bMTIzNA==");
}

} // namespace hubbub
