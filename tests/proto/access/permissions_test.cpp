#include "proto/access/permissions.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <vector>

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
    CHECK(policy::shown_rooms(who).has_value() == !reads); // then the list is empty
    CHECK(policy::shown_rooms(who).value_or(std::vector<std::string>{}).empty());
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
  CHECK(policy::shown_rooms(who) == std::vector<std::string>{"coffee", "team-*"});
  CHECK(forbids(policy::may_name(who, "tea")));
  CHECK(forbids(policy::may_create_room(who, "tea")));
  CHECK(forbids(policy::may_join(who, tea)));
  CHECK(forbids(policy::may_read(who, tea)));
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

namespace {

bool hides(const verdict& v) {
  return v && v->code == error_code::not_found && v->message == "there is no such room";
}

/// Returns the verdicts of every question about a room.
std::vector<verdict> all_verdicts(const hubbub::access& who,
                                  const policy::room_standing& room) {
  return {policy::may_join(who, room),      policy::may_read(who, room),
          policy::may_mark_read(who, room), policy::may_send(who, room),
          policy::may_type(who, room),      policy::may_edit(who, room, true),
          policy::may_administer(who, room)};
}

policy::room_standing den(user_standing mine) {
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
  CHECK(hides(policy::may_read(*open_access(), den({.owner = true, .member = true}))));
}

TEST_CASE("members read and write in a private room, its owner administers it") {
  const auto who = with_scope(access_scope::write);
  for (const auto& standing : {user_standing{.member = true}, user_standing{.owner = true},
                               user_standing{.owner = true, .banned = true, .muted = true}}) {
    CHECK_FALSE(policy::may_join(who, den(standing)));
    CHECK_FALSE(policy::may_send(who, den(standing)));
    CHECK(forbids(policy::may_administer(who, den(standing))) == !standing.owner);
  }
  CHECK(forbids(policy::may_administer(with_scope(access_scope::read), den({.owner = true}))));
}

TEST_CASE("whom a room has banned may read it while it is open to all") {
  const auto who = with_scope(access_scope::write);
  const policy::room_standing room{"tea", false, {.member = true, .banned = true}};
  CHECK(forbids(policy::may_join(who, room)));
  CHECK(forbids(policy::may_send(who, room)));
  CHECK(forbids(policy::may_type(who, room)));
  CHECK(forbids(policy::may_edit(who, room, true)));
  CHECK_FALSE(policy::may_read(who, room));
  CHECK(forbids(policy::may_send(*open_access(), room)));
}

TEST_CASE("whom a room has muted may listen and neither speak, type nor rewrite") {
  const auto who = with_scope(access_scope::write);
  const policy::room_standing room{"tea", false, {.muted = true}};
  CHECK_FALSE(policy::may_join(who, room));
  CHECK_FALSE(policy::may_read(who, room));
  CHECK_FALSE(policy::may_mark_read(who, room));
  CHECK(forbids(policy::may_send(who, room)));
  CHECK(forbids(policy::may_type(who, room)));
  CHECK(forbids(policy::may_edit(who, room, true)));
}

TEST_CASE("admins and API keys see and administer every room of theirs") {
  const auto admin = with_scope(access_scope::admin);
  auto key = with_scope(access_scope::write);
  key.any_user = true;
  for (const auto& who : {admin, key}) {
    CHECK(policy::oversees(who));
    for (const auto& answer : all_verdicts(who, den({})))
      CHECK_FALSE(answer);
  }
  CHECK(forbids(policy::may_administer(with_rooms({"tea"}), den({}))));
  // A ban applies to the user in whose name a key speaks; an admin speaks in their own.
  CHECK_FALSE(policy::may_send(admin, den({.banned = true, .muted = true})));
  CHECK(forbids(policy::may_send(key, den({.banned = true}))));
  CHECK(forbids(policy::may_send(key, den({.muted = true}))));
}

TEST_CASE("rooms belong to proven users") {
  CHECK(forbids(policy::may_own_rooms(*open_access())));
  CHECK_FALSE(policy::may_own_rooms(with_scope(access_scope::write)));
  CHECK(policy::owner_of_new_room(with_scope(access_scope::write)) == "ann");
  CHECK_FALSE(policy::owner_of_new_room(*open_access()));
  auto key = with_scope(access_scope::write);
  key.any_user = true;
  CHECK_FALSE(policy::owner_of_new_room(key));
}
