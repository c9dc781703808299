#include "actors/room/returning_sessions.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

constexpr room_position asked_position{room_id{1}, sequence{10}, revision{12}};
constexpr session_id early_session{0, 1};
constexpr session_id late_session{1, 2};

room_return return_of(session_id from, const std::string& name) {
  user made;
  made.user_id = name;
  return {from, std::make_shared<const user>(std::move(made)), asked_position, std::nullopt};
}

logged_event event_about(std::int64_t seq) {
  return {nullptr, {room_id{1}, sequence{seq}, revision{seq + 2}}, sequence{seq}};
}

TEST_CASE("a return keeps what the room tells from its begin on") {
  returning_sessions returning;
  returning.begin(return_of(early_session, "ann"), asked_position);
  returning.note(event_about(11));
  returning.begin(return_of(late_session, "ben"), asked_position);
  returning.note(event_about(12));
  const auto early = returning.take(early_session);
  REQUIRE(early);
  CHECK(early->asked_at == asked_position);
  REQUIRE(early->meanwhile.size() == 2);
  CHECK(early->meanwhile[0].about == sequence{11});
  CHECK(early->meanwhile[1].about == sequence{12});
  CHECK_FALSE(early->too_much);
  CHECK(returning.take(late_session)->meanwhile.size() == 1);
}

TEST_CASE("a return ends once") {
  returning_sessions returning;
  CHECK_FALSE(returning.find(early_session));
  returning.begin(return_of(early_session, "ann"), asked_position);
  REQUIRE(returning.find(early_session));
  CHECK(returning.find(early_session)->user_id == "ann");
  CHECK(returning.take(early_session));
  CHECK_FALSE(returning.find(early_session));
  CHECK_FALSE(returning.take(early_session));
}

TEST_CASE("a return during which too much was told says so and keeps no more") {
  returning_sessions returning;
  returning.begin(return_of(early_session, "ann"), asked_position);
  for (std::int64_t i = 0; i <= max_since; ++i)
    returning.note(event_about(11 + i));
  const auto back = returning.take(early_session);
  REQUIRE(back);
  CHECK(back->too_much);
  CHECK(std::ssize(back->meanwhile) == max_since);
}

TEST_CASE("returns are found by their user") {
  returning_sessions returning;
  returning.begin(return_of(early_session, "ann"), asked_position);
  returning.begin(return_of(late_session, "ben"), asked_position);
  const auto of_ben = [](const user& who) { return who.user_id == "ben"; };
  CHECK(returning.sessions_if(of_ben) == std::vector{late_session});
}

} // namespace
} // namespace hubbub::test
