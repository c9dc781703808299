#include "proto/bus/bus_message.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace hubbub {
namespace {

const bus_origin three{3, 77};

message stored(std::int64_t seq, std::int64_t rev, std::string content) {
  return {message_id{100 + seq}, room_id{17},        sequence{seq}, revision{rev}, "ann", "Ann",
          std::move(content),    std::string{"c-1"}, timestamp{5}};
}

std::string encoded(const std::vector<message>& entries) {
  std::vector<const message*> all;
  for (const auto& each : entries)
    all.push_back(&each);
  return encode_bus_log(three, all);
}

/// Returns the message with one part of its text replaced.
std::string with(std::string text, const std::string& old, const std::string& other) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), other);
}

TEST_CASE("entries of a log come through the bus as they were stored") {
  auto edited = stored(4, 9, "changed \"\\\n\u00e9");
  edited.edited_at = timestamp{6};
  auto deleted = stored(3, 10, "");
  deleted.deleted_at = timestamp{7};
  deleted.client_id.reset();
  const std::vector<message> entries{stored(8, 8, "new"), edited, deleted};
  const auto read = decode_bus_message(encoded(entries));
  REQUIRE(read);
  CHECK(*read == bus_message{three, bus_log{room_id{17}, revision{7}, revision{10}, entries}});
}

TEST_CASE("entries that are too long for the bus become the mere end of the log") {
  const std::vector<message> entries{stored(1, 1, std::string(4'000, 'x')),
                                     stored(2, 2, std::string(4'000, 'y'))};
  const auto text = encoded(entries);
  CHECK(text.size() < 200);
  CHECK(decode_bus_message(text) ==
        bus_message{three, bus_log{room_id{17}, revision{0}, revision{2}}});
  // One of the same length alone fits.
  CHECK(encoded({entries.front()}).size() > 4'000);
}

TEST_CASE("the end of a log comes through the bus without entries") {
  const bus_log moved{room_id{17}, revision{7}, revision{8}};
  CHECK(decode_bus_message(encode_bus_log(three, moved)) == bus_message{three, moved});
}

TEST_CASE("that there is something to read of presence comes through the bus") {
  CHECK(decode_bus_message(encode_bus_presence(three)) == bus_message{three, bus_presence{}});
}

TEST_CASE("a beat comes through the bus with its number") {
  CHECK(decode_bus_message(encode_bus_beat(three, {12})) == bus_message{three, bus_beat{12}});
}

TEST_CASE("what is said beside the logs comes through the bus with its number") {
  const bus_aside typing{5, bus_typing{room_id{17}, "ann", "Ann", true}};
  CHECK(decode_bus_message(encode_bus_aside(three, typing)) == bus_message{three, typing});
  const bus_aside read{6, bus_read{room_id{17}, "ann", sequence{9}}};
  const auto text = encode_bus_aside(three, read);
  CHECK(decode_bus_message(text) == bus_message{three, read});
  for (const auto& [old, other] : std::vector<std::pair<std::string, std::string>>{
           {"\"room\":17", "\"room\":0"},
           {"\"ann\"", "\"\""},
           {"\"seq\":9", "\"seq\":-1"},
           {"\"number\":6", "\"number\":\"6\""},
           {"\"read\"", "\"typing\""},
       }) {
    INFO(old << " -> " << other);
    CHECK_FALSE(decode_bus_message(with(text, old, other)));
  }
}

TEST_CASE("an event of a host comes through the bus with its arguments") {
  const bus_event event{room_id{17}, "polled \"x\"", R"({"id":1},"a,b]")", true};
  const auto text = encode_bus_aside(three, {6, event});
  CHECK(decode_bus_message(text) == bus_message{three, bus_aside{6, event}});
  const bus_event bare{room_id{17}, "ping", "", false};
  CHECK(decode_bus_message(encode_bus_aside(three, {7, bare})) ==
        bus_message{three, bus_aside{7, bare}});
  for (const auto& [old, other] : std::vector<std::pair<std::string, std::string>>{
           {"\"room\":17", "\"room\":0"},
           {"\"args\":[", "\"args\":0,\"more\":["},
           {"\"volatile\":true", "\"volatile\":1"},
           {"\"name\":\"", "\"name\":\"\",\"other\":\""},
       }) {
    INFO(old << " -> " << other);
    CHECK_FALSE(decode_bus_message(with(text, old, other)));
  }
}

TEST_CASE("an event that is too long for the bus is known before it is said") {
  bus_event event{room_id{17}, "polled", "", false};
  const auto quoted = [](std::size_t length) { return "\"" + std::string(length, 'x') + "\""; };
  event.args = quoted(7'000);
  REQUIRE(fits_bus(event));
  CHECK(decode_bus_message(encode_bus_aside(three, {1, event})));
  event.args = quoted(7'900);
  CHECK_FALSE(fits_bus(event));
}

TEST_CASE("a kind of bus message that is newer is ignored and a newer wire is refused") {
  const auto beat = encode_bus_beat(three, {12});
  CHECK(decode_bus_message(with(beat, "beat", "dance")) == bus_message{three, bus_unknown{}});
  CHECK(decode_bus_message(with(beat, "\"number\"", "\"more\":[],\"number\"")) ==
        bus_message{three, bus_beat{12}});
  CHECK_FALSE(decode_bus_message(with(beat, "\"v\":1", "\"v\":2")));
}

TEST_CASE("a bus message with a hole or a fault is refused") {
  const auto good = encoded({stored(1, 8, "a"), stored(2, 9, "b")});
  REQUIRE(decode_bus_message(good));
  for (const auto& [old, other] : std::vector<std::pair<std::string, std::string>>{
           {"\"to\":9", "\"to\":10"},
           {"\"to\":9", "\"to\":8"},
           {"\"to\":9", "\"to\":7"},
           {"\"from\":7", "\"from\":-1"},
           {"\"from\":7", "\"from\":8"},
           {"\"room\":17", "\"room\":0"},
           {"\"room\":17", "\"room\":\"17\""},
           {"[101,1,", "[101,0,"},
           {"[101,1,", "[1,"},
           {"\"ann\"", "\"\""},
           {"\"ann\"", "\"\\ud800\""},
           {"\"ann\"", "\"a\\u0000\""},
           {"\"node\":3", "\"node\":null"},
           {"}", ""},
       }) {
    INFO(old << " -> " << other);
    CHECK_FALSE(decode_bus_message(with(good, old, other)));
  }
  CHECK_FALSE(decode_bus_message(with(good, "\"a\"", "\"\xff\"")));
  CHECK_FALSE(decode_bus_message(with(good, "\"a\"", "\"" + std::string(8'000, 'a') + "\"")));
  CHECK_FALSE(decode_bus_message(""));
  CHECK_FALSE(decode_bus_message("[]"));
}

} // namespace
} // namespace hubbub
