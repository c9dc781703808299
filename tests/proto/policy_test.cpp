#include "proto/policy.hpp"
#include "tests/support/catch.hpp"

#include <array>

using namespace hubbub;
using policy::verdict;

namespace {

bool forbids(const verdict& v) {
  return v && v->code == error_code::forbidden && !v->message.empty();
}

hubbub::access with_scope(access_scope scope) {
  hubbub::access who;
  who.proven = true;
  who.user_id = "ann";
  who.username = "Ann";
  who.scope = scope;
  return who;
}

hubbub::access with_rooms(std::vector<std::string> rooms) {
  auto who = with_scope(access_scope::admin);
  who.rooms = std::move(rooms);
  return who;
}

constexpr policy::room_standing tea{"tea"};

} // namespace

TEST_CASE("in open mode everybody may do all but what rests on a name") {
  const auto& who = *open_access();
  CHECK_FALSE(policy::may_name(who, "tea"));
  CHECK_FALSE(policy::may_create_room(who, "tea"));
  CHECK_FALSE(policy::may_join(who, tea));
  CHECK_FALSE(policy::may_read(who, tea));
  CHECK(policy::may_see(who, tea));
  CHECK_FALSE(policy::may_mark_read(who, tea));
  CHECK_FALSE(policy::may_send(who, tea));
  CHECK_FALSE(policy::may_type(who, tea));
  CHECK(forbids(policy::may_edit(who, tea, false)));
  CHECK_FALSE(policy::may_edit(who, tea, true));
  CHECK(forbids(policy::may_administer(who, tea)));
  CHECK_FALSE(policy::may_act_as(who, "anybody"));
}

TEST_CASE("a scope allows its deeds and those of the lesser ones") {
  for (const auto scope :
       {access_scope::none, access_scope::read, access_scope::write, access_scope::admin}) {
    const auto who = with_scope(scope);
    const bool reads = scope >= access_scope::read;
    const bool writes = scope >= access_scope::write;
    const bool administers = scope == access_scope::admin;
    CHECK(forbids(policy::may_join(who, tea)) == !reads);
    CHECK(forbids(policy::may_read(who, tea)) == !reads);
    CHECK(policy::may_see(who, tea) == reads);
    CHECK(forbids(policy::may_mark_read(who, tea)) == !reads);
    CHECK(forbids(policy::may_create_room(who, "tea")) == !writes);
    CHECK(forbids(policy::may_send(who, tea)) == !writes);
    CHECK(forbids(policy::may_type(who, tea)) == !writes);
    CHECK(forbids(policy::may_edit(who, tea, false)) == !writes);
    CHECK(forbids(policy::may_administer(who, tea)) == !administers);
  }
}

TEST_CASE("a list of rooms shuts out every other room, whatever the scope") {
  const auto who = with_rooms({"coffee", "team-*"});
  CHECK_FALSE(policy::may_join(who, {"coffee"}));
  CHECK_FALSE(policy::may_join(who, {"team-red"}));
  CHECK(policy::may_see(who, {"team-red"}));
  CHECK(forbids(policy::may_name(who, "tea")));
  CHECK(forbids(policy::may_create_room(who, "tea")));
  CHECK(forbids(policy::may_join(who, tea)));
  CHECK(forbids(policy::may_read(who, tea)));
  CHECK_FALSE(policy::may_see(who, tea));
  CHECK(forbids(policy::may_mark_read(who, tea)));
  CHECK(forbids(policy::may_send(who, tea)));
  CHECK(forbids(policy::may_type(who, tea)));
  CHECK(forbids(policy::may_edit(who, tea, true)));
  CHECK(forbids(policy::may_administer(who, tea)));
}

TEST_CASE("an empty list of rooms allows none") {
  CHECK(forbids(policy::may_join(with_rooms({}), tea)));
  CHECK(forbids(policy::may_join(with_rooms({""}), tea)));
}

TEST_CASE("a proven user acts as nobody else; an API key acts as any user") {
  auto who = with_scope(access_scope::admin);
  CHECK_FALSE(policy::may_act_as(who, "ann"));
  CHECK(forbids(policy::may_act_as(who, "ben")));
  who.any_user = true;
  CHECK_FALSE(policy::may_act_as(who, "ben"));
}
