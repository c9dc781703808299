// What a slow reader misses, and how it is told.
#include "net/websocket/frame_queue.hpp"
#include "proto/chat/chat_event.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace hubbub {
namespace {

using list = std::vector<std::string>;

room_label_ptr room_of(std::int64_t id,
                       slow_reader_policy policy = slow_reader_policy::resync) {
  return std::make_shared<room_label>(
      room_label{room_id{id}, "r" + std::to_string(id), policy});
}

/// Returns message `seq` of `room`.
frame_ptr message_in(const room_label_ptr& room, std::int64_t seq) {
  const auto json = R"({"room_id":)" + std::to_string(room->id.value) + R"(,"from_seq":)" +
                    std::to_string(seq) + R"(,"to_seq":)" + std::to_string(seq) + "}";
  return event::new_message(json, {room, sequence{seq}, sequence{seq}});
}

std::string gap(std::int64_t room, std::int64_t from, std::int64_t to) {
  return event::gap(room_id{room}, "r" + std::to_string(room), sequence{from}, sequence{to})
      ->payload_copy();
}

std::string text_of(const room_label_ptr& room, std::int64_t seq) {
  return message_in(room, seq)->payload_copy();
}

/// Removes everything from the queue and returns it.
list drain(frame_queue& queue) {
  list out;
  for (; !queue.empty(); queue.pop())
    out.push_back(queue.front()->payload_copy());
  CHECK(queue.bytes() == 0);
  return out;
}

std::size_t bytes_in(const list& payloads) {
  std::size_t sum = 0;
  for (const auto& each : payloads)
    sum += text_frame(each)->wire_size();
  return sum;
}

} // namespace

TEST_CASE("changes of messages that are told anew give way to one gap of these messages") {
  const auto room = room_of(1);
  message changed;
  frame_queue queue;
  for (const std::int64_t seq : {7, 3, 5}) {
    changed.seq = sequence{seq};
    queue.push(event::message_changed(changed, "{}", {room, sequence{3}, sequence{7}}));
  }
  queue.push(message_in(room, 9));
  queue.push(message_in(room, 10));
  const auto skipped = queue.skip_messages();
  CHECK(skipped.messages == 5);
  CHECK(skipped.gaps == 2);
  CHECK(drain(queue) == list{gap(1, 3, 7), gap(1, 9, 10)});
}

TEST_CASE("a run of messages gives way to one gap, an answer stays where it was") {
  const auto room = room_of(1);
  frame_queue queue;
  queue.push(text_frame("430[before]"));
  queue.push(message_in(room, 5));
  queue.push(message_in(room, 6));
  queue.push(text_frame("431[ack of 7]"));
  queue.push(message_in(room, 8));
  queue.push(text_frame("2"));
  const auto skipped = queue.skip_messages();
  CHECK(skipped.messages == 3);
  CHECK(skipped.gaps == 2);
  const list left{"430[before]", gap(1, 5, 6), "431[ack of 7]", gap(1, 8, 8), "2"};
  CHECK(queue.bytes() == bytes_in(left));
  CHECK(drain(queue) == left);
}

TEST_CASE("each room has its gaps, and rooms of another policy keep their messages") {
  const auto a = room_of(1);
  const auto b = room_of(2);
  const auto kept = room_of(3, slow_reader_policy::drop_volatile);
  frame_queue queue;
  for (std::int64_t i = 1; i <= 3; ++i) {
    queue.push(message_in(a, i));
    queue.push(message_in(b, 10 + i));
    queue.push(message_in(kept, i));
  }
  CHECK(queue.skip_messages().messages == 6);
  CHECK(drain(queue) == list{gap(1, 1, 3), gap(2, 11, 13), text_of(kept, 1), text_of(kept, 2),
                             text_of(kept, 3)});
}

TEST_CASE("a frame that is partly written stays whole") {
  const auto room = room_of(1);
  frame_queue queue;
  for (std::int64_t i = 1; i <= 4; ++i)
    queue.push(message_in(room, i));
  const auto first = queue.front()->wire_copy();
  queue.consume(3);
  CHECK(queue.skip_messages().messages == 3);
  auto wire = first.substr(0, 3);
  std::array<boost::asio::const_buffer, 8> buffers;
  const auto used = queue.gather(buffers);
  for (std::size_t i = 0; i < used; ++i)
    wire.append(static_cast<const char*>(buffers.at(i).data()), buffers.at(i).size());
  CHECK(queue.bytes() == wire.size() - 3);
  CHECK(wire == first + text_frame(gap(1, 2, 4))->wire_copy());
}

TEST_CASE("a gap that was not read either grows with what follows it") {
  const auto room = room_of(1);
  frame_queue queue;
  queue.push(message_in(room, 1));
  queue.push(message_in(room, 2));
  CHECK(queue.skip_messages().gaps == 1);
  const auto again = queue.skip_messages();
  CHECK(again.messages == 0);
  CHECK(again.gaps == 0);
  queue.push(message_in(room, 3));
  const auto more = queue.skip_messages();
  CHECK(more.messages == 1);
  CHECK(more.gaps == 1);
  queue.push(message_in(room, 4));
  CHECK(drain(queue) == list{gap(1, 1, 3), text_of(room, 4)});
}

TEST_CASE("the copies of recoverable sessions are messages too") {
  const auto room = room_of(1);
  frame_queue queue;
  queue.push(with_last_argument(message_in(room, 1), "offset"));
  queue.push(with_last_argument(message_in(room, 2), "offset"));
  CHECK(queue.skip_messages().messages == 2);
  CHECK(drain(queue) == list{gap(1, 1, 2)});
}

TEST_CASE("the room that holds most of a queue is named, whatever else is in it") {
  const auto small = room_of(1, slow_reader_policy::drop_volatile);
  const auto large = room_of(2, slow_reader_policy::drop_volatile);
  frame_queue queue;
  CHECK_FALSE(queue.fullest_room().room);
  queue.push(text_frame("430[" + std::string(10'000, 'x') + "]"));
  CHECK_FALSE(queue.fullest_room().room);
  CHECK(queue.fullest_room().bytes == 0);
  queue.push(message_in(small, 1));
  CHECK(queue.fullest_room().room->name == "r1");
  // One room sleeps and wakes meanwhile, by which it has a new label.
  queue.push(message_in(large, 1));
  queue.push(message_in(small, 2));
  queue.push(message_in(room_of(2, slow_reader_policy::drop_volatile), 2));
  queue.push(message_in(large, 3));
  const auto fullest = queue.fullest_room();
  CHECK(fullest.room->name == "r2");
  // 160 bytes of memory for each frame beside its own.
  CHECK(fullest.bytes == 3 * (message_in(large, 1)->wire_size() + 160));
}

TEST_CASE("a gap counts for the room whose messages it stands for") {
  frame_queue queue;
  queue.push(message_in(room_of(1), 1));
  queue.push(message_in(room_of(1), 2));
  CHECK(queue.skip_messages().gaps == 1);
  CHECK(queue.fullest_room().room->name == "r1");
}

TEST_CASE(
    "whatever is in a queue, messages and gaps are the whole in order, and no answer is lost") {
  // A fixed sequence of choices replaces chance.
  std::uint32_t state = 12'345;
  const auto chance = [&state](std::uint32_t of) {
    state = state * 1'664'525U + 1'013'904'223U;
    return (state >> 16U) % of;
  };
  const std::array rooms{room_of(0), room_of(1), room_of(2, slow_reader_policy::drop_volatile)};
  for (int round = 0; round < 200; ++round) {
    std::array<std::int64_t, 3> said{};
    list answers;
    list got;
    frame_queue queue;
    const auto read_some = [&](std::size_t count) {
      for (; count > 0 && !queue.empty(); --count, queue.pop())
        got.push_back(queue.front()->payload_copy());
    };
    for (int step = 0; step < 200; ++step) {
      switch (chance(12)) {
      case 0: queue.skip_messages(); break;
      case 1: read_some(chance(4)); break;
      case 2:
        answers.push_back("43" + std::to_string(step) + "[]");
        queue.push(text_frame(answers.back()));
        break;
      default: {
        const auto room = chance(3);
        queue.push(message_in(rooms.at(room), ++said.at(room)));
      }
      }
    }
    read_some(queue.size());

    list answered;
    std::array<std::int64_t, 3> told{};
    for (const auto& each : got) {
      if (each.starts_with("43")) {
        answered.push_back(each);
        continue;
      }
      const auto number = [&each](const std::string& field) {
        return std::stoll(each.substr(each.find("\"" + field + "\":") + field.size() + 3));
      };
      auto& up_to = told.at(static_cast<std::size_t>(number("room_id")));
      REQUIRE(number("from_seq") == up_to + 1);
      up_to = number("to_seq");
    }
    CHECK(answered == answers);
    CHECK(told == said);
  }
}

} // namespace hubbub
