#include "actors/room/room_rights.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

constexpr timestamp rights_time{1'000};

/// Returns the rights of a room of ann's with these lists.
room_rights rights_of_ann(bool is_private, std::vector<standing> standings = {}) {
  room_record record;
  record.id = room_id{1};
  record.name = "lobby";
  record.owner = "ann";
  record.is_private = is_private;
  return {record, standing_table{std::move(standings)}, false, [] { return rights_time; }};
}

/// Returns a user whose name a token proves.
user user_with_token(const std::string& name) {
  access allowed;
  allowed.proven = true;
  allowed.user_id = name;
  user made;
  made.user_id = name;
  made.access = std::make_shared<const access>(std::move(allowed));
  return made;
}

error_code refused_code(const permissions::verdict& why) {
  REQUIRE(why);
  return why->code;
}

TEST_CASE("a room's rights know its owner and what its lists say now") {
  const auto rights = rights_of_ann(true, {{standing_kind::member, "ben", "ann", rights_time},
                                           {standing_kind::mute, "ben", "ann", rights_time,
                                            timestamp{rights_time.value - 1}}});
  CHECK(rights.standing_of("ann").mine.owner);
  const auto of_ben = rights.standing_of("ben");
  CHECK(of_ben.name == "lobby");
  CHECK(of_ben.is_private);
  CHECK_FALSE(of_ben.mine.owner);
  CHECK(of_ben.mine.member);
  CHECK_FALSE(of_ben.mine.muted); // that has run out
}

TEST_CASE("a room's rights judge each command by the permissions") {
  auto rights = rights_of_ann(false, {{standing_kind::mute, "ben", "ann", rights_time}});
  const auto ben = user_with_token("ben");
  CHECK_FALSE(rights.judge(ben, command::join_room{}));
  CHECK(refused_code(rights.judge(ben, command::send_message{})) == error_code::forbidden);
  CHECK(refused_code(rights.judge(ben, command::kick_user{})) == error_code::forbidden);
  CHECK_FALSE(rights.judge(user_with_token("ann"), command::kick_user{}));
  rights.standings().drop(standing_kind::mute, "ben");
  CHECK_FALSE(rights.judge(ben, command::send_message{}));
}

TEST_CASE("a leave is never refused by a room's rights") {
  const auto rights = rights_of_ann(true);
  CHECK_FALSE(rights.judge(user_with_token("eve"), command::leave_room{}));
}

TEST_CASE("a room that becomes private is closed to strangers, and a new owner is let in") {
  auto rights = rights_of_ann(false);
  const auto eve = user_with_token("eve");
  CHECK_FALSE(rights.may_join(eve));
  CHECK_FALSE(rights.may_read(eve));
  rights.configure({true, "ben"});
  CHECK(rights.is_private());
  CHECK(rights.owner() == "ben");
  CHECK(refused_code(rights.may_join(eve)) == error_code::not_found);
  CHECK(refused_code(rights.may_read(eve)) == error_code::not_found);
  CHECK_FALSE(rights.may_join(user_with_token("ben")));
}

} // namespace
} // namespace hubbub::test
