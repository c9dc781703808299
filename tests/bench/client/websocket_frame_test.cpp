#include "bench/client/websocket_frame.hpp"
#include "tests/support/catch.hpp"

#include <random>
#include <string>

using namespace hubbub::bench;
using namespace std::string_literals;
using kind = received_frame::kind;

TEST_CASE("a server's frame is read once it is whole") {
  const auto bytes = "\x81\x05hello\x89\x00"s;
  for (std::size_t part = 0; part < 7; ++part)
    CHECK(first_frame(std::string_view{bytes}.substr(0, part)).state == kind::partial);
  const auto text = first_frame(bytes);
  CHECK(text.state == kind::whole);
  CHECK(text.code == opcode::text);
  CHECK(text.payload == "hello");
  CHECK(text.size == 7);
  CHECK(first_frame(std::string_view{bytes}.substr(7)).code == opcode::ping);
}

TEST_CASE("lengths of two and of eight bytes are read") {
  const std::string medium(300, 'm');
  const auto short_one = "\x81\x7e\x01\x2c"s + medium;
  CHECK(first_frame(short_one).payload == medium);
  const std::string large(70'000, 'l');
  const auto long_one = "\x82\x7f\x00\x00\x00\x00\x00\x01\x11\x70"s + large + "more";
  const auto frame = first_frame(long_one);
  CHECK((frame.payload == large));
  CHECK(frame.code == opcode::binary);
  CHECK(frame.size == large.size() + 10);
}

TEST_CASE("what a server must not send is broken") {
  CHECK(first_frame("\x01\x05hello"s).state == kind::broken);     // a part of a message
  CHECK(first_frame("\xc1\x05hello"s).state == kind::broken);     // a reserved bit
  CHECK(first_frame("\x81\x85....hello"s).state == kind::broken); // masked
  CHECK(first_frame("\x81\x7f\x7f\x00\x00\x00\x00\x00\x00\x00"s).state == kind::broken);
}

TEST_CASE("a client's frame is its payload masked behind a header") {
  for (const std::size_t size : {0U, 1U, 7U, 125U, 126U, 65'535U, 65'536U}) {
    const std::string tail(size, 'x');
    std::string out = "before";
    append_frame(out, opcode::text, "4", tail, 0x01020304);
    const auto header = size + 1 < 126 ? 2U : size + 1 <= 65'535 ? 4U : 10U;
    REQUIRE(out.size() == 6 + header + 4 + 1 + size);
    CHECK(out[6] == '\x81');
    CHECK((static_cast<unsigned char>(out[7]) & 0x80U) != 0);
    std::string payload = out.substr(6 + header + 4);
    for (std::size_t i = 0; i < payload.size(); ++i)
      payload[i] = static_cast<char>(payload[i] ^ static_cast<char>(i % 4 + 1));
    CHECK(payload == "4" + tail);
  }
}

TEST_CASE("any bytes are a frame or partial or broken and never more than there is") {
  std::mt19937_64 random{5};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(random());
    const auto frame = first_frame(bytes);
    if (frame.state != kind::whole) continue;
    REQUIRE(frame.size <= bytes.size());
    REQUIRE(frame.payload.size() <= frame.size);
  }
}
