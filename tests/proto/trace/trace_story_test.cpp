#include "proto/access/connect_refusal.hpp"
#include "proto/access/standing.hpp"
#include "proto/close_reason.hpp"
#include "proto/enum_count.hpp"
#include "proto/error.hpp"
#include "proto/json/json.hpp"
#include "proto/model.hpp"
#include "proto/trace/trace_request.hpp"
#include "proto/trace/trace_story.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace hubbub {
namespace {

constexpr std::int64_t noon = 1'772'366'400'000'000; // 2026-03-01T12:00:00Z

/// What a test has recorded.
class memory_of {
 public:
  memory_of& step(trace_record record, const std::string& user = {},
                  const std::string& room = {}) {
    for (const auto& name : {user, room})
      memory.names[trace_key(name)] = name;
    record.time_us = noon + static_cast<std::int64_t>(memory.records.size()) * 1'000'001;
    record.user = trace_key(user);
    record.room = trace_key(room);
    memory.records.push_back(record);
    return *this;
  }
  [[nodiscard]] std::vector<std::string> tell(const trace_question& question) const {
    std::vector<std::string> lines;
    tell_trace(memory, question, [&lines](const std::string& line) { lines.push_back(line); });
    return lines;
  }

  trace_memory memory;
};

const auto first = trace_connection::of({0, 17, 0});
const auto second = trace_connection::of({1, 4, 0});

} // namespace

TEST_CASE("a story has a line for each step, with its time, and says who a message went to") {
  memory_of recorded;
  recorded.step({.kind = trace_kind::started})
      .step({.kind = trace_kind::connected, .connection = first}, "bob")
      .step({.kind = trace_kind::message, .seq = 1, .number = 3}, "ann", "general")
      .step({.kind = trace_kind::joined, .seq = 1, .connection = first}, "bob", "general")
      .step({.kind = trace_kind::message, .seq = 2, .number = 4}, "ann", "general")
      .step({.kind = trace_kind::message, .seq = 9, .number = 4}, "ann", "elsewhere")
      .step({.kind = trace_kind::left,
             .code = static_cast<std::uint8_t>(leave_reason::slow_reader),
             .connection = first},
            "bob", "general")
      .step({.kind = trace_kind::message, .seq = 3, .number = 1}, "ann", "general");
  CHECK(
      recorded.tell({.user = "bob", .room = "general"}) ==
      std::vector<std::string>{
          "2026-03-01T12:00:00.000000Z  the server started",
          "2026-03-01T12:00:01.000001Z  bob connected (connection 0-17)",
          "2026-03-01T12:00:02.000002Z  a message of ann was stored as general/1 and went to 3 "
          "connections; nothing is remembered of bob in the room",
          "2026-03-01T12:00:03.000003Z  bob is in general from message 2 on (connection 0-17)",
          "2026-03-01T12:00:04.000004Z  a message of ann was stored as general/2 and went to 4 "
          "connections, 1 of them bob's",
          "2026-03-01T12:00:06.000006Z  bob left general: slow_reader (connection 0-17)",
          "2026-03-01T12:00:07.000007Z  a message of ann was stored as general/3 and went to 1 "
          "connection; bob was not in the room"});
  // Without a room it is about all rooms that the user is in, without a user about the room.
  CHECK(recorded.tell({.user = "bob"}).size() == 5);
  CHECK(recorded.tell({.room = "elsewhere"}).size() == 2);
  CHECK(recorded.tell({}).size() == 8);
  // What was before is known, though it is not told.
  const auto late =
      recorded.tell({.user = "bob", .room = "general", .since_us = noon + 4'000'000});
  REQUIRE(late.size() == 3);
  CHECK(late.front().ends_with("1 of them bob's"));
}

TEST_CASE("a message that follows the end of a connection did not go to it") {
  memory_of recorded;
  recorded.step({.kind = trace_kind::joined, .connection = first}, "bob", "general")
      .step({.kind = trace_kind::joined, .connection = second}, "bob", "general")
      .step({.kind = trace_kind::ended,
             .code = static_cast<std::uint8_t>(close_reason::shutdown),
             .connection = first},
            "bob")
      .step({.kind = trace_kind::message, .seq = 1, .number = 2}, "ann", "general")
      .step({.kind = trace_kind::ended,
             .code = static_cast<std::uint8_t>(close_reason::shutdown),
             .connection = second},
            "bob")
      .step({.kind = trace_kind::message, .seq = 2, .number = 1}, "ann", "general");
  const auto told = recorded.tell({.user = "bob", .room = "general"});
  REQUIRE(told.size() == 6);
  CHECK(told[2] == "2026-03-01T12:00:02.000002Z  bob was disconnected: shutdown (connection "
                   "0-17)");
  CHECK(told[3] == "2026-03-01T12:00:03.000003Z  a message of ann was stored as general/1 and "
                   "went to 2 connections, 1 of them bob's");
  CHECK(told[5] == "2026-03-01T12:00:05.000005Z  a message of ann was stored as general/2 and "
                   "went to 1 connection; bob was not in the room");
}

TEST_CASE("a process that takes over is told otherwise than a stop and a start") {
  constexpr auto took_over = static_cast<std::uint8_t>(trace_change::took_over);
  memory_of recorded;
  recorded.step({.kind = trace_kind::started})
      .step({.kind = trace_kind::stopped, .code = took_over})
      .step({.kind = trace_kind::started, .code = took_over})
      .step({.kind = trace_kind::stopped});
  CHECK(recorded.tell({}) ==
        std::vector<std::string>{
            "2026-03-01T12:00:00.000000Z  the server started",
            "2026-03-01T12:00:01.000001Z  the server left its place to a new process",
            "2026-03-01T12:00:02.000002Z  the server went on after an upgrade; sessions from "
            "before were "
            "closed and came back",
            "2026-03-01T12:00:03.000003Z  the server stopped in order"});
  CHECK(
      recorded.tell({.as_json = true})[2] ==
      R"({"time":"2026-03-01T12:00:02.000002Z","kind":"started","code":"took_over",)"
      R"("text":"the server went on after an upgrade; sessions from before were closed and came back"})");
}

TEST_CASE("what somebody did to a user or to a room is told in the words of the chat") {
  memory_of recorded;
  const auto did = [&recorded](trace_kind kind, auto code, const std::string& user) {
    recorded.step(
        {.kind = kind, .code = static_cast<std::uint8_t>(code), .number = trace_key("eva")},
        user, "lobby");
  };
  recorded.memory.names[trace_key("eva")] = "eva";
  for (const auto kind : {trace_kind::standing, trace_kind::lifted})
    for (const auto list : {standing_kind::mute, standing_kind::ban, standing_kind::member})
      did(kind, list, "ana");
  did(trace_kind::kicked, 0, "ana");
  for (const auto change : {trace_room_change::closed, trace_room_change::opened,
                            trace_room_change::made_private, trace_room_change::made_public})
    did(trace_kind::configured, change, "");
  const auto told = recorded.tell({});
  std::vector<std::string> sentences;
  for (const auto& line : told)
    sentences.push_back(line.substr(line.find("  ") + 2));
  CHECK(sentences == std::vector<std::string>{
                         "eva muted ana in lobby", "eva banned ana from lobby",
                         "eva put ana on the roster of lobby", "eva unmuted ana in lobby",
                         "eva unbanned ana in lobby", "eva took ana off the roster of lobby",
                         "eva kicked ana out of lobby", "eva closed lobby",
                         "eva opened lobby again", "eva made lobby private",
                         "eva made lobby public"});
  CHECK(recorded.tell({.user = "eva"}).size() == told.size());
  CHECK(recorded.tell({.as_json = true})[7].find(
            R"("kind":"configured","room":"lobby","code":"closed","by":"eva","text":)") !=
        std::string::npos);
}

TEST_CASE("a room that is closed is part of the story of those who are in it") {
  memory_of recorded;
  const auto closed = static_cast<std::uint8_t>(trace_room_change::closed);
  recorded.memory.names[trace_key("eva")] = "eva";
  recorded.step({.kind = trace_kind::joined, .connection = first}, "bob", "lobby")
      .step({.kind = trace_kind::configured, .code = closed, .number = trace_key("eva")}, {},
            "lobby")
      .step({.kind = trace_kind::left, .code = left_closed_room, .connection = first}, "bob",
            "lobby")
      .step({.kind = trace_kind::configured, .code = closed, .number = trace_key("eva")}, {},
            "elsewhere");
  const auto told = recorded.tell({.user = "bob"});
  REQUIRE(told.size() == 3);
  CHECK(told[1].ends_with("  eva closed lobby"));
  CHECK(told[2].ends_with("  bob is out of lobby, since it was closed (connection 0-17)"));
  CHECK(recorded.tell({.user = "bob", .as_json = true})[2].find(R"("code":"closed")") !=
        std::string::npos);
  CHECK(recorded.tell({.user = "cleo"}).empty());
  CHECK(recorded.tell({.user = "cleo", .room = "lobby"}).size() == 1);
}

TEST_CASE("each kind of step has a sentence and an object") {
  memory_of recorded;
  for (std::size_t kind = 0; kind < enum_count<trace_kind>(); ++kind)
    for (const unsigned code : {0U, 1U, 200U})
      recorded.step({.kind = static_cast<trace_kind>(kind),
                     .code = static_cast<std::uint8_t>(code),
                     .what = 2,
                     .seq = 5,
                     .number = trace_key("eve"),
                     .connection = second},
                    "bob", "a \"room\"\x1b[31m");
  recorded.memory.names[trace_key("eve")] = "eve";
  for (const bool as_json : {false, true}) {
    const auto lines = recorded.tell({.as_json = as_json});
    CHECK(lines.size() == 3 * enum_count<trace_kind>());
    for (const auto& line : lines) {
      CHECK(line.size() > 40);
      CHECK(line.find('\x1b') == std::string::npos);
    }
  }
}

TEST_CASE("a step as an object has what programs look for") {
  memory_of recorded;
  recorded.step({.kind = trace_kind::refused,
                 .code = static_cast<std::uint8_t>(error_code::storage_full),
                 .what = trace_request_of("send_message"),
                 .connection = second},
                "ann", "general");
  CHECK(
      recorded.tell({.room = "general", .as_json = true}) ==
      std::vector<std::string>{
          R"({"time":"2026-03-01T12:00:00.000000Z","kind":"refused","user":"ann",)"
          R"("room":"general","connection":"1-4","code":"storage_full","request":"send_message",)"
          R"--("text":"ann was refused send_message in general: storage_full (connection 1-4)"})--"});
}

TEST_CASE("edits and deletions say to whom they went, and a refused CONNECT why") {
  memory_of recorded;
  recorded.step({.kind = trace_kind::joined, .connection = first}, "bob", "general")
      .step({.kind = trace_kind::edited, .seq = 7, .number = 2}, "ann", "general")
      .step({.kind = trace_kind::deleted, .seq = 7, .number = 1}, "ann", "general")
      .step({.kind = trace_kind::kept_out,
             .code = static_cast<std::uint8_t>(connect_refusal::token_expired),
             .connection = second},
            "bob")
      .step({.kind = trace_kind::kept_out,
             .code = static_cast<std::uint8_t>(connect_refusal::token_invalid),
             .connection = second});
  const auto told = recorded.tell({.user = "bob", .room = "general"});
  CHECK(
      std::vector(told.begin() + 1, told.end()) ==
      std::vector<std::string>{
          "2026-03-01T12:00:01.000001Z  ann edited general/7, and that went to 2 connections, "
          "1 of them bob's",
          "2026-03-01T12:00:02.000002Z  ann deleted general/7, and that went to 1 connection, "
          "1 of them bob's",
          "2026-03-01T12:00:03.000003Z  bob could not connect: token_expired (connection "
          "1-4)"});
  CHECK(recorded.tell({}).back() == "2026-03-01T12:00:04.000004Z  somebody could not connect: "
                                    "token_invalid (connection 1-4)");
}

TEST_CASE("the key that an unknown token names is told, and is nobody's name") {
  memory_of recorded;
  recorded.memory.names[trace_key("key 2031")] = "key 2031";
  recorded.step({.kind = trace_kind::kept_out,
                 .code = static_cast<std::uint8_t>(connect_refusal::token_invalid),
                 .number = trace_key("key 2031"),
                 .connection = second});
  CHECK(recorded.tell({}) ==
        std::vector<std::string>{
            "2026-03-01T12:00:00.000000Z  somebody could not connect: token_invalid; the token "
            "names the key \"key 2031\" (connection 1-4)"});
  CHECK(recorded.tell({.user = "key 2031"}).empty());
  CHECK(recorded.tell({.as_json = true})
            .front()
            .find(R"("code":"token_invalid","kid":"key 2031","text":)") != std::string::npos);
}

TEST_CASE("refusals that are one record are told with their number and their end") {
  memory_of recorded;
  trace_record refusal{.kind = trace_kind::refused,
                       .code = static_cast<std::uint8_t>(error_code::rate_limited),
                       .what = trace_request_of("typing"),
                       .connection = first};
  refusal.time_us = noon;
  refusal.seq = with_repeat(refusal, noon + 1'500'000);
  trace_record kept_out{.kind = trace_kind::kept_out,
                        .code = static_cast<std::uint8_t>(connect_refusal::token_missing),
                        .connection = second};
  kept_out.time_us = noon + 1'000'001;
  for (int i = 1; i < 500; ++i)
    kept_out.seq = with_repeat(kept_out, kept_out.time_us + i);
  recorded.step(refusal, "ann").step(kept_out);
  CHECK(recorded.tell({}) ==
        std::vector<std::string>{
            "2026-03-01T12:00:00.000000Z  ann was refused typing: rate_limited (connection "
            "0-17), and 1 time more until 2026-03-01T12:00:01.500000Z",
            "2026-03-01T12:00:01.000001Z  somebody could not connect: token_missing "
            "(connection 1-4), and 499 times more until 2026-03-01T12:00:01.000500Z"});
  const auto object = recorded.tell({.user = "ann", .as_json = true}).front();
  CHECK(object.find(R"("code":"rate_limited","request":"typing","times":2,)"
                    R"("until":"2026-03-01T12:00:01.500000Z","text":)") != std::string::npos);
  CHECK(object.find(R"("seq")") == std::string::npos);
  // It counts as long as it went on.
  CHECK(recorded.tell({.user = "ann", .since_us = noon + 1'500'000}).size() == 1);
  CHECK(recorded.tell({.user = "ann", .since_us = noon + 1'500'001}).empty());
}

TEST_CASE("a damaged number of refusals is told without an end of the world") {
  memory_of recorded;
  recorded.step({.kind = trace_kind::refused, .seq = -1, .connection = first}, "ann");
  recorded.memory.records.front().time_us = std::numeric_limits<std::int64_t>::max();
  CHECK(recorded.tell({}).front().ends_with(
      "and 2147483647 times more until 9999-12-31T23:59:59.999999Z"));
}

TEST_CASE("a connection that holds too much has its room told, and concerns all of the user's "
          "rooms") {
  memory_of recorded;
  recorded
      .step({.kind = trace_kind::overrun, .number = 4'000'120, .connection = first}, "bob",
            "general")
      .step({.kind = trace_kind::overrun, .code = 1, .number = 9, .connection = first}, "bob");
  const std::vector<std::string> both{
      "2026-03-01T12:00:00.000000Z  bob did not read: 4000120 bytes waited, which is too much; "
      "the largest part is of general (connection 0-17)",
      "2026-03-01T12:00:01.000001Z  bob did not read: 9 bytes waited while memory was short "
      "(connection 0-17)"};
  CHECK(recorded.tell({.user = "bob"}) == both);
  CHECK(recorded.tell({.user = "bob", .room = "elsewhere"}) == both);
  CHECK(recorded.tell({.room = "general"}) == std::vector{both.front()});
  CHECK(recorded.tell({.room = "elsewhere"}).empty());
}

TEST_CASE("a name that was forgotten is told by its key") {
  trace_memory memory;
  CHECK(memory.name_of(0) == "somebody without a name");
  CHECK(memory.name_of(0xabcU) == "name #0000000000000abc");
}

TEST_CASE("a damaged time is told as the nearest one that there is") {
  CHECK(trace_time(-5) == "1970-01-01T00:00:00.000000Z");
  CHECK(trace_time(std::numeric_limits<std::int64_t>::max()) == "9999-12-31T23:59:59.999999Z");
}

TEST_CASE("a damaged record of any kind is told in one line, as text and as JSON") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto bits = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t kind = 0; kind < enum_count<trace_kind>(); ++kind)
    for (const int code : {0, 1, 127, 255})
      for (const std::int64_t number :
           {most, most - 1, least, std::int64_t{-1}, std::int64_t{0}}) {
        CAPTURE(kind, code, number);
        const auto unsigned_number = static_cast<std::uint64_t>(number);
        trace_memory memory;
        memory.records.push_back({.kind = static_cast<trace_kind>(kind),
                                  .code = static_cast<std::uint8_t>(code),
                                  .what = std::numeric_limits<std::uint16_t>::max(),
                                  .time_us = number,
                                  .user = bits,
                                  .room = bits,
                                  .seq = number,
                                  .number = unsigned_number,
                                  .connection = {unsigned_number}});
        for (const bool as_json : {false, true}) {
          std::vector<std::string> lines;
          tell_trace(memory, {.since_us = least, .as_json = as_json},
                     [&lines](const std::string& line) { lines.push_back(line); });
          REQUIRE(lines.size() == 1);
          CHECK(lines.front().find('\n') == std::string::npos);
          if (as_json) CHECK(json::parse(lines.front(), 4).has_value());
        }
      }
}

} // namespace hubbub
