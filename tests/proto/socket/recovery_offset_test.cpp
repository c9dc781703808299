#include "proto/socket/recovery_offset.hpp"
#include "tests/support/catch.hpp"

#include <limits>

namespace hubbub {

namespace {

recovery_request read(std::string_view auth) {
  const auto document = json::parse(auth, 8);
  REQUIRE(document);
  return parse_recovery(document->root(), 100);
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
  CHECK_FALSE(parse_recovery({}, 100).wanted);
  CHECK_FALSE(read(R"({"pid":7,"offset":{}})").pid);
  CHECK_FALSE(read(R"({"pid":"p","offset":[1]})").offset);
  CHECK_FALSE(read(R"({"pid":")" + std::string(65, 'p') + "\"}").pid);
  CHECK_FALSE(read(R"({"offset":")" + std::string(8'193, 'o') + "\"}").offset);
}

TEST_CASE("an offset may be as long as the rooms of a socket make it") {
  const auto document = json::parse(R"({"offset":")" + std::string(72'000, 'o') + "\"}", 8);
  REQUIRE(document);
  CHECK(parse_recovery(document->root(), 1'000).offset);
  CHECK_FALSE(parse_recovery(document->root(), 999).offset);
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

TEST_CASE("a part of an offset that is no good does not spoil the others") {
  using positions = std::vector<room_position>;
  const auto whole = encode_positions({at(1, 300, 400), at(7, 8, 9)});
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(decode_positions(whole.substr(0, size)) ==
          (size < 5 ? positions{} : positions{at(1, 300, 400)}));
  CHECK(decode_positions(encode_positions({at(2, 1, 1), at(1, 3, 4)})) ==
        positions{at(1, 3, 4), at(2, 1, 1)});
  CHECK(decode_positions(
            encode_positions({at(3, 9, 9), at(2, 1, 5), at(3, 4, 4), at(2, 2, 4)})) ==
        positions{at(2, 2, 5), at(3, 9, 9)});
  CHECK(decode_positions(std::string{"\x81\x00\x01\x01", 4}).empty());
  CHECK(decode_positions(whole + std::string(11, '\xff')).size() == 2);
}

TEST_CASE("positions in any order become the latest of each room, rising") {
  std::vector some{at(3, 5, 6), at(1, 2, 2), at(3, 4, 7), at(2, 1, 1), at(1, 1, 9)};
  normalize(some);
  CHECK(some == std::vector{at(1, 2, 9), at(2, 1, 1), at(3, 5, 7)});
  some.clear();
  normalize(some);
  CHECK(some.empty());
}

} // namespace hubbub
