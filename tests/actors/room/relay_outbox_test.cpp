#include "actors/metrics/pass_clock.hpp"
#include "actors/room/relay_outbox.hpp"
#include "tests/support/catch.hpp"

#include <map>

namespace hubbub::test {
namespace {

constexpr room_id spoken_room{7};
constexpr session_id first_of_ann{0, 1};
constexpr session_id second_of_ann{1, 2};
constexpr session_id of_ben{2, 3};

user_ptr user_named(const std::string& name) {
  user made;
  made.user_id = name;
  made.username = name;
  return std::make_shared<const user>(std::move(made));
}

frame_ptr some_frame() {
  return event::typing(spoken_room, "lobby", {"ann", "ann"}, true);
}

room_request request_of(session_id from, std::optional<ack_id> ack, std::uint32_t join = 0) {
  room_request made;
  made.who = user_named("ann");
  made.asker = socket_asker{.session = from, .ack = ack, .event = "join", .join = join};
  return made;
}

/// A room with ann on the threads 0 and 1 and ben on 2, of four, and what it says.
struct spoken {
  member_table members;
  refusal_counter_ptr counter = std::make_shared<refusal_counter>();
  relay_outbox outbox{spoken_room, members, 4, counter};

  spoken() {
    const auto ann = user_named("ann");
    members.add(first_of_ann, ann);
    members.add(second_of_ann, ann);
    members.add(of_ben, user_named("ben"));
  }
  std::map<std::size_t, relay_orders> flushed() {
    std::map<std::size_t, relay_orders> sent;
    outbox.flush([&](std::size_t thread, relay_orders orders) {
      sent.emplace(thread, std::move(orders));
    });
    return sent;
  }
};

TEST_CASE("what is said to all goes to each io thread that has members") {
  spoken room;
  const auto frame = some_frame();
  room.outbox.say_all(frame, {of_ben}, true,
                      room_position{spoken_room, sequence{3}, revision{4}});
  const auto sent = room.flushed();
  REQUIRE(sent.size() == 3);
  CHECK_FALSE(sent.contains(3));
  for (const auto& [thread, orders] : sent) {
    REQUIRE(orders.size() == 1);
    const auto& order = std::get<fan_out>(orders.front());
    CHECK(order.room == spoken_room);
    CHECK(order.what == frame);
    CHECK(order.except == std::vector{of_ben});
    CHECK(order.is_volatile);
    CHECK(order.at == room_position{spoken_room, sequence{3}, revision{4}});
  }
  CHECK(room.flushed().empty());
}

TEST_CASE("only events of the log that a write led to are measured, from the news of it on") {
  spoken room;
  const pass_clock::time_point heard{std::chrono::hours{1}};
  room.counter->measures().answered_at = heard;
  const room_position at{spoken_room, sequence{3}, revision{4}};
  const auto since = [&room] { return std::get<fan_out>(room.flushed().at(0).front()).since; };
  room.outbox.say_all(some_frame(), {}, false, at);
  CHECK(since() == pass_clock::time_point{});
  room.outbox.begin_written();
  room.outbox.say_all(some_frame(), {}, false, at);
  CHECK(since() == heard);
  room.outbox.end_written();
  room.outbox.say_all(some_frame(), {}, false, at);
  CHECK(since() == pass_clock::time_point{});
  room.outbox.begin_written();
  room.outbox.say_all(some_frame());
  CHECK(since() == pass_clock::time_point{});
}

TEST_CASE("what is said to one thread keeps its order") {
  spoken room;
  room.outbox.say(of_ben, tell{of_ben, some_frame()});
  room.outbox.say_all(some_frame());
  room.outbox.answer(socket_asker{of_ben}, nullptr);
  const auto sent = room.flushed();
  const auto& orders = sent.at(2);
  REQUIRE(orders.size() == 3);
  CHECK(std::holds_alternative<tell>(orders[0]));
  CHECK(std::holds_alternative<fan_out>(orders[1]));
  CHECK(std::get<reply>(orders[2]).what == nullptr);
}

TEST_CASE("a user is told in all sessions but the excepted one") {
  spoken room;
  room.outbox.say_user("ann", some_frame());
  CHECK(room.flushed().size() == 2);
  room.outbox.say_user("ann", some_frame(), first_of_ann);
  const auto sent = room.flushed();
  REQUIRE(sent.size() == 1);
  CHECK(std::get<tell>(sent.at(1).front()).session == second_of_ann);
  room.outbox.say_user("nobody", some_frame());
  CHECK(room.flushed().empty());
}

TEST_CASE("a refused join says which it was, and another refused request does not") {
  spoken room;
  const error why{error_code::forbidden, "no"};
  room.outbox.refuse(request_of(of_ben, ack_id{5}, 9), why);
  room.outbox.refuse(request_of(of_ben, std::nullopt), why);
  const auto sent = room.flushed();
  const auto& orders = sent.at(2);
  REQUIRE(orders.size() == 2);
  const auto& join = std::get<reply>(orders[0]);
  REQUIRE(join.refused);
  CHECK(join.refused->room == spoken_room);
  CHECK(join.refused->number == 9);
  CHECK(join.what != nullptr);
  CHECK_FALSE(std::get<reply>(orders[1]).refused);
}

TEST_CASE("a closed outbox, and a thread that is not there, take nothing") {
  spoken room;
  const session_id elsewhere{9, 1};
  room.outbox.say(elsewhere, tell{elsewhere, some_frame()});
  CHECK(room.flushed().empty());
  room.outbox.say_all(some_frame());
  room.outbox.close();
  room.outbox.say(of_ben, tell{of_ben, some_frame()});
  CHECK(room.flushed().empty());
}

} // namespace
} // namespace hubbub::test
