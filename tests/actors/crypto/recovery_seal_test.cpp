#include "actors/crypto/recovery_seal.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

namespace hubbub {

namespace {

const std::vector<room_position> positions{{room_id{1}, sequence{70}, revision{71}},
                                           {room_id{9}, sequence{3}, revision{3}}};

} // namespace

TEST_CASE("a private id is known by what it hashes to") {
  const auto one = identity_of("abc");
  CHECK(one.pid_hash[0] == 0xba); // FIPS 180-2, B.1
  CHECK(one.pid_hash[31] == 0xad);
  CHECK(one.id == identity_of("abc").id);
  CHECK(one.id != identity_of("abd").id);
}

TEST_CASE("an offset opens for its session, also after a restart with the same secret") {
  const auto session = identity_of("mine");
  const auto offset = recovery_seal{{1, 2, 3}}.close(session, positions);
  CHECK(recovery_seal{{1, 2, 3}}.open(session, offset) == positions);
  // Two rooms and the signature.
  CHECK(offset.size() == 20);
}

TEST_CASE("an offset of another session, another secret or another hand does not open") {
  recovery_seal seal{{1, 2, 3}};
  const auto session = identity_of("mine");
  const auto offset = seal.close(session, positions);
  CHECK_FALSE(seal.open(identity_of("yours"), offset));
  CHECK_FALSE(recovery_seal{{1, 2, 4}}.open(session, offset));
  CHECK_FALSE(seal.open(session, ""));
  CHECK_FALSE(seal.open(session, "AAAA"));
  CHECK_FALSE(seal.open(session, "not base64!"));
  for (std::size_t i = 0; i < offset.find('='); ++i) {
    auto forged = offset;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(seal.open(session, forged));
  }
}

} // namespace hubbub
