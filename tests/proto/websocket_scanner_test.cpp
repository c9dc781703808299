#include "proto/websocket_scanner.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <string_view>

namespace hubbub {
namespace {

/// A client's frame with its mask of zeros.
std::string frame_of(unsigned first_byte, std::size_t size) {
  std::string out{static_cast<char>(first_byte)};
  const auto bytes = size < 126 ? 0U : size < 65'536 ? 2U : 8U;
  out += static_cast<char>(0x80U | (bytes == 0 ? size : bytes == 2 ? 126U : 127U));
  for (auto i = bytes; i-- > 0;)
    out += static_cast<char>(size >> (8U * i) & 0xffU);
  return out + std::string(4 + size, '\0');
}

constexpr unsigned fin = 0x80;
constexpr unsigned text = 1;
constexpr unsigned more = 0;

/// A message of `count` frames of one byte.
std::string message_of(int count) {
  std::string out;
  for (int i = 0; i < count; ++i)
    out += frame_of((i == 0 ? text : more) | (i + 1 == count ? fin : 0U), 1);
  return out;
}

bool passes(std::string_view bytes, std::size_t cut) {
  websocket_scanner scanner;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(cut, bytes.size())))
    if (!scanner.feed(bytes.substr(0, cut), 3)) return false;
  return true;
}

} // namespace

TEST_CASE("the frames of each message are counted, wherever the bytes are cut") {
  const auto cut =
      GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{100'000});
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += message_of(3) + message_of(1);
  CHECK(passes(many, cut));
  CHECK_FALSE(passes(many + message_of(4), cut));
}

TEST_CASE("empty fragments of a message that never ends count too") {
  CHECK(passes(frame_of(text, 0) + frame_of(more, 0) + frame_of(more, 0), 1));
  CHECK_FALSE(
      passes(frame_of(text, 0) + frame_of(more, 0) + frame_of(more, 0) + frame_of(more, 0), 1));
}

TEST_CASE("control frames between fragments count for nothing") {
  const auto ping = frame_of(fin | 9U, 125);
  std::string flood;
  for (int i = 0; i < 10; ++i)
    flood += ping;
  CHECK(passes(frame_of(text, 1) + flood + frame_of(more, 1) + flood + frame_of(fin, 1), 7));
}

TEST_CASE("a payload is never taken for a header, however long") {
  for (const std::size_t size : {0, 125, 126, 65'535, 65'536, 200'000}) {
    const auto frame = frame_of(fin | text, size);
    CHECK(passes(frame + frame + message_of(3), 1'000));
    CHECK_FALSE(passes(frame + frame + message_of(4), 1'000));
  }
}

TEST_CASE("a length that cannot be is no way around") {
  websocket_scanner scanner;
  CHECK(scanner.feed(
      std::string{static_cast<char>(fin | text), '\xff'} + std::string(8, '\xff'), 1));
  CHECK(scanner.feed(std::string(1'000, '\x01'), 1));
}

} // namespace hubbub
