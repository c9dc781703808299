#include "proto/json/base64.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub;
using namespace std::string_literals;

namespace {

std::string encode(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

} // namespace

TEST_CASE("base64 agrees with the vectors of RFC 4648") {
  const auto [bytes, text] =
      GENERATE(table<std::string, std::string>({{"", ""},
                                                {"f", "Zg=="},
                                                {"fo", "Zm8="},
                                                {"foo", "Zm9v"},
                                                {"foob", "Zm9vYg=="},
                                                {"fooba", "Zm9vYmE="},
                                                {"foobar", "Zm9vYmFy"}}));
  CHECK(encode(bytes) == text);
  CHECK(decode_base64(text) == bytes);
}

TEST_CASE("base64 is appended behind what is there") {
  auto out = "b"s;
  append_base64(out, "\x01\x02\x03\x04");
  CHECK(out == "bAQIDBA==");
}

TEST_CASE("every byte survives base64") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    REQUIRE(decode_base64(encode(bytes)) == bytes);
  }
  CHECK(encode("\xfb\xff\xfe") == "+//+");
}

TEST_CASE("base64 may come without its padding") {
  CHECK(decode_base64("Zg") == "f");
  CHECK(decode_base64("Zm8") == "fo");
  CHECK(decode_base64("Zm9vYg") == "foob");
}

TEST_CASE("what is not base64 is refused") {
  const auto text = GENERATE(as<std::string>{}, "A", "AAAAA",           // six bits are no byte
                             "=", "==", "====", "A===", "Zg=", "Zm9v=", // useless padding
                             "Zg==Zg==", "Z=g=",                        // padding inside
                             "Zm-v", "Zm_v", "Zm v", "Zm9v\n", "Zm\x80v", // other alphabets
                             "Zh==", "Zm9=",                              // bits left over
                             "Zm9v\0"s);
  CHECK_FALSE(decode_base64(text).has_value());
}

TEST_CASE("base64url has an alphabet of its own and no padding") {
  const auto url = [](std::string_view bytes) {
    std::string text;
    hubbub::append_base64url(text, bytes);
    return text;
  };
  CHECK(url("") == "");
  CHECK(url("\xfb\xff") == "-_8");
  CHECK(url("f") == "Zg");
  CHECK(url("foo") == "Zm9v");
  CHECK(hubbub::decode_base64url("-_8") == "\xfb\xff");
  CHECK(hubbub::decode_base64url("") == "");
  for (const auto* bad : {"+/8", "Zg==", "Zg=", "Z", "Zh", "Zm9v Zm9v", "Zm9v\n"})
    CHECK_FALSE(hubbub::decode_base64url(bad));
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(static_cast<std::size_t>(byte % 5), static_cast<char>(byte));
    CHECK(hubbub::decode_base64url(url(bytes)) == bytes);
  }
}
