#include "proto/chat/chat_event.hpp"
#include "proto/own_event.hpp"
#include "tests/support/catch.hpp"

#include <memory>
#include <string>
#include <vector>

using namespace hubbub;
using namespace std::string_literals;

namespace {

/// Returns the packet that a long-polling client reads.
std::string text_of(const frame_ptr& frame) {
  REQUIRE(frame);
  CHECK_FALSE(frame->binary());
  return std::string{frame->payload_copy()};
}

const message plain{message_id{70}, room_id{3},   sequence{5},
                    revision{6},    "ann",        "Ann A.",
                    "hi",           std::nullopt, timestamp{1'769'903'999'123}};
const presence_user ann{"ann", "Ann"};
const presence_user bob{"bob", "Bob"};

} // namespace

TEST_CASE("every reason to leave has its word") {
  using enum leave_reason;
  CHECK(to_string(leave) == "leave");
  CHECK(to_string(disconnect) == "disconnect");
  CHECK(to_string(timeout) == "timeout");
  CHECK(to_string(slow_reader) == "slow_reader");
  CHECK(to_string(kicked) == "kicked");
}

TEST_CASE("a message is shown with its room's name and its revision") {
  CHECK(
      message_json(plain, "lobby") ==
      R"({"id":70,"room_id":3,"room":"lobby","seq":5,"rev":6,"user_id":"ann","username":"Ann A.",)"
      R"("content":"hi","created_at":"2026-01-31T23:59:59.123Z"})");
}

TEST_CASE("a stored event is told under its own name, with the message at the end") {
  auto m = plain;
  m.content = stored_content({"polled", R"({"id":1},"text")", "a poll"});
  const auto json = message_json(m, "lobby");
  CHECK(
      json ==
      R"({"id":70,"room_id":3,"room":"lobby","seq":5,"rev":6,"user_id":"ann","username":"Ann A.",)"
      R"("content":"a poll","event":"polled","args":[{"id":1},"text"],)"
      R"("created_at":"2026-01-31T23:59:59.123Z"})");
  const auto label = std::make_shared<room_label>(room_label{m.room, "lobby"});
  const auto told = event::stored(m, json, {label, m.seq, m.seq});
  CHECK(text_of(told) == R"(42["polled",{"id":1},"text",)" + json + "]");
  CHECK(told->about().last == m.seq); // a slow reader may be told of a gap instead
  m.content = stored_content({"polled", "", ""});
  CHECK(text_of(event::stored(m, "{}", {})) == R"(42["polled",{}])");
  CHECK(text_of(event::stored(plain, "{}", {})) == R"(42["new_message",{}])");
}

TEST_CASE("a client_id is shown only where there is one") {
  auto m = plain;
  m.client_id = "c-1";
  CHECK(
      message_json(m, "lobby") ==
      R"({"id":70,"room_id":3,"room":"lobby","seq":5,"rev":6,"user_id":"ann","username":"Ann A.",)"
      R"("content":"hi","client_id":"c-1","created_at":"2026-01-31T23:59:59.123Z"})");
}

TEST_CASE("an edit shows when it was made, a tombstone when, and nothing of its content") {
  auto m = plain;
  m.edited_at = timestamp{1'769'904'000'000};
  CHECK(
      message_json(m, "lobby") ==
      R"({"id":70,"room_id":3,"room":"lobby","seq":5,"rev":6,"user_id":"ann","username":"Ann A.",)"
      R"("content":"hi","created_at":"2026-01-31T23:59:59.123Z",)"
      R"("edited_at":"2026-02-01T00:00:00.000Z"})");
  m.deleted_at = timestamp{1'769'904'001'000};
  m.content.clear();
  CHECK(
      message_json(m, "lobby") ==
      R"({"id":70,"room_id":3,"room":"lobby","seq":5,"rev":6,"user_id":"ann","username":"Ann A.",)"
      R"("content":"","created_at":"2026-01-31T23:59:59.123Z",)"
      R"("edited_at":"2026-02-01T00:00:00.000Z","deleted_at":"2026-02-01T00:00:01.000Z"})");
}

TEST_CASE("what users wrote is escaped") {
  auto m = plain;
  m.content = "\"\\\n\x01</script>😀";
  m.username = "\"},{\"";
  CHECK(
      message_json(m, "a\"b") ==
      R"({"id":70,"room_id":3,"room":"a\"b","seq":5,"rev":6,"user_id":"ann","username":"\"},{\"",)"
      R"("content":"\"\\\n\u0001</script>😀","created_at":"2026-01-31T23:59:59.123Z"})");
  CHECK(
      text_of(event::typing(room_id{1}, "a\"b", {"\\", "\""}, true)) ==
      R"(42["typing",{"room_id":1,"room":"a\"b","user_id":"\\","username":"\"","is_typing":true}])");
}

TEST_CASE("messages are joined into an array") {
  CHECK(join_json({}) == "[]");
  CHECK(join_json(std::vector{R"({"id":1})"s}) == R"([{"id":1}])");
  CHECK(join_json(std::vector{R"({"id":1})"s, R"({"id":2})"s}) == R"([{"id":1},{"id":2}])");
}

TEST_CASE("the events to a room's members") {
  CHECK(text_of(event::new_message(R"({"id":1})")) == R"(42["new_message",{"id":1}])");
  CHECK(text_of(event::message_edited(R"({"id":1})")) == R"(42["message_edited",{"id":1}])");
  CHECK(text_of(event::message_deleted(R"({"id":1})")) == R"(42["message_deleted",{"id":1}])");
  CHECK(text_of(event::user_joined(room_id{3}, "lobby", ann, 2)) ==
        R"(42["user_joined",{"room_id":3,"room":"lobby","user_id":"ann","username":"Ann",)"
        R"("members_total":2}])");
  CHECK(text_of(event::user_left(room_id{3}, "lobby", ann, leave_reason::slow_reader, 1)) ==
        R"(42["user_left",{"room_id":3,"room":"lobby","user_id":"ann","username":"Ann",)"
        R"("members_total":1,"reason":"slow_reader"}])");
  CHECK(text_of(event::typing(room_id{3}, "lobby", ann, false)) ==
        R"(42["typing",{"room_id":3,"room":"lobby","user_id":"ann","username":"Ann",)"
        R"("is_typing":false}])");
}

TEST_CASE("how far a user has read is told to his other sockets and to the one that asked") {
  CHECK(text_of(event::read(room_id{3}, "lobby", sequence{5})) ==
        R"(42["read",{"room_id":3,"room":"lobby","seq":5}])");
  CHECK(text_of(marked_ack(7, {sequence{5}, 2})) == R"(437[{"ok":true,"seq":5,"unread":2}])");
}

TEST_CASE("a page around a message says what lies on either side") {
  CHECK(text_of(messages_ack(1, "[]", {false, true})) ==
        R"(431[{"ok":true,"messages":[],"has_more":false,"has_more_before":true}])");
}

TEST_CASE("a result of a search is its message and the pieces of it that matched") {
  const std::vector<snippet_part> snippet{{"say ", false}, {"\"hi\"", true}};
  const auto hit = hit_json(R"({"id":1})", snippet);
  CHECK(hit == R"({"message":{"id":1},"snippet":[{"text":"say ","match":false},)"
               R"({"text":"\"hi\"","match":true}]})");
  CHECK(text_of(results_ack(1, join_json(std::vector{hit}), true)) ==
        R"(431[{"ok":true,"results":[)" + hit + R"(],"has_more":true}])");
}

TEST_CASE("presence lists who joined and who left") {
  CHECK(text_of(event::presence(room_id{3}, "lobby", std::vector{ann, bob}, {}, 502)) ==
        R"(42["presence",{"room_id":3,"room":"lobby","joined":[{"user_id":"ann",)"
        R"("username":"Ann"},{"user_id":"bob","username":"Bob"}],"left":[],)"
        R"("members_total":502}])");
  CHECK(text_of(event::presence(room_id{3}, "lobby", {}, std::vector{bob}, 501)) ==
        R"(42["presence",{"room_id":3,"room":"lobby","joined":[],"left":[{"user_id":"bob",)"
        R"("username":"Bob"}],"members_total":501}])");
}

TEST_CASE("the answers to one client") {
  CHECK(text_of(ok_ack(0)) == R"(430[{"ok":true}])");
  CHECK(text_of(message_ack(12, R"({"id":1})")) == R"(4312[{"ok":true,"message":{"id":1}}])");
  CHECK(text_of(messages_ack(1, R"([{"id":1}])", {true, {}})) ==
        R"(431[{"ok":true,"messages":[{"id":1}],"has_more":true}])");
  CHECK(text_of(messages_ack(1, "[]", {})) ==
        R"(431[{"ok":true,"messages":[],"has_more":false}])");
  const std::vector<member> members{{"ann", "Ann", 2}, {"bob", "Bob", 1}};
  CHECK(text_of(members_ack(1, members, 3, "bob")) ==
        R"(431[{"ok":true,"members":[{"user_id":"ann","username":"Ann","connections":2},)"
        R"({"user_id":"bob","username":"Bob","connections":1}],"members_total":3,)"
        R"("next":"bob"}])");
  CHECK(text_of(members_ack(1, {}, 0, "")) ==
        R"(431[{"ok":true,"members":[],"members_total":0,"next":null}])");
}

TEST_CASE("the answer to a join") {
  std::string members;
  append_member(members, {"ann", "Ann", 1});
  const join_result result{.id = room_id{3},
                           .room = "lobby",
                           .first_seq = sequence{4},
                           .last_seq = sequence{5},
                           .members_json = members,
                           .members_total = 1,
                           .messages_json = R"([{"id":1}])",
                           .gap = true,
                           .reading = {sequence{3}, 2}};
  CHECK(
      text_of(join_ack(7, result)) ==
      R"(437[{"ok":true,"room":{"id":3,"name":"lobby","first_seq":4,"last_seq":5},"members":[)"
      R"({"user_id":"ann","username":"Ann","connections":1}],"members_total":1,)"
      R"("messages":[{"id":1}],"gap":true,"read_seq":3,"unread":2}])");
}

TEST_CASE("the answer to a join shows who joined before the first members, if they are not "
          "among them") {
  std::string members;
  append_member(members, {"ann", "Ann", 1});
  std::string joined;
  append_member(joined, {"zoe", "Zoe", 2});
  const auto text = text_of(join_ack(7, {.id = room_id{1},
                                         .room = "r",
                                         .last_seq = {},
                                         .members_json = members,
                                         .joined_json = joined,
                                         .members_total = 2,
                                         .messages_json = "[]",
                                         .reading = {}}));
  CHECK(text.find(R"("members":[)" + joined + ',' + members + "]") != std::string::npos);
}

TEST_CASE("an answer without a gap says so") {
  const join_result result{.id = room_id{1},
                           .room = "r",
                           .last_seq = {},
                           .members_json = {},
                           .members_total = 0,
                           .messages_json = "[]",
                           .gap = false,
                           .reading = {}};
  CHECK(text_of(join_ack(0, result)) ==
        R"(430[{"ok":true,"room":{"id":1,"name":"r","first_seq":1,"last_seq":0},"members":[],)"
        R"("members_total":0,"messages":[],"gap":false,"read_seq":0,"unread":0}])");
}

TEST_CASE("a failure is an ack where one was asked for, else an event") {
  const error e{error_code::not_a_member, "join \"lobby\" first"};
  CHECK(error_json(e) == R"({"code":"not_a_member","message":"join \"lobby\" first"})");
  CHECK(text_of(error_ack(18446744073709551615U, e)) ==
        R"(4318446744073709551615[{"ok":false,"error":{"code":"not_a_member",)"
        R"("message":"join \"lobby\" first"}}])");
  CHECK(text_of(event::error("send_message", e)) ==
        R"(42["error",{"event":"send_message","code":"not_a_member",)"
        R"("message":"join \"lobby\" first"}])");
}

TEST_CASE("an event's name comes back as the client sent it, and as valid text") {
  const error e{error_code::unknown_event, "no"};
  CHECK(text_of(event::error("a\"\n", e)) ==
        R"(42["error",{"event":"a\"\n","code":"unknown_event","message":"no"}])");
  // A lone surrogate in the name must not put malformed UTF-8 into a text frame.
  CHECK(text_of(event::error("\xed\xa0\xbd", e)) ==
        R"(42["error",{"event":"\ud83d","code":"unknown_event","message":"no"}])");
}
