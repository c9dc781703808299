#include "proto/access/permissions.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <vector>

using namespace hubbub;
using permissions::verdict;

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

constexpr permissions::room_standing tea{"tea"};

} // namespace

TEST_CASE("in open mode everybody may do all but what rests on a name") {
  const auto& who = *open_access();
  CHECK_FALSE(permissions::may_name(who, "tea"));
  CHECK_FALSE(permissions::may_create_room(who, "tea"));
  CHECK_FALSE(permissions::may_join(who, tea));
  CHECK_FALSE(permissions::may_read(who, tea));
  CHECK_FALSE(permissions::may_mark_read(who, tea));
  CHECK_FALSE(permissions::may_send(who, tea));
  CHECK_FALSE(permissions::may_type(who, tea));
  CHECK(forbids(permissions::may_edit(who, tea, false)));
  CHECK_FALSE(permissions::may_edit(who, tea, true));
  CHECK(forbids(permissions::may_administer(who, tea)));
  CHECK_FALSE(permissions::may_act_as(who, "anybody"));
}

TEST_CASE("a scope allows its deeds and those of the lesser ones") {
  for (const auto scope :
       {access_scope::none, access_scope::read, access_scope::write, access_scope::admin}) {
    const auto who = with_scope(scope);
    const bool reads = scope >= access_scope::read;
    const bool writes = scope >= access_scope::write;
    const bool administers = scope == access_scope::admin;
    CHECK(forbids(permissions::may_join(who, tea)) == !reads);
    CHECK(forbids(permissions::may_read(who, tea)) == !reads);
    CHECK(permissions::shown_rooms(who).has_value() == !reads); // then the list is empty
    CHECK(permissions::shown_rooms(who).value_or(std::vector<std::string>{}).empty());
    CHECK(forbids(permissions::may_mark_read(who, tea)) == !reads);
    CHECK(forbids(permissions::may_create_room(who, "tea")) == !writes);
    CHECK(forbids(permissions::may_send(who, tea)) == !writes);
    CHECK(forbids(permissions::may_type(who, tea)) == !writes);
    CHECK(forbids(permissions::may_edit(who, tea, false)) == !writes);
    CHECK(forbids(permissions::may_administer(who, tea)) == !administers);
  }
}

TEST_CASE("a list of rooms shuts out every other room, whatever the scope") {
  const auto who = with_rooms({"coffee", "team-*"});
  CHECK_FALSE(permissions::may_join(who, {"coffee"}));
  CHECK_FALSE(permissions::may_join(who, {"team-red"}));
  CHECK(permissions::shown_rooms(who) == std::vector<std::string>{"coffee", "team-*"});
  CHECK(forbids(permissions::may_name(who, "tea")));
  CHECK(forbids(permissions::may_create_room(who, "tea")));
  CHECK(forbids(permissions::may_join(who, tea)));
  CHECK(forbids(permissions::may_read(who, tea)));
  CHECK(forbids(permissions::may_mark_read(who, tea)));
  CHECK(forbids(permissions::may_send(who, tea)));
  CHECK(forbids(permissions::may_type(who, tea)));
  CHECK(forbids(permissions::may_edit(who, tea, true)));
  CHECK(forbids(permissions::may_administer(who, tea)));
}

TEST_CASE("an empty list of rooms allows none") {
  CHECK(forbids(permissions::may_join(with_rooms({}), tea)));
  CHECK(forbids(permissions::may_join(with_rooms({""}), tea)));
}

TEST_CASE("a proven user acts as nobody else; an API key acts as any user") {
  auto who = with_scope(access_scope::admin);
  CHECK_FALSE(permissions::may_act_as(who, "ann"));
  CHECK(forbids(permissions::may_act_as(who, "ben")));
  who.any_user = true;
  CHECK_FALSE(permissions::may_act_as(who, "ben"));
}

TEST_CASE("the server is operated by admins and API keys that are bound to no rooms") {
  CHECK(forbids(permissions::may_operate(*open_access())));
  for (const auto scope : {access_scope::none, access_scope::read, access_scope::write})
    CHECK(forbids(permissions::may_operate(with_scope(scope))));
  auto who = with_scope(access_scope::admin);
  CHECK_FALSE(permissions::may_operate(who));
  who.any_user = true;
  CHECK_FALSE(permissions::may_operate(who));
  who.rooms = {"tea"};
  CHECK(forbids(permissions::may_operate(who)));
}

namespace {

bool hides(const verdict& v) {
  return v && v->code == error_code::not_found && v->message == "there is no such room";
}

/// Returns the verdicts of every question about a room.
std::vector<verdict> all_verdicts(const hubbub::access& who,
                                  const permissions::room_standing& room) {
  return {permissions::may_join(who, room),      permissions::may_read(who, room),
          permissions::may_mark_read(who, room), permissions::may_send(who, room),
          permissions::may_type(who, room),      permissions::may_edit(who, room, true),
          permissions::may_administer(who, room)};
}

permissions::room_standing den(user_standing mine) {
  return {"den", true, mine};
}

} // namespace

TEST_CASE("a private room is not there for anyone whom it does not concern") {
  auto elsewhere = with_scope(access_scope::write);
  elsewhere.rooms = std::vector<std::string>{"tea"};
  for (const auto& stranger : {with_scope(access_scope::none), with_scope(access_scope::write),
                               elsewhere, *open_access()})
    for (const auto& standing : {user_standing{}, user_standing{.muted = true},
                                 user_standing{.member = true, .banned = true}}) {
      for (const auto& answer : all_verdicts(stranger, den(standing)))
        CHECK(hides(answer));
    }
  // An unproven name is nobody's.
  CHECK(hides(permissions::may_read(*open_access(), den({.owner = true, .member = true}))));
}

TEST_CASE("members read and write in a private room, its owner administers it") {
  const auto who = with_scope(access_scope::write);
  for (const auto& standing : {user_standing{.member = true}, user_standing{.owner = true},
                               user_standing{.owner = true, .banned = true, .muted = true}}) {
    CHECK_FALSE(permissions::may_join(who, den(standing)));
    CHECK_FALSE(permissions::may_send(who, den(standing)));
    CHECK(forbids(permissions::may_administer(who, den(standing))) == !standing.owner);
  }
  CHECK(forbids(
      permissions::may_administer(with_scope(access_scope::read), den({.owner = true}))));
}

TEST_CASE("whom a room has banned may read it while it is open to all") {
  const auto who = with_scope(access_scope::write);
  const permissions::room_standing room{"tea", false, {.member = true, .banned = true}};
  CHECK(forbids(permissions::may_join(who, room)));
  CHECK(forbids(permissions::may_send(who, room)));
  CHECK(forbids(permissions::may_type(who, room)));
  CHECK(forbids(permissions::may_edit(who, room, true)));
  CHECK_FALSE(permissions::may_read(who, room));
  CHECK(forbids(permissions::may_send(*open_access(), room)));
}

TEST_CASE("whom a room has muted may listen and neither speak, type nor rewrite") {
  const auto who = with_scope(access_scope::write);
  const permissions::room_standing room{"tea", false, {.muted = true}};
  CHECK_FALSE(permissions::may_join(who, room));
  CHECK_FALSE(permissions::may_read(who, room));
  CHECK_FALSE(permissions::may_mark_read(who, room));
  CHECK(forbids(permissions::may_send(who, room)));
  CHECK(forbids(permissions::may_type(who, room)));
  CHECK(forbids(permissions::may_edit(who, room, true)));
}

TEST_CASE("a closed room may be read by those who could, and used by nobody") {
  auto key = with_scope(access_scope::write);
  key.any_user = true;
  for (const auto& who :
       {with_scope(access_scope::write), with_scope(access_scope::admin), key, *open_access()})
    for (const auto& standing : {user_standing{}, user_standing{.owner = true}}) {
      const permissions::room_standing room{"tea", false, standing, true};
      for (const auto& answer :
           {permissions::may_join(who, room), permissions::may_send(who, room),
            permissions::may_type(who, room), permissions::may_edit(who, room, true)}) {
        REQUIRE(forbids(answer));
        CHECK(answer->message == "this room is closed");
      }
      CHECK_FALSE(permissions::may_read(who, room));
    }
  CHECK_FALSE(permissions::may_administer(key, {"tea", false, {}, true}));
  // Strangers do not learn whether a private room is closed.
  CHECK(hides(permissions::may_join(with_scope(access_scope::write), {"den", true, {}, true})));
}

TEST_CASE("admins and API keys see and administer every room of theirs") {
  const auto admin = with_scope(access_scope::admin);
  auto key = with_scope(access_scope::write);
  key.any_user = true;
  for (const auto& who : {admin, key}) {
    CHECK(permissions::oversees(who));
    for (const auto& answer : all_verdicts(who, den({})))
      CHECK_FALSE(answer);
  }
  CHECK(forbids(permissions::may_administer(with_rooms({"tea"}), den({}))));
  // A ban applies to the user in whose name a key speaks; an admin speaks in their own.
  CHECK_FALSE(permissions::may_send(admin, den({.banned = true, .muted = true})));
  CHECK(forbids(permissions::may_send(key, den({.banned = true}))));
  CHECK(forbids(permissions::may_send(key, den({.muted = true}))));
}

TEST_CASE("rooms belong to proven users") {
  CHECK(forbids(permissions::may_own_rooms(*open_access())));
  CHECK_FALSE(permissions::may_own_rooms(with_scope(access_scope::write)));
  CHECK(permissions::owner_of_new_room(with_scope(access_scope::write)) == "ann");
  CHECK_FALSE(permissions::owner_of_new_room(*open_access()));
  auto key = with_scope(access_scope::write);
  key.any_user = true;
  CHECK_FALSE(permissions::owner_of_new_room(key));
}
