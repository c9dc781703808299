#include "proto/bridge/msgpack.hpp"
#include "tests/proto/bridge/recorded.hpp"

namespace hubbub {
namespace {

std::string json_of(std::string_view digits) {
  const auto made = msgpack_to_json(from_hex(digits));
  return made ? *made : "refused: " + std::string{to_string(made.error())};
}

} // namespace

TEST_CASE("msgpack: every kind of number, text and container becomes JSON") {
  CHECK(json_of("c0") == "null");
  CHECK(json_of("c2") == "false");
  CHECK(json_of("c3") == "true");
  CHECK(json_of("00") == "0");
  CHECK(json_of("7f") == "127");
  CHECK(json_of("ff") == "-1");
  CHECK(json_of("e0") == "-32");
  CHECK(json_of("ccc8") == "200");
  CHECK(json_of("cd0100") == "256");
  CHECK(json_of("ce00011170") == "70000");
  CHECK(json_of("cf000000012a05f200") == "5000000000");
  CHECK(json_of("cfffffffffffffffff") == "18446744073709551615");
  CHECK(json_of("d080") == "-128");
  CHECK(json_of("d1ff7f") == "-129");
  CHECK(json_of("d280000000") == "-2147483648");
  CHECK(json_of("d3fffffffed5fa0e00") == "-5000000000");
  CHECK(json_of("cb3ff8000000000000") == "1.5");
  CHECK(json_of("ca3fc00000") == "1.5");
  CHECK(json_of("a0") == R"("")");
  CHECK(json_of("a3610a22") == R"("a\n\"")");
  CHECK(json_of("d90161") == R"("a")");
  CHECK(json_of("da000161") == R"("a")");
  CHECK(json_of("db0000000161") == R"("a")");
  CHECK(json_of("90") == "[]");
  CHECK(json_of("920193c0c2c3") == "[1,[null,false,true]]");
  CHECK(json_of("dc00020102") == "[1,2]");
  CHECK(json_of("dd0000000101") == "[1]");
  CHECK(json_of("80") == "{}");
  CHECK(json_of("82a161920181a16202a16303") == R"({"a":[1,{"b":2}],"c":3})");
  CHECK(json_of("de0001a16101") == R"({"a":1})");
  CHECK(json_of("df00000001a16101") == R"({"a":1})");
}

TEST_CASE("msgpack: names of members are text or whole numbers") {
  CHECK(json_of("8105a178") == R"({"5":"x"})");
  CHECK(json_of("81ffa178") == R"({"-1":"x"})");
  CHECK(json_of("81cd0100a178") == R"({"256":"x"})");
  CHECK(json_of("81a2220aa178") == R"({"\"\n":"x"})");
  CHECK(json_of("81c0a178") == "refused: malformed");
  CHECK(json_of("81c403010203a178") == "refused: malformed");
}

TEST_CASE("msgpack: what is no number of JSON becomes null, as in JavaScript") {
  CHECK(json_of("cb7ff8000000000000") == "null"); // NaN
  CHECK(json_of("cb7ff0000000000000") == "null"); // Infinity
  CHECK(json_of("cb8000000000000000") == "0");    // -0
}

TEST_CASE("msgpack: a Date becomes its text") {
  CHECK(json_of("d7ff1d5353006955b900") == R"("2026-01-01T00:00:00.123Z")");
  CHECK(json_of("d6ff00000000") == R"("1970-01-01T00:00:00.000Z")");
  CHECK(json_of("c70cff3b8b87c0ffffffffffffffff") == R"("1969-12-31T23:59:59.999Z")");
  // Beyond the year 9999, with too many nanoseconds, of a length that none has.
  CHECK(json_of("c70cff000000000fffffffffffffff") == "refused: malformed");
  CHECK(json_of("c70cffffffffff0000000000000000") == "refused: malformed");
  CHECK(json_of("d4ff00") == "refused: malformed");
}

TEST_CASE("msgpack: bytes are refused, and so is what is no value") {
  CHECK(json_of("c403010203") == "refused: binary");
  CHECK(json_of("91c5000101") == "refused: binary");
  CHECK(json_of("d40100") == "refused: malformed"); // another extension
  CHECK(json_of("c1") == "refused: malformed");
  CHECK(json_of("") == "refused: malformed");
  CHECK(json_of("a261") == "refused: malformed");         // too short
  CHECK(json_of("ddffffffff01") == "refused: malformed"); // fewer than it says
  CHECK(json_of("c0c0") == "refused: malformed");         // something after it
  CHECK(json_of("a1ff") == "refused: malformed");         // no UTF-8
}

TEST_CASE("msgpack: depth and size are bounded") {
  const std::string deepest(64, '\x91');
  CHECK(msgpack_to_json(deepest + '\x90').error() == bridge_refusal::malformed);
  CHECK(msgpack_to_json(deepest + '\x01').has_value());
  CHECK(msgpack_to_json(std::string(max_bridge_message + 1, '\x01')).error() ==
        bridge_refusal::too_large);
  // Control characters take six bytes each.
  std::string wide = from_hex("db000c3500") + std::string(800'000, '\x01');
  CHECK(msgpack_to_json('\x92' + wide + '\x01').error() == bridge_refusal::too_large);
}

} // namespace hubbub
