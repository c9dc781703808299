#include "actors/session/arrival.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

recovered_session earlier_session() {
  recovered_session earlier;
  earlier.sid = "sid-of-before";
  earlier.user_id = "ann";
  earlier.username = "Ann";
  earlier.rooms.push_back({nullptr, {room_id{1}, sequence{10}, revision{12}}, std::nullopt});
  earlier.rooms.push_back({nullptr, {room_id{2}, sequence{20}, revision{25}}, sequence{15}});
  return earlier;
}

TEST_CASE("an arriving client is who it says it is unless a token proves a name") {
  arrival open;
  CHECK(open.user_id().empty());
  CHECK(open.named()->user_id.empty());
  open.username = "ann";
  CHECK(open.user_id() == "ann");
  CHECK(open.named()->username == "ann");
  access allowed;
  allowed.proven = true;
  allowed.user_id = "ben";
  allowed.username = "Ben";
  open.access = std::make_shared<const access>(allowed);
  CHECK(open.user_id() == "ben");
  CHECK(open.named()->username == "Ben");
  CHECK(open.named()->access == open.access);
}

TEST_CASE("an arriving client begins a session of its own") {
  arrival one;
  arrival other;
  one.begin_session();
  other.begin_session();
  CHECK(one.pid != other.pid);
  CHECK(one.session->sid != other.session->sid);
  CHECK(one.session->identity.id == identity_of(one.pid).id);
  CHECK(one.named()->recovery == one.session);
}

TEST_CASE("a client that is given its session back goes on with its ids and its name") {
  arrival back;
  back.begin_session();
  back.reclaimed = "pid-of-before";
  back.go_on(earlier_session());
  CHECK(back.pid == "pid-of-before");
  CHECK(back.session->sid == "sid-of-before");
  CHECK(back.session->identity.id == identity_of("pid-of-before").id);
  CHECK(back.named()->user_id == "ann");
  CHECK(back.named()->username == "Ann");
}

TEST_CASE("a client arrives in front of what it has yet to hear") {
  arrival back;
  back.reclaimed = "pid-of-before";
  back.go_on(earlier_session());
  const auto positions = back.positions({{room_id{3}, sequence{7}}});
  REQUIRE(positions.size() == 3);
  CHECK(positions[0] == room_position{room_id{1}, sequence{10}, revision{12}});
  CHECK(positions[1] == room_position{room_id{2}, sequence{14}, revision{25}}); // a gap
  CHECK(positions[2] == room_position{room_id{3}, sequence{6}, revision{}});    // missed
  CHECK(arrival{}.positions({}).empty());
}

} // namespace
} // namespace hubbub::test
