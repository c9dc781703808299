#include "proto/socket/recovery_offset.hpp"
#include "tests/support/catch.hpp"

#include <limits>

namespace hubbub {

namespace {

recovery_request read(std::string_view auth) {
  const auto document = json::parse(auth, 8);
  REQUIRE(document);
  return parse_recovery(document->root());
}

room_position at(std::int64_t room, std::int64_t seq, std::int64_t rev) {
  return {room_id{room}, sequence{seq}, revision{rev}};
}

} // namespace

TEST_CASE("a handshake asks for recovery and brings what it has of an earlier session") {
  const auto fresh = read(R"({"recover":true,"username":"ana"})");
  CHECK(fresh.wanted);
  CHECK_FALSE(fresh.pid);
  CHECK(read(R"({"recover":1})").wanted);
  const auto back = read(R"({"pid":"p","offset":"o","recover":true})");
  CHECK(back.pid == "p");
  CHECK(back.offset == "o");
}

TEST_CASE("what is not usable of a handshake's recovery is as good as absent") {
  CHECK_FALSE(read(R"({"recover":"yes"})").wanted);
  CHECK_FALSE(read(R"({"recover":0})").wanted);
  CHECK_FALSE(read("[]").wanted);
  CHECK_FALSE(parse_recovery({}).wanted);
  CHECK_FALSE(read(R"({"pid":7,"offset":{}})").pid);
  CHECK_FALSE(read(R"({"pid":"p","offset":[1]})").offset);
  CHECK_FALSE(read(R"({"pid":")" + std::string(65, 'p') + "\"}").pid);
  CHECK_FALSE(read(R"({"offset":")" + std::string(8'193, 'o') + "\"}").offset);
}

TEST_CASE("positions come back from their bytes") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const auto positions =
      GENERATE(std::vector<room_position>{}, std::vector{at(1, 0, 0)},
               std::vector{at(1, 127, 128), at(2, 300, 299), at(200, 1, 16'384)},
               std::vector{at(most, most, most)});
  CHECK(decode_positions(encode_positions(positions)) == positions);
  CHECK(encode_positions({at(1, 100, 100)}).size() == 3);
}

TEST_CASE("bytes that no positions make are refused") {
  const auto whole = encode_positions({at(1, 300, 400), at(7, 8, 9)});
  for (std::size_t size = 1; size < whole.size(); ++size)
    if (size != 5) CHECK_FALSE(decode_positions(whole.substr(0, size)));
  CHECK_FALSE(decode_positions(encode_positions({at(2, 1, 1), at(1, 1, 1)})));
  CHECK_FALSE(decode_positions(encode_positions({at(2, 1, 1), at(2, 2, 2)})));
  CHECK_FALSE(decode_positions(std::string{"\x81\x00\x01\x01", 4}));
  CHECK_FALSE(decode_positions(std::string(11, '\xff')));
}

} // namespace hubbub
