#include "proto/websocket/websocket_decoder.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace hubbub;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr unsigned fin = 0x80;
constexpr unsigned rsv1 = 0x40;
constexpr unsigned more = 0;
constexpr unsigned text = 1;
constexpr unsigned binary = 2;
constexpr unsigned bye = 8;
constexpr unsigned ping = 9;
constexpr unsigned pong = 10;

/// Returns a client's frame. `length_bytes` is 2 or 8 for a form other than the shortest.
std::string frame_of(unsigned first_byte, std::string_view payload,
                     std::string_view mask = "\x37\xfa\x21\x3d", int length_bytes = -1) {
  const auto size = payload.size();
  if (length_bytes < 0) length_bytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  std::string out{static_cast<char>(first_byte)};
  out += static_cast<char>(0x80U | (length_bytes == 0   ? size
                                    : length_bytes == 2 ? 126U
                                                        : 127U));
  for (auto i = length_bytes; i-- > 0;)
    out += static_cast<char>(size >> (8U * static_cast<unsigned>(i)) & 0xffU);
  out += mask;
  for (std::size_t i = 0; i < size; ++i)
    out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

/// Returns a line for each thing that was decoded, and the error last.
std::vector<std::string> hear_all(websocket_decoder& decoder, std::string_view bytes,
                                  std::size_t cut) {
  std::vector<std::string> heard;
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, cut);
    bytes.remove_prefix(piece.size());
    while (!piece.empty()) {
      const auto fed = decoder.feed(piece);
      if (!fed) {
        heard.push_back("error " + std::to_string(close_code_of(fed.error())));
        return heard;
      }
      if (!*fed) {
        CHECK(piece.empty());
        continue;
      }
      if (const auto* said = std::get_if<websocket_message>(&**fed))
        heard.push_back((said->binary ? "binary " : "text ") +
                        (said->compressed ? "compressed "s : ""s) + said->data);
      else if (const auto* asked = std::get_if<websocket_ping>(&**fed))
        heard.push_back("ping " + asked->data);
      else if (const auto* over = std::get_if<websocket_close>(&**fed))
        heard.push_back("close " + (over->code ? std::to_string(*over->code) : "-"));
    }
  }
  return heard;
}

std::vector<std::string> hear(std::string_view bytes, const websocket_limits& limits = {},
                              std::size_t cut = std::string_view::npos) {
  websocket_decoder decoder{limits};
  return hear_all(decoder, bytes, cut);
}

using lines = std::vector<std::string>;

const lines protocol_error{"error 1002"};
const lines bad_text{"error 1007"};
const lines too_large{"error 1009"};

/// Returns a message of `count` frames of one byte.
std::string message_of(int count) {
  std::string out;
  for (int i = 0; i < count; ++i)
    out += frame_of((i == 0 ? text : more) | (i + 1 == count ? fin : 0U), "x");
  return out;
}

} // namespace

TEST_CASE("a masked text is read as in the example of RFC 6455") {
  CHECK(hear("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"sv) == lines{"text Hello"});
}

TEST_CASE("payloads of every form of length come out as they went in, wherever they are cut") {
  const auto size = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{125},
                             std::size_t{126}, std::size_t{65'535}, std::size_t{65'536});
  const auto cut = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{13}, std::size_t{512},
                            std::string_view::npos);
  std::string payload(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    payload[i] = static_cast<char>('a' + i % 23);
  const auto frame = frame_of(fin | binary, payload);
  const auto heard = hear(frame + frame_of(fin | text, "next"), {}, cut);
  REQUIRE(heard.size() == 2);
  CHECK((heard[0] == "binary " + payload));
  CHECK(heard[1] == "text next");
}

TEST_CASE("one call takes one message, and leaves what is behind it") {
  websocket_decoder decoder{{}};
  const auto both = frame_of(fin | text, "one") + frame_of(fin | text, "two");
  std::string_view bytes{both};
  REQUIRE(decoder.feed(bytes));
  CHECK(bytes.size() == both.size() / 2);
}

TEST_CASE("fragments make one message, and control frames between them are heard at once") {
  const auto bytes = frame_of(binary, "for") + frame_of(fin | ping, "are you there?") +
                     frame_of(more, "") + frame_of(fin | pong, "ignored") +
                     frame_of(fin | more, "ty-two") + frame_of(fin | text, "!");
  const auto cut = GENERATE(std::size_t{1}, std::size_t{5}, std::string_view::npos);
  CHECK(hear(bytes, {}, cut) == lines{"ping are you there?", "binary forty-two", "text !"});
}

TEST_CASE("frames that RFC 6455 does not allow are errors of the protocol") {
  // Not masked, in two ways.
  CHECK(hear("\x81\x02hi"sv) == protocol_error);
  CHECK(hear("\x81\x7e\x01\x00"sv) == protocol_error);
  for (const unsigned reserved : {0x10U, 0x20U, 0x40U})
    CHECK(hear(frame_of(fin | reserved | text, "x")) == protocol_error);
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U})
    CHECK(hear(frame_of(fin | opcode, "")) == protocol_error);
  for (const unsigned control : {bye, ping, pong}) {
    CHECK(hear(frame_of(control, "")) == protocol_error);
    CHECK(hear(frame_of(fin | rsv1 | control, "")) == protocol_error);
    CHECK(hear(frame_of(fin | control, std::string(126, 'x'))) == protocol_error);
  }
  CHECK(hear(frame_of(fin | more, "x")) == protocol_error);
  CHECK(hear(frame_of(more, "x")) == protocol_error);
  CHECK(hear(frame_of(text, "x") + frame_of(fin | text, "y")) == protocol_error);
  CHECK(hear(frame_of(text, "x") + frame_of(fin | more, "y") + frame_of(fin | more, "z")) ==
        lines{"text xy", "error 1002"});
}

TEST_CASE("a length has its shortest form, and at most 63 bits") {
  const auto mask = "\x37\xfa\x21\x3d"sv;
  CHECK(hear(frame_of(fin | binary, std::string(125, 'x'), mask, 2)) == protocol_error);
  CHECK(hear(frame_of(fin | binary, std::string(125, 'x'), mask, 8)) == protocol_error);
  CHECK(hear(frame_of(fin | binary, std::string(65'535, 'x'), mask, 8)) == protocol_error);
  CHECK(hear("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00mask"sv) == protocol_error);
  CHECK(hear("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask"sv) == too_large);
}

TEST_CASE("a message is refused by its length before it has come") {
  const websocket_limits limits{.max_message = 10};
  CHECK(hear(frame_of(fin | text, "0123456789"), limits) == lines{"text 0123456789"});
  CHECK(hear(frame_of(fin | text, "0123456789x").substr(0, 6), limits) == too_large);
  const auto half = frame_of(text, "012345") + frame_of(fin | ping, std::string(125, 'x'));
  const auto rest = [](std::size_t size) {
    return frame_of(fin | more, std::string(size, 'x'));
  };
  CHECK(hear(half + rest(4), limits).back() == "text 012345xxxx");
  CHECK(hear(half + rest(5).substr(0, 6), limits).back() == too_large.front());
}

TEST_CASE("a declared length takes no memory") {
  websocket_decoder decoder{{.max_message = 1'000'000}};
  const auto frame = frame_of(fin | text, std::string(500'000, 'x'));
  std::string_view bytes = std::string_view{frame}.substr(0, 14 + 100);
  REQUIRE(decoder.feed(bytes));
  CHECK(decoder.held() == 100);
  CHECK(decoder.missing() == 499'900);
  bytes = std::string_view{frame}.substr(14 + 100);
  REQUIRE(decoder.feed(bytes));
  CHECK(decoder.held() == 0);
  CHECK(decoder.missing() == 0);
}

TEST_CASE("the frames of each message are counted, wherever the bytes are cut") {
  const websocket_limits limits{.max_fragments = 3};
  const auto cut = GENERATE(std::size_t{1}, std::size_t{5}, std::string_view::npos);
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += message_of(3) + message_of(1);
  CHECK(hear(many, limits, cut).size() == 40);
  CHECK(hear(many + message_of(4), limits, cut).back() == "error 1008");
  const auto empty = frame_of(more, "");
  CHECK(hear(frame_of(text, "") + empty + empty, limits, cut).empty());
  CHECK(hear(frame_of(text, "") + empty + empty + empty, limits, cut) == lines{"error 1008"});
}

TEST_CASE("control frames between fragments do not count among them") {
  const websocket_limits limits{.max_fragments = 2};
  std::string flood;
  for (int i = 0; i < 10; ++i)
    flood += frame_of(fin | ping, std::string(125, 'p'));
  const auto heard =
      hear(frame_of(text, "a") + flood + frame_of(fin | more, "b") + flood, limits, 7);
  REQUIRE(heard.size() == 21);
  CHECK(heard[10] == "text ab");
}

TEST_CASE("text is UTF-8 as a whole, whatever its fragments are cut like") {
  CHECK(hear(frame_of(fin | text, "\xff")) == bad_text);
  CHECK(hear(frame_of(fin | text, "\xc0\xaf")) == bad_text);
  CHECK(hear(frame_of(fin | text, "\xed\xa0\x80")) == bad_text);
  CHECK(hear(frame_of(text, "\xf0\x9f") + frame_of(fin | more, "\x98")) == bad_text);
  CHECK(hear(frame_of(text, "\xf0\x9f") + frame_of(fin | more, "\x98\x80")) ==
        lines{"text \xf0\x9f\x98\x80"});
  CHECK(hear(frame_of(fin | binary, "\xff")) == lines{"binary \xff"});
}

TEST_CASE("a close has no code or one that may be sent, and a reason in UTF-8") {
  const auto closing = [](unsigned code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
    payload += reason;
    return hear(frame_of(fin | bye, payload));
  };
  CHECK(hear(frame_of(fin | bye, "")) == lines{"close -"});
  CHECK(hear(frame_of(fin | bye, "\x03")) == protocol_error);
  for (const unsigned good : {1000U, 1003U, 1007U, 1014U, 3000U, 4999U})
    CHECK(closing(good, "bye") == lines{"close " + std::to_string(good)});
  for (const unsigned bad :
       {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U, 65'535U})
    CHECK(closing(bad, "") == protocol_error);
  CHECK(closing(1000, "\xff") == bad_text);
}

TEST_CASE("compressed messages are for where that was negotiated, and are marked") {
  const websocket_limits limits{.max_message = 1'000, .compression = true};
  CHECK(hear(frame_of(fin | rsv1 | text, "\xff"), limits) == lines{"text compressed \xff"});
  CHECK(
      hear(frame_of(rsv1 | binary, "a") + frame_of(fin | more, "b") + frame_of(fin | text, "c"),
           limits) == lines{"binary compressed ab", "text c"});
  CHECK(hear(frame_of(rsv1 | text, "a") + frame_of(fin | rsv1 | more, "b"), limits) ==
        protocol_error);
  // Incompressible data grows a little.
  CHECK(hear(frame_of(fin | rsv1 | text, std::string(1'100, 'x')), limits).front() !=
        "error 1009");
  CHECK(hear(frame_of(fin | rsv1 | text, std::string(1'200, 'x')), limits) == too_large);
}

TEST_CASE("whatever a client says is heard as it was said") {
  std::mt19937_64 random{GENERATE(range(std::uint64_t{1}, std::uint64_t{60}))};
  const auto below = [&random](std::uint64_t n) {
    return static_cast<std::size_t>(random() % n);
  };
  const auto noise = [&](std::size_t size) {
    std::string out(size, '\0');
    for (auto& c : out)
      c = static_cast<char>(below(256));
    return out;
  };
  std::string bytes;
  lines said;
  const auto frame = [&](unsigned first_byte, std::string_view payload) {
    bytes += frame_of(first_byte, payload, noise(4));
  };
  const auto interrupt = [&] {
    for (; below(4) == 0;) {
      const auto payload = noise(below(126));
      const bool asks = below(2) == 0;
      frame(fin | (asks ? ping : pong), payload);
      if (asks) said.push_back("ping " + payload);
    }
  };
  for (int i = 0; i < 20; ++i) {
    interrupt();
    const bool is_text = below(2) == 0;
    const auto size = std::array<std::size_t, 4>{10, 200, 2'000, 80'000}[below(4)];
    const auto payload = is_text ? std::string(below(size), 'k') : noise(below(size));
    std::string_view rest{payload};
    for (auto kind = is_text ? text : binary;; kind = more) {
      const auto part = rest.substr(0, below(3) == 0 ? below(rest.size() + 1) : rest.size());
      rest.remove_prefix(part.size());
      const bool last = rest.empty() && below(4) != 0;
      frame(kind | (last ? fin : 0U), part);
      if (last) break;
      interrupt();
    }
    said.push_back((is_text ? "text " : "binary ") + payload);
  }
  for (const auto cut : {std::size_t{1} + below(16), std::size_t{1} + below(2'000)})
    CHECK((hear(bytes, {}, cut) == said));
}
