#include "proto/chat/chat_command.hpp"
#include "proto/chat/moderation_body.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace hubbub;

namespace {

const chat_limits limits;

expected<chat_command, error> parse(std::string_view event, std::string_view payload) {
  const auto document = json::parse(payload, max_json_depth);
  REQUIRE(document);
  return parse_command(event, document->root(), limits);
}

template <class Command>
Command accepted(std::string_view event, std::string_view payload) {
  CAPTURE(event, std::string{payload});
  auto command = parse(event, payload);
  if (!command) FAIL(command.error().message);
  auto& for_room = std::get<room_command>(*command);
  REQUIRE(std::holds_alternative<Command>(for_room));
  return std::get<Command>(std::move(for_room));
}

std::string refused(std::string_view event, std::string_view payload) {
  CAPTURE(event, std::string{payload});
  const auto command = parse(event, payload);
  REQUIRE_FALSE(command);
  CHECK(command.error().code == error_code::bad_request);
  return command.error().message;
}

template <class Command>
Command body_of(const moderation_result& read) {
  if (!read) FAIL(read.error().message);
  REQUIRE(std::holds_alternative<Command>(*read));
  return std::get<Command>(*read);
}

} // namespace

TEST_CASE("a user is put on the list that the event names") {
  const auto ban = accepted<command::put_standing>(
      "ban_user", R"({"room":7,"user_id":"bob","until":1000,"reason":" spam "})");
  CHECK(ban.room == room_ref{room_id{7}});
  CHECK(ban.kind == standing_kind::ban);
  CHECK(ban.user_id == "bob");
  CHECK(ban.until == timestamp{1000});
  CHECK(ban.reason == "spam");
  const auto mute = accepted<command::put_standing>(
      "mute_user", R"({"room":"tea","user_id":"bob","until":"1970-01-01T00:00:01Z"})");
  CHECK(mute.kind == standing_kind::mute);
  CHECK(mute.until == timestamp{1000});
  CHECK(mute.reason.empty());
  const auto member = accepted<command::put_standing>(
      "add_member", R"({"room":"tea","user_id":"bob","until":"never"})");
  CHECK(member.kind == standing_kind::member);
  CHECK_FALSE(member.until); // membership has no end
}

TEST_CASE("a user_id is taken as it stands, never trimmed") {
  for (const auto* event : {"ban_user", "mute_user", "add_member", "unban_user", "kick_user"})
    for (const auto* user : {"bob ", " bob", "\u00a0bob"})
      CHECK(refused(event, R"({"room":7,"user_id":")" + std::string{user} + "\"}") ==
            "user_id must not begin or end with white space");
  CHECK(refused("set_room", R"({"room":7,"owner":"bob "})") ==
        "owner must not begin or end with white space");
}

TEST_CASE("a user is taken off the list that the event names") {
  CHECK(accepted<command::lift_standing>("remove_member", R"({"room":"tea","user_id":"bob"})")
            .kind == standing_kind::member);
  CHECK(accepted<command::lift_standing>("unban_user", R"({"room":"tea","user_id":"bob"})")
            .kind == standing_kind::ban);
  CHECK(accepted<command::lift_standing>("unmute_user", R"({"room":"tea","user_id":"bob"})")
            .kind == standing_kind::mute);
}

TEST_CASE("a room is changed in what is given") {
  const auto both = accepted<command::configure_room>(
      "set_room", R"({"room":"tea","private":true,"owner":"ann"})");
  CHECK(both.is_private == true);
  CHECK(both.owner == "ann");
  const auto open =
      accepted<command::configure_room>("set_room", R"({"room":"tea","private":false})");
  CHECK(open.is_private == false);
  CHECK_FALSE(open.owner);
  CHECK_FALSE(open.is_closed);
  CHECK(accepted<command::configure_room>("set_room", R"({"room":"tea","closed":true})")
            .is_closed == true);
  CHECK(refused("set_room", R"({"room":"tea"})") == "private, owner or closed is required");
  CHECK(refused("set_room", R"({"room":"tea","private":null})") ==
        "private, owner or closed is required");
  CHECK(refused("set_room", R"({"room":"tea","closed":"yes"})") ==
        "closed must be true or false");
  CHECK(refused("set_room", R"({"room":"tea","private":1})") ==
        "private must be true or false");
  CHECK(refused("set_room", R"({"room":"tea","owner":""})") ==
        "owner must have 1 to 64 characters");
}

TEST_CASE("a list is asked for by its kind") {
  const auto bans = accepted<command::get_standings>(
      "get_standings", R"({"room":"tea","kind":"ban","after":"bob","limit":1000})");
  CHECK(bans.kind == standing_kind::ban);
  CHECK(bans.after == "bob");
  CHECK(bans.limit == 1000);
  CHECK(accepted<command::get_standings>("get_standings", R"({"room":"tea","kind":"member"})")
            .limit == default_standing_page);
  CHECK(refused("get_standings", R"({"room":"tea"})") == "kind must be member, ban or mute");
  CHECK(refused("get_standings", R"({"room":"tea","kind":"owner"})") ==
        "kind must be member, ban or mute");
  CHECK(refused("get_standings", R"({"room":"tea","kind":"ban","limit":1001})") ==
        "limit must be a whole number from 1 to 1000");
}

TEST_CASE("what names no room or no user is refused") {
  for (const auto* event : {"add_member", "remove_member", "ban_user", "unban_user",
                            "mute_user", "unmute_user", "kick_user"}) {
    CHECK(refused(event, R"({"user_id":"bob"})") == "room is required");
    CHECK(refused(event, R"({"room":"tea"})") == "user_id must be a string");
    CHECK(refused(event, R"({"room":"tea","user_id":7})") == "user_id must be a string");
    CHECK(refused(event, R"({"room":"tea","user_id":"a\u0000b"})") ==
          "user_id must not hold control characters");
    CHECK(refused(event, R"("tea")") == "room is required");
  }
  CHECK(refused("kick_user", R"({"room":"tea","user_id":"bob","reason":")" +
                                 std::string(max_reason + 1, 'r') + "\"}") ==
        "reason must have 1 to 200 characters");
  CHECK(refused("ban_user", R"({"room":"tea","user_id":"bob","until":"soon"})")
            .starts_with("until must be"));
}

TEST_CASE("over HTTP the path names the user and the list") {
  CHECK(parse_list_name("roster") == standing_kind::member);
  CHECK(parse_list_name("bans") == standing_kind::ban);
  CHECK(parse_list_name("mutes") == standing_kind::mute);
  CHECK_FALSE(parse_list_name("ban"));
  const auto bare =
      body_of<command::put_standing>(parse_put_standing(standing_kind::ban, "b b", "", limits));
  CHECK(bare.user_id == "b b");
  CHECK_FALSE(bare.until);
  const auto full = body_of<command::put_standing>(parse_put_standing(
      standing_kind::mute, "bob", R"({"until":5,"reason":"loud","user_id":"eve"})", limits));
  CHECK(full.user_id == "bob");
  CHECK(full.until == timestamp{5});
  CHECK(full.reason == "loud");
  CHECK_FALSE(parse_put_standing(standing_kind::ban, "", "", limits));
  CHECK_FALSE(parse_put_standing(standing_kind::ban, "bob", "[]", limits));
  CHECK(body_of<command::lift_standing>(parse_lift_standing(standing_kind::ban, "bob", limits))
            .user_id == "bob");
  CHECK_FALSE(parse_lift_standing(standing_kind::ban, "\n", limits));
  CHECK(body_of<command::kick_user>(parse_kick_user(R"({"user_id":"bob"})", limits)).user_id ==
        "bob");
  CHECK_FALSE(parse_kick_user("{}", limits));
  CHECK(body_of<command::configure_room>(parse_set_room(R"({"private":true})", limits))
            .is_private == true);
  CHECK_FALSE(parse_set_room("{}", limits));
  const auto page = body_of<command::get_standings>(
      parse_get_standings(standing_kind::ban, {{"limit", "7"}, {"after", "bob"}}));
  CHECK(page.limit == 7);
  CHECK(page.after == "bob");
  CHECK_FALSE(parse_get_standings(standing_kind::ban, {{"limit", "0"}}));
}
