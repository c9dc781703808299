#include "proto/engine/engine_packet.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub;
using namespace std::string_literals;

namespace {

engine_packet text(engine_type type, std::string data = "") {
  return {type, false, data};
}
engine_packet bytes(std::string data) {
  return {engine_type::message, true, data};
}

std::string joined(const std::vector<std::string>& packets) {
  std::string body;
  for (const auto& packet : packets)
    body += packet + record_separator;
  body.pop_back();
  return body;
}

engine_error payload_error(std::string_view body) {
  const auto packets = decode_engine_payload(body);
  REQUIRE_FALSE(packets.has_value());
  return packets.error();
}

} // namespace

TEST_CASE("each digit is a packet type, and back") {
  const auto [digit, type] = GENERATE(table<char, engine_type>({{'0', engine_type::open},
                                                                {'1', engine_type::close},
                                                                {'2', engine_type::ping},
                                                                {'3', engine_type::pong},
                                                                {'4', engine_type::message},
                                                                {'5', engine_type::upgrade},
                                                                {'6', engine_type::noop}}));
  CHECK(decode_engine_text(std::string{digit} + "data").value() == text(type, "data"));
  CHECK(to_digit(type) == digit);
}

TEST_CASE("a text packet needs no data") {
  CHECK(decode_engine_text("4").value() == text(engine_type::message));
}

TEST_CASE("a text packet keeps separators and NUL bytes in its data") {
  CHECK(decode_engine_text("4a\x1e\0b"s).value() == text(engine_type::message, "a\x1e\0b"s));
}

TEST_CASE("a text packet without a known type is refused") {
  CHECK(decode_engine_text("").error() == engine_error::empty);
  const auto packet = GENERATE(as<std::string>{}, "7", "9", "abc", "bAQID", "/", ":", " 4",
                               "-1", "\0"s, "\x80", "\xff");
  CHECK(decode_engine_text(packet).error() == engine_error::unknown_type);
}

TEST_CASE("a payload of one packet") {
  CHECK(decode_engine_payload("4hello").value() ==
        std::vector{text(engine_type::message, "hello")});
}

TEST_CASE("a payload keeps its packets in order") {
  CHECK(decode_engine_payload(joined({"4hello", "2", "4w\xc3\xb6rld"})).value() ==
        std::vector{text(engine_type::message, "hello"), text(engine_type::ping),
                    text(engine_type::message, "w\xc3\xb6rld")});
}

TEST_CASE("a payload spells binary messages in base64") {
  CHECK(decode_engine_payload(joined({"4hello", "bAQIDBA=="})).value() ==
        std::vector{text(engine_type::message, "hello"), bytes("\x01\x02\x03\x04")});
  CHECK(decode_engine_payload("b").value() == std::vector{bytes("")});
}

TEST_CASE("a payload of nothing, or with nothing between separators, is refused") {
  CHECK(payload_error("") == engine_error::empty);
  CHECK(payload_error(joined({"", ""})) == engine_error::empty);
  CHECK(payload_error(joined({"4a", ""})) == engine_error::empty);
  CHECK(payload_error(joined({"", "4a"})) == engine_error::empty);
  CHECK(payload_error(joined({"4a", "", "4b"})) == engine_error::empty);
}

TEST_CASE("one bad packet spoils its payload") {
  CHECK(payload_error("abc") == engine_error::unknown_type);
  CHECK(payload_error(joined({"4good", "9"})) == engine_error::unknown_type);
  CHECK(payload_error(joined({"4good", "b!!!!"})) == engine_error::invalid_base64);
  CHECK(payload_error(joined({"bAQIDB", "4good"})) == engine_error::invalid_base64);
}

TEST_CASE("a payload's text must be UTF-8") {
  const auto data = GENERATE(as<std::string>{}, "\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80",
                             "\xf4\x90\x80\x80", "ok\x80");
  CHECK(payload_error("4" + data) == engine_error::invalid_utf8);
}

TEST_CASE("a character cut by a separator is not UTF-8") {
  CHECK(payload_error(joined({"4\xc3", "4\xa4"})) == engine_error::invalid_utf8);
}

TEST_CASE("a payload may hold as many packets as allowed and not one more") {
  const auto most = joined(std::vector<std::string>(max_packets_per_payload, "4"));
  CHECK(decode_engine_payload(most).value().size() == max_packets_per_payload);
  CHECK(payload_error(joined({most, "4"})) == engine_error::too_many);
}

TEST_CASE("a megabyte of separators is refused before it is taken apart") {
  CHECK(payload_error(std::string(1'000'000, record_separator)) == engine_error::too_many);
}
