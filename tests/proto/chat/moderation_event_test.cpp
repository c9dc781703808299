#include "proto/chat/moderation_event.hpp"
#include "proto/chat/standing_json.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace hubbub;

namespace {

std::string text_of(const frame_ptr& what) {
  return std::string{what->payload_copy()};
}

const standing ban{standing_kind::ban, "b\"b", "ann", timestamp{0}, timestamp{1}, "spam"};
const standing on_roster{standing_kind::member, "mia", "ann", timestamp{0}};

constexpr auto ban_json =
    R"({"kind":"ban","user_id":"b\"b","by":"ann","at":"1970-01-01T00:00:00.000Z",)"
    R"("until":"1970-01-01T00:00:00.001Z","reason":"spam"})";
constexpr auto member_json =
    R"({"kind":"member","user_id":"mia","by":"ann","at":"1970-01-01T00:00:00.000Z",)"
    R"("until":null,"reason":null})";

} // namespace

TEST_CASE("a standing is shown with what it lacks as null") {
  CHECK(standing_json(ban) == ban_json);
  CHECK(standing_json(on_roster) == member_json);
  for (const auto kind : all_standing_kinds)
    CHECK(parse_standing_kind(to_string(kind)) == kind);
  CHECK_FALSE(parse_standing_kind("bans"));
}

TEST_CASE("a user hears who did what, for how long and why") {
  CHECK(text_of(event::kicked(room_id{7}, "tea", {"ann", "spam", true, timestamp{1}})) ==
        R"(42["kicked",{"room_id":7,"room":"tea","by":"ann","reason":"spam","banned":true,)"
        R"("until":"1970-01-01T00:00:00.001Z"}])");
  CHECK(text_of(event::kicked(room_id{7}, "tea", {})) ==
        R"(42["kicked",{"room_id":7,"room":"tea","by":null,"reason":null,"banned":false,)"
        R"("until":null}])");
  CHECK(text_of(event::muted(room_id{7}, "tea", ban)) ==
        R"(42["muted",{"room_id":7,"room":"tea","by":"ann","reason":"spam",)"
        R"("until":"1970-01-01T00:00:00.001Z"}])");
  CHECK(text_of(event::unmuted(room_id{7}, "tea", "ann")) ==
        R"(42["unmuted",{"room_id":7,"room":"tea","by":"ann"}])");
  CHECK(
      text_of(event::room_updated(room_id{7}, "tea", {true, std::nullopt, true})) ==
      R"(42["room_updated",{"room_id":7,"room":"tea","private":true,"owner":null,"closed":true}])");
}

TEST_CASE("answers hold what was done") {
  CHECK(text_of(fields_ack(3, standing_field(&ban))) ==
        std::string{R"(433[{"ok":true,"standing":)"} + ban_json + "}]");
  CHECK(standing_field(nullptr) == R"("standing":null)");
  CHECK(kicked_field(2) == R"("kicked":2)");
  CHECK(room_field(room_id{7}, "tea", {false, "ann"}) ==
        R"("room":{"id":7,"name":"tea","private":false,"owner":"ann","closed":false})");
  CHECK(standings_field(std::vector{ban, on_roster}, "mia") ==
        std::string{R"("standings":[)"} + ban_json + "," + member_json + R"(],"next":"mia")");
  CHECK(standings_field({}, "") == R"("standings":[],"next":null)");
}
