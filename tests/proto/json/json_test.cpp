#include "proto/json/json.hpp"
#include "proto/limits.hpp"
#include "tests/support/catch.hpp"

#include <limits>
#include <string>
#include <string_view>

using namespace hubbub;
using namespace std::string_view_literals;

namespace {

/// Returns what `text` reads back as, or the word for why it does not.
std::string round_trip(std::string_view text) {
  const auto doc = json::parse(text, max_json_depth);
  if (!doc) return doc.error() == json::parse_error::too_deep ? "too deep" : "malformed";
  std::string out;
  doc->root().dump(out);
  return out;
}

std::string repeated(std::string_view unit, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += unit;
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

} // namespace

TEST_CASE("json reads every kind of value and writes it compactly") {
  CHECK(round_trip("null") == "null");
  CHECK(round_trip(" true ") == "true");
  CHECK(round_trip("false\r\n") == "false");
  CHECK(round_trip("\t[ ]") == "[]");
  CHECK(round_trip("{ }") == "{}");
  CHECK(round_trip(R"("text")") == R"("text")");
  CHECK(round_trip(R"([ 1, "2", { "3" : [ true ] } ])") == R"([1,"2",{"3":[true]}])");
  CHECK(round_trip(R"({"b":1,"a":2})") == R"({"b":1,"a":2})");
}

TEST_CASE("json keeps numbers as they were") {
  for (const auto* number :
       {"0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "0.1",
        "-2.5", "0.30000000000000004", "1.7976931348623157e+308", "5e-324", "1E2", "1.0", "-0",
        "123456789012345678901234567890", "1e-400", "1e-999999999999999999999"})
    CHECK(round_trip(number) == number);
  CHECK(round_trip("1e400") == "malformed");
  CHECK(round_trip("1e999999999999999999999") == "malformed");
}

TEST_CASE("json refuses what is not one JSON value") {
  for (const auto text : {""sv,
                          " "sv,
                          "abc"sv,
                          "{"sv,
                          "[1,]"sv,
                          "[1 2]"sv,
                          "[1]]"sv,
                          "{\"a\"}"sv,
                          "{a:1}"sv,
                          "{\"a\":1,}"sv,
                          "\"open"sv,
                          "\"\\x\""sv,
                          "tru"sv,
                          "01"sv,
                          "+1"sv,
                          "1."sv,
                          ".5"sv,
                          "-"sv,
                          "NaN"sv,
                          "Infinity"sv,
                          "'a'"sv,
                          "1 1"sv,
                          "// 1"sv,
                          "\"\\u12\""sv,
                          "\"\\u12g4\""sv,
                          "\"a\nb\""sv,
                          "\xef\xbb\xbf[]"sv}) {
    INFO(text);
    CHECK(round_trip(text) == "malformed");
  }
}

TEST_CASE("json refuses a NUL byte wherever it stands") {
  CHECK(round_trip("1\0"sv) == "malformed");
  CHECK(round_trip("[1]\0garbage"sv) == "malformed");
  CHECK(round_trip("[1,\0 2]"sv) == "malformed");
  CHECK(round_trip("\"a\0b\""sv) == "malformed");
  CHECK(round_trip("\0"sv) == "malformed");
}

TEST_CASE("json keeps an escaped NUL inside a string") {
  const auto doc = json::parse(R"("a\u0000b")", 1);
  REQUIRE(doc);
  CHECK(doc->root().string() == "a\0b"sv);
  CHECK(round_trip(R"("a\u0000b")") == R"("a\u0000b")");
}

TEST_CASE("json counts arrays and objects against the depth") {
  CHECK(json::parse("1", 0));
  CHECK(json::parse("[]", 0).error() == json::parse_error::too_deep);
  CHECK(json::parse("[{}]", 2));
  CHECK(json::parse("[{}]", 1).error() == json::parse_error::too_deep);
  CHECK(json::parse(R"({"a":{"b":[]}})", 3));
  CHECK(json::parse(R"({"a":{"b":[]}})", 2).error() == json::parse_error::too_deep);
  CHECK(json::parse("[[],[],{},{}]", 2)); // siblings do not add up
  CHECK(json::parse(R"("[[[[")", 0));     // nor do brackets in strings
  CHECK(round_trip(repeated("[", 64) + repeated("]", 64)) != "too deep");
  CHECK(round_trip(repeated("[", 65) + repeated("]", 65)) == "too deep");
}

TEST_CASE("json nested a million deep is refused without exhausting the stack") {
  CHECK(round_trip(repeated("[", 1'000'000)) == "too deep");
  CHECK(round_trip(repeated(R"({"a":)", 1'000'000)) == "too deep");
  CHECK(round_trip(repeated("[", 1'000'000) + repeated("]", 1'000'000)) == "too deep");
}

TEST_CASE("json passes a lone surrogate through as three bytes and writes it back") {
  const auto high = json::parse(R"("\ud83d")", 1);
  REQUIRE(high);
  CHECK(high->root().string() == "\xed\xa0\xbd");

  CHECK(round_trip(R"("\ud83d")") == R"("\ud83d")");
  CHECK(round_trip(R"("\uDE00")") == R"("\ude00")");
  CHECK(round_trip(R"("a\ud83d\n\ud83db")") == R"("a\ud83d\n\ud83db")");
  CHECK(round_trip(R"("\ude00\ud83d")") == R"("\ude00\ud83d")");
  CHECK(round_trip(R"("\ud83d\ud83d\ude00")") == "\"\\ud83d\xf0\x9f\x98\x80\"");
  CHECK(round_trip(R"({"\udbff":["\ud800"]})") == R"({"\udbff":["\ud800"]})");
  CHECK(round_trip(R"("\\ud83d")") == R"("\\ud83d")"); // an escaped backslash, no surrogate
  CHECK(round_trip(R"("\ud83d\\ude00")") == R"("\ud83d\\ude00")");
  CHECK(round_trip(R"(["\ud83d")") == "malformed");
  CHECK(round_trip(R"("\ud83d\u12")") == "malformed");
  CHECK(round_trip(R"("\ud83d)") == "malformed");
  CHECK(round_trip(R"("\ud83d\)") == "malformed");
}

TEST_CASE("json joins a surrogate pair") {
  const auto doc = json::parse(R"("\ud83d\ude00")", 1);
  REQUIRE(doc);
  CHECK(doc->root().string() == "\xf0\x9f\x98\x80");
}

TEST_CASE("json leaves bytes that are not UTF-8 as they are") {
  CHECK(round_trip("\"\xff\x80\xc3\"") == "\"\xff\x80\xc3\"");
  CHECK(round_trip("\xff") == "malformed");
  CHECK(quoted("\xed") == "\"\xed\"");
  CHECK(quoted("\xed\xa0") == "\"\xed\xa0\"");
  CHECK(quoted("\xed\xa0x") == "\"\xed\xa0x\"");
}

TEST_CASE("json escapes what RFC 8259 demands and nothing else") {
  CHECK(quoted("") == R"("")");
  CHECK(quoted("a\"b\\c/") == R"("a\"b\\c/")");
  CHECK(quoted("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(quoted("\0\x01\x1f\x7f"sv) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(quoted("h\xc3\xa4 \xed\x9f\xbf \xee\x80\x80 \xe2\x80\xa8") ==
        "\"h\xc3\xa4 \xed\x9f\xbf \xee\x80\x80 \xe2\x80\xa8\"");
}

TEST_CASE("a json value read as what it is not is empty") {
  const auto doc = json::parse(R"(["x",3,3.0,true,null,{"k":7},18446744073709551615])", 2);
  REQUIRE(doc);
  const auto root = doc->root();
  REQUIRE(root.size() == 7);
  CHECK(root.at(0).string() == "x");
  CHECK_FALSE(root.at(0).integer());
  CHECK(root.at(0).size() == 0);
  CHECK(root.at(1).integer() == 3);
  CHECK_FALSE(root.at(1).string());
  CHECK_FALSE(root.at(1).boolean());
  CHECK(root.at(2).integer() == 3);
  CHECK(root.at(2).is_number());
  CHECK(root.at(3).boolean() == true);
  CHECK(root.at(4).is_null());
  CHECK(root.at(5).find("k").integer() == 7);
  CHECK(root.at(5).name_at(0) == "k");
  CHECK(root.at(5).member_at(0).integer() == 7);
  CHECK_FALSE(root.at(5).find("K").exists());
  CHECK_FALSE(root.at(5).at(0).exists());
  CHECK(root.at(5).name_at(1).empty());
  CHECK_FALSE(root.at(5).member_at(1).exists());
  CHECK_FALSE(root.at(6).integer());
  CHECK_FALSE(root.at(7).exists());
  CHECK_FALSE(root.find("k").exists());
}

TEST_CASE("an absent json value answers every question with nothing") {
  const json::document none;
  const auto absent = none.root();
  CHECK_FALSE(absent.exists());
  CHECK_FALSE(absent.is_null());
  CHECK_FALSE(absent.string());
  CHECK_FALSE(absent.integer());
  CHECK_FALSE(absent.boolean());
  CHECK(absent.size() == 0);
  CHECK_FALSE(absent.at(0).exists());
  CHECK_FALSE(absent.find("a").exists());
  CHECK(absent.name_at(0).empty());
  std::string out;
  absent.dump(out);
  CHECK(out.empty());
}

TEST_CASE("a json integer fits and is whole, however it is written") {
  const auto integer = [](std::string_view text) {
    return json::parse(text, 0)->root().integer();
  };
  CHECK(integer("-0") == 0);
  CHECK(integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(integer("605.0") == 605);
  CHECK(integer("1e3") == 1'000);
  CHECK(integer("-2.50E+1") == -25);
  for (const auto* text :
       {"9223372036854775808", "-9223372036854775809", "3.5", "1e-2", "1e19"})
    CHECK_FALSE(integer(text));
}

TEST_CASE("views into a json document survive its move") {
  auto doc = json::parse(R"({"name":"value"})", 1);
  REQUIRE(doc);
  const auto root = doc->root();
  const json::document moved = std::move(*doc);
  CHECK(root.find("name").string() == "value");
}

TEST_CASE("the json writer sets the commas") {
  std::string out;
  json::writer w{out};
  w.begin_object()
      .field("s", "a\"b")
      .field("n", std::int64_t{-1})
      .field("t", true)
      .key("list")
      .begin_array()
      .integer(1)
      .null()
      .begin_object()
      .end_object()
      .begin_array()
      .end_array()
      .raw("[2]")
      .string("z")
      .end_array()
      .key("last")
      .integer(std::numeric_limits<std::int64_t>::min())
      .end_object();
  CHECK(out == R"({"s":"a\"b","n":-1,"t":true,"list":[1,null,{},[],[2],"z"],)"
               R"("last":-9223372036854775808})");
}

TEST_CASE("a name of any length is written with what belongs around it") {
  for (std::size_t length = 0; length <= 64; ++length) {
    const std::string name(length, 'n');
    std::string text;
    json::writer out{text};
    out.begin_object().field(name, std::int64_t{1}).field(name, true).end_object();
    CHECK(text == "{\"" + name + "\":1,\"" + name + "\":true}");
  }
}
