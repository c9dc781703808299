#include "actors/room/typing_table.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr typing_table::time_point typing_epoch{};
constexpr session_id desk_session{0, 1};
constexpr session_id phone_session{1, 1};
const presence_user typing_ann{"ann", "Ann"};
const presence_user typing_ben{"ben", "Ben"};

std::vector<std::string> ids_of(const std::vector<presence_user>& users) {
  std::vector<std::string> all;
  for (const auto& each : users)
    all.push_back(each.user_id);
  return all;
}

TEST_CASE("typing ends by itself at its time and not before") {
  typing_table table;
  CHECK_FALSE(table.next());
  table.start(typing_ben, desk_session, typing_epoch + 6s);
  table.start(typing_ann, desk_session, typing_epoch + 4s);
  CHECK(table.next() == typing_epoch + 4s);
  CHECK(table.expire(typing_epoch + 3s).empty());
  CHECK(ids_of(table.expire(typing_epoch + 4s)) == std::vector<std::string>{"ann"});
  CHECK(table.next() == typing_epoch + 6s);
  CHECK(ids_of(table.expire(typing_epoch + 9s)) == std::vector<std::string>{"ben"});
  CHECK_FALSE(table.next());
}

TEST_CASE("typing on prolongs it, in whichever session of the user") {
  typing_table table;
  table.start(typing_ann, desk_session, typing_epoch + 4s);
  table.start(typing_ann, phone_session, typing_epoch + 8s);
  CHECK(table.expire(typing_epoch + 5s).empty());
  CHECK_FALSE(table.stop("ann", desk_session));
  const auto stopped = table.stop("ann", phone_session);
  REQUIRE(stopped);
  CHECK(stopped->username == "Ann");
  CHECK_FALSE(table.next());
}

TEST_CASE("typing on another node takes nothing from a session here") {
  constexpr session_id elsewhere;
  typing_table table;
  table.start(typing_ann, desk_session, typing_epoch + 4s);
  table.start(typing_ann, elsewhere, typing_epoch + 8s);
  CHECK(table.next() == typing_epoch + 8s);
  CHECK_FALSE(table.stop("ann", elsewhere));
  CHECK(table.stop("ann", desk_session));
  table.start(typing_ann, elsewhere, typing_epoch + 4s);
  CHECK(table.stop("ann", elsewhere));
}

TEST_CASE("somebody who does not type has nothing to stop") {
  typing_table table;
  table.start(typing_ann, desk_session, typing_epoch + 4s);
  CHECK_FALSE(table.stop("ben"));
  CHECK(table.stop("ann"));
  CHECK_FALSE(table.stop("ann"));
}

} // namespace
} // namespace hubbub::test
