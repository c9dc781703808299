#include "proto/chat/chat_command.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace hubbub;
using namespace std::string_literals;

namespace {

const chat_limits limits;

expected<chat_command, error> parse(std::string_view event, std::string_view payload) {
  const auto document = json::parse(payload, max_json_depth);
  REQUIRE(document);
  return parse_command(event, document->root(), limits);
}

template <class Command>
Command accepted(std::string_view event, std::string_view payload) {
  CAPTURE(event, std::string{payload.substr(0, 200)});
  auto command = parse(event, payload);
  if (!command) FAIL(command.error().message);
  auto& for_room = std::get<room_command>(*command);
  REQUIRE(std::holds_alternative<Command>(for_room));
  return std::get<Command>(std::move(for_room));
}

/// Returns the error's code and text.
std::string refused(std::string_view event, std::string_view payload) {
  CAPTURE(event, std::string{payload.substr(0, 200)});
  const auto command = parse(event, payload);
  REQUIRE_FALSE(command);
  return std::string{wire_name(command.error().code)} + ": " + command.error().message;
}

room_ref named(std::string name) {
  return room_ref{std::move(name)};
}
room_ref numbered(std::int64_t number) {
  return room_ref{room_id{number}};
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

/// Returns a payload that is valid for every event, in which `field` has the value `json`.
std::string with(std::string_view field, std::string_view json) {
  std::string payload = "{\"" + std::string{field} + "\":" + std::string{json};
  for (const auto* other : {R"("room":"lobby")", R"("content":"hi")", R"("is_typing":true)"})
    if (!std::string_view{other}.substr(1).starts_with(field))
      payload.append(",").append(other);
  return payload + "}";
}

constexpr auto max_number = "9223372036854775807";

} // namespace

TEST_CASE("every event has its spellings") {
  const auto payload = R"({"room":"lobby","content":"hi","is_typing":true,"seq":1,"q":"x"})";
  CHECK(accepted<command::join_room>("join_room", payload).room == named("lobby"));
  CHECK(accepted<command::join_room>("join", payload).room == named("lobby"));
  CHECK(accepted<command::leave_room>("leave_room", payload).room == named("lobby"));
  CHECK(accepted<command::leave_room>("leave", payload).room == named("lobby"));
  CHECK(accepted<command::send_message>("send_message", payload).room == named("lobby"));
  CHECK(accepted<command::edit_message>("edit_message", payload).room == named("lobby"));
  CHECK(accepted<command::delete_message>("delete_message", payload).room == named("lobby"));
  CHECK(accepted<command::mark_read>("mark_read", payload).room == named("lobby"));
  CHECK(accepted<command::search_messages>("search_messages", payload).room == named("lobby"));
  CHECK(accepted<command::set_typing>("typing", payload).room == named("lobby"));
  CHECK(accepted<command::get_messages>("get_messages", payload).room == named("lobby"));
  CHECK(accepted<command::get_members>("get_members", payload).room == named("lobby"));
}

TEST_CASE("any other event is unknown, whatever its payload") {
  const auto event = GENERATE(""s, "Join"s, "join "s, "join_rooms"s, "message"s, "42"s,
                              "new_message"s, "join\0x"s, std::string(1'000'000, 'e'));
  CHECK(refused(event, R"({"room":"lobby"})").starts_with("unknown_event: "));
  CHECK(refused(event, "null").starts_with("unknown_event: "));
}

TEST_CASE("what is not given has its default") {
  const auto join = accepted<command::join_room>("join_room", R"({"room":"lobby"})");
  REQUIRE(join.username);
  CHECK_FALSE(join.username->has_value());
  CHECK(join.history == 50);
  CHECK_FALSE(join.since);

  CHECK_FALSE(
      accepted<command::send_message>("send_message", R"({"room":1,"content":"x"})").client_id);

  const auto messages = accepted<command::get_messages>("get_messages", R"({"room":"lobby"})");
  CHECK_FALSE(messages.page.before);
  CHECK_FALSE(messages.page.after);
  CHECK(messages.page.limit == 50);

  const auto members = accepted<command::get_members>("get_members", R"({"room":"lobby"})");
  CHECK_FALSE(members.after);
  CHECK(members.limit == 200);
}

TEST_CASE("null in an optional field is the same as no field") {
  const auto join = accepted<command::join_room>(
      "join", R"({"room":null,"room_id":7,"username":null,"history":null,"since":null})");
  CHECK(join.room == numbered(7));
  REQUIRE(join.username);
  CHECK_FALSE(join.username->has_value());
  CHECK(join.history == 50);
  CHECK_FALSE(join.since);
  CHECK_FALSE(
      accepted<command::send_message>("send_message", with("client_id", "null")).client_id);
  CHECK(accepted<command::get_messages>(
            "get_messages", R"({"room":"r","before":null,"after":null,"limit":null})")
            .page.limit == 50);
  CHECK_FALSE(accepted<command::get_members>("get_members", with("after", "null")).after);
}

TEST_CASE("what is given is read") {
  const auto join = accepted<command::join_room>(
      "join_room", R"({"room":"lobby","username":" Ann ","history":3,"since":12,"colour":[]})");
  CHECK(join.username.value() == "Ann");
  CHECK(join.history == 3);
  CHECK(join.since == sequence{12});

  const auto send = accepted<command::send_message>(
      "send_message", R"({"room_id":"12","content":" hi\n","client_id":" c 1 "})");
  CHECK(send.room == numbered(12));
  CHECK(send.content == "hi");
  CHECK(send.client_id == " c 1 "); // an identifier is not trimmed

  CHECK(accepted<command::set_typing>("typing", R"({"room":"r","is_typing":true})").is_typing);
  CHECK_FALSE(
      accepted<command::set_typing>("typing", R"({"room":"r","is_typing":false})").is_typing);

  const auto messages = accepted<command::get_messages>(
      "get_messages", R"({"room":4,"before":9,"after":2,"limit":7})");
  CHECK(messages.page.before == sequence{9});
  CHECK(messages.page.after == sequence{2});
  CHECK(messages.page.limit == 7);

  const auto members =
      accepted<command::get_members>("get_members", R"({"room":4,"after":"ann","limit":8})");
  CHECK(members.after == "ann");
  CHECK(members.limit == 8);
}

TEST_CASE("a room is named by room or by room_id") {
  const auto event = GENERATE("join_room"s, "leave_room"s, "send_message"s, "typing"s,
                              "get_messages"s, "get_members"s);
  const auto room_of = [&event](const std::string& fields) {
    const auto command = parse(event, R"({"content":"hi","is_typing":true,)" + fields + "}");
    REQUIRE(command);
    return std::visit([](const auto& c) { return c.room; }, std::get<room_command>(*command));
  };
  CHECK(room_of(R"("room":" lobby ")") == named("lobby"));
  CHECK(room_of(R"("room":"12")") == named("12")); // a string is a name
  CHECK(room_of(R"("room":12)") == numbered(12));
  CHECK(room_of(R"("room_id":12)") == numbered(12));
  CHECK(room_of(R"("room_id":"12")") == numbered(12));
  for (const auto* number : {"605", "605.0", "6.05e2", "60500e-2"}) {
    CAPTURE(number);
    CHECK(room_of(R"("room":)"s + number) == numbered(605));
    CHECK(room_of(R"("room_id":)"s + number) == numbered(605));
    CHECK(room_of(R"("room_id":")"s + number + '"') == numbered(605));
  }
  CHECK(room_of(R"("room_id":9223372036854775807)") == numbered(9223372036854775807));
  CHECK(room_of(R"("room_id":5,"room":"lobby")") == named("lobby"));
  CHECK(room_of(R"("room_id":{},"room":3)") == numbered(3));
}

TEST_CASE("a room that cannot be is refused, with the name of the field") {
  const auto event =
      GENERATE("join"s, "leave"s, "send_message"s, "typing"s, "get_messages"s, "get_members"s);
  const auto refusal = [&event](const std::string& fields) {
    return refused(event, R"({"content":"hi","is_typing":true)" + fields + "}");
  };
  CHECK(refusal("") == "bad_request: room is required");
  CHECK(refusal(R"(,"room":null,"room_id":null)") == "bad_request: room is required");
  for (const auto* number : {"0", "-1", "1.5", "0.0", "1e-3", "9223372036854775808", "1e300"})
    CHECK(refusal(R"(,"room":)"s + number) ==
          "bad_request: room must be a whole number not below 1");
  for (const auto* number :
       {"0", "-1", "2.5", "\"\"", "\"0\"", "\"-1\"", "\"+1\"", "\" 1\"", "\"1 \"", "\"0x1\"",
        "\"1.5\"", "\"9223372036854775808\"", "\"lobby\"", "\"1\\u0000\"", "true", "[1]", "{}"})
    CHECK(refusal(R"(,"room_id":)"s + number) ==
          "bad_request: room_id must be a whole number not below 1");
  for (const auto* other : {"true", "[]", "[\"lobby\"]", "{\"name\":\"lobby\"}"})
    CHECK(refusal(R"(,"room":)"s + other) == "bad_request: room must be a name or a number");
  for (const auto* name : {"\"\"", "\" \\t\"", "\"a\\u0000b\"", "\"a\\u0085b\"", "\"\\ud800\""})
    CHECK(refusal(R"(,"room":)"s + name).starts_with("bad_request: room must "));
  // A usable room_id does not make up for an unusable room.
  CHECK(refusal(R"(,"room":"","room_id":1)").starts_with("bad_request: room must "));
}

TEST_CASE("a bare room will do where nothing else is needed") {
  CHECK(accepted<command::join_room>("join", R"("lobby")").room == named("lobby"));
  CHECK(accepted<command::join_room>("join", "7").room == numbered(7));
  CHECK(accepted<command::leave_room>("leave", R"(" lobby ")").room == named("lobby"));
  CHECK(accepted<command::get_messages>("get_messages", "7").room == numbered(7));
  CHECK(accepted<command::get_members>("get_members", R"("7")").room == named("7"));
  CHECK(refused("join", "0") == "bad_request: room must be a whole number not below 1");
  CHECK(refused("join", "1e99") == "bad_request: room must be a whole number not below 1");
  CHECK(refused("leave", R"("")").starts_with("bad_request: room must "));
  CHECK(refused("send_message", R"("lobby")") == "bad_request: room is required");
  CHECK(refused("typing", "7") == "bad_request: room is required");
}

TEST_CASE("a payload of another kind, or none, names no room") {
  const auto payload = GENERATE("null"s, "true"s, "[]"s, "{}"s, R"(["lobby"])"s, nested(64));
  const auto event =
      GENERATE("join"s, "leave"s, "send_message"s, "typing"s, "get_messages"s, "get_members"s);
  CHECK(refused(event, payload) == "bad_request: room is required");
  const auto without = parse_command(event, json::value{}, limits);
  REQUIRE_FALSE(without);
  CHECK(without.error().code == error_code::bad_request);
}

TEST_CASE("names are at most as long as the settings say") {
  chat_limits small;
  small.room_name = 3;
  const auto three = json::parse(R"({"room":"\ud83d\ude00é日"})", max_json_depth);
  const auto four = json::parse(R"({"room":"\ud83d\ude00é日x"})", max_json_depth);
  CHECK(parse_command("join", three->root(), small).has_value());
  const auto refusal = parse_command("join", four->root(), small);
  REQUIRE_FALSE(refusal);
  CHECK(refusal.error().code == error_code::bad_request);
  CHECK(refusal.error().message == "room must have 1 to 3 characters");
  CHECK(refused("join", '"' + std::string(10'000'000, 'r') + '"') ==
        "bad_request: room must have 1 to 64 characters");
}

TEST_CASE("content has three names, in an order of preference") {
  const auto content = [](std::string_view fields) {
    return accepted<command::send_message>("send_message",
                                           R"({"room":"r",)" + std::string{fields} + "}")
        .content;
  };
  CHECK(content(R"("content":"a")") == "a");
  CHECK(content(R"("message":"a")") == "a");
  CHECK(content(R"("text":"a")") == "a");
  CHECK(content(R"("text":"c","message":"b","content":"a")") == "a");
  CHECK(content(R"("text":"c","message":"b")") == "b");
  CHECK(content(R"("content":null,"message":null,"text":"c")") == "c");
}

TEST_CASE("content that cannot be sent is refused") {
  CHECK(refused("send_message", R"({"room":"r"})") == "bad_request: content is required");
  CHECK(refused("send_message", with("content", "null")) == "bad_request: content is required");
  CHECK(refused("send_message", with("content", "5")) ==
        "bad_request: content must be a string");
  CHECK(refused("send_message", R"({"room":"r","text":["a"]})") ==
        "bad_request: text must be a string");
  CHECK(refused("send_message", with("content", R"(" \n ")")) ==
        "bad_request: content must not be empty");
  CHECK(refused("send_message", with("content", R"("a\u0000")")) ==
        "bad_request: content must not hold NUL");
  CHECK(refused("send_message", with("content", R"("\udc00")")) ==
        "bad_request: content must be valid UTF-8");
  // The first of the three that is present counts, even if another would be valid.
  CHECK(refused("send_message", R"({"room":"r","content":"","text":"b"})") ==
        "bad_request: content must not be empty");
}

TEST_CASE("content over its limit is too large, in code points") {
  std::string emoji;
  for (int i = 0; i < 4000; ++i)
    emoji += "😀";
  CHECK(accepted<command::send_message>("send_message", with("text", '"' + emoji + '"'))
            .content == "hi");
  CHECK(
      accepted<command::send_message>("send_message", R"({"room":"r","text":")" + emoji + "\"}")
          .content == emoji);
  CHECK(refused("send_message", R"({"room":"r","text":")" + emoji + "x\"}") ==
        "too_large: content must have at most 4000 characters");
}

TEST_CASE("a client_id has 1 to 64 characters and no control characters") {
  const auto id = [](const std::string& text) {
    return accepted<command::send_message>("send_message", with("client_id", '"' + text + '"'))
        .client_id;
  };
  CHECK(id("x") == "x");
  CHECK(id(" ") == " ");
  CHECK(id(std::string(64, 'x')) == std::string(64, 'x'));
  CHECK(id("😀") == "😀");
  for (const auto& text : {""s, std::string(65, 'x'), "a\\u0000"s, "a\\tb"s, "\\u007f"s,
                           "\\u009f"s, "\\ud800"s, std::string(10'000'000, 'x')})
    CHECK(refused("send_message", with("client_id", '"' + text + '"')) ==
          "bad_request: client_id must have 1 to 64 characters, none of them control "
          "characters");
  for (const auto* other : {"7", "true", "[]", "{}"})
    CHECK(refused("send_message", with("client_id", other)) ==
          "bad_request: client_id must be a string");
}

TEST_CASE("an edit or a deletion names its message by seq") {
  const auto edit = accepted<command::edit_message>("edit_message",
                                                    R"({"room":1,"seq":7,"text":" better "})");
  CHECK(edit.room == numbered(1));
  CHECK(edit.seq == sequence{7});
  CHECK(edit.content == "better");
  CHECK(accepted<command::delete_message>("delete_message", R"({"room":1,"seq":7})").seq ==
        sequence{7});
  for (const auto* event : {"edit_message", "delete_message"})
    for (const auto* seq : {"null", "0", "-1", "1.5", R"("1")", "[]"})
      CHECK(refused(event, with("seq", seq)) ==
            "bad_request: seq must be a whole number not below 1");
  CHECK(refused("edit_message", R"({"room":1,"seq":7})") == "bad_request: content is required");
  CHECK(refused("delete_message", "1").starts_with("bad_request: room "));
}

TEST_CASE("a room is marked as read up to a seq, or as not read at all") {
  CHECK(accepted<command::mark_read>("mark_read", R"({"room":1,"seq":7})").seq == sequence{7});
  CHECK(accepted<command::mark_read>("mark_read", R"({"room":1,"seq":0})").seq == sequence{0});
  for (const auto* seq : {"null", "-1", "1.5", R"("1")"})
    CHECK(refused("mark_read", with("seq", seq)) ==
          "bad_request: seq must be a whole number not below 0");
}

TEST_CASE("is_typing is required and a boolean") {
  CHECK(refused("typing", R"({"room":"r"})") == "bad_request: is_typing must be true or false");
  for (const auto* other : {"null", "1", "0", "\"true\"", "[]", "{}"})
    CHECK(refused("typing", with("is_typing", other)) ==
          "bad_request: is_typing must be true or false");
}

TEST_CASE("numbers count up to both ends of their range and are refused beyond, not clamped") {
  struct row {
    const char* event;
    const char* field;
    const char* lowest;
    const char* highest;
    std::vector<const char*> refused;
    const char* words;
  };
  const auto r =
      GENERATE(row{"join_room", "history", "0", "200", {"-1", "201"}, "from 0 to 200"},
               row{"get_messages", "limit", "1", "200", {"-1", "0", "201"}, "from 1 to 200"},
               row{"get_members", "limit", "1", "1000", {"-1", "0", "1001"}, "from 1 to 1000"},
               row{"join_room", "since", "0", max_number, {"-1"}, "not below 0"},
               row{"get_messages", "before", "0", max_number, {"-1"}, "not below 0"},
               row{"get_messages", "after", "0", max_number, {"-1"}, "not below 0"});
  CHECK(parse(r.event, with(r.field, r.lowest)).has_value());
  CHECK(parse(r.event, with(r.field, r.highest)).has_value());

  const auto text = "bad_request: "s + r.field + " must be a whole number " + r.words;
  for (const auto* number : r.refused)
    CHECK(refused(r.event, with(r.field, number)) == text);
  for (const auto* other : {"1.5", "1.25e1", "\"5\"", "true", "[]", "{}", "9223372036854775808",
                            "-9223372036854775809", "1e308", "123456789012345678901234567890"})
    CHECK(refused(r.event, with(r.field, other)) == text);
}

TEST_CASE("the ends of a range come out as they went in") {
  CHECK(accepted<command::join_room>("join", with("history", "0")).history == 0);
  CHECK(accepted<command::join_room>("join", with("history", "200")).history == 200);
  CHECK(accepted<command::join_room>("join", with("since", "0")).since == sequence{0});
  CHECK(accepted<command::join_room>("join", with("since", "1e3")).since == sequence{1'000});
  CHECK(accepted<command::join_room>("join", with("history", "20.0")).history == 20);
  CHECK(accepted<command::get_messages>("get_messages", with("limit", "2e1")).page.limit == 20);
  CHECK(accepted<command::join_room>("join", with("since", max_number)).since ==
        sequence{9223372036854775807});
  CHECK(accepted<command::get_messages>("get_messages", with("limit", "200")).page.limit ==
        200);
  CHECK(accepted<command::get_members>("get_members", with("limit", "1000")).limit == 1000);
}

TEST_CASE("history is filtered, by times as text or as numbers") {
  const auto page = accepted<command::get_messages>(
                        "get_messages", R"({"room":1,"around":7,"limit":3,)"
                                        R"("user_id":"ann","from":"2026-02-01T00:00:00Z",)"
                                        R"("until":1769904000001})")
                        .page;
  CHECK(page.around == sequence{7});
  CHECK(page.limit == 3);
  CHECK(page.user_id == "ann");
  CHECK(page.from == timestamp{1'769'904'000'000});
  CHECK(page.until == timestamp{1'769'904'000'001});
  CHECK(refused("get_messages", R"({"room":1,"around":7,"after":2})") ==
        "bad_request: around goes without before and after");
  for (const auto* time : {R"("soon")", "true", "[]", R"("1769904000001")"})
    CHECK(refused("get_messages", with("until", time)) ==
          "bad_request: until must be a time as RFC 3339 writes it, or milliseconds since "
          "1970");
  CHECK(refused("get_messages", with("until", "-1")).starts_with("bad_request: until "));
}

TEST_CASE("a search is for words, with bounds") {
  const auto terms =
      accepted<command::search_messages>(
          "search_messages",
          R"({"room":1,"q":" two words ","user_id":"ann","limit":100,"offset":1000})")
          .terms;
  CHECK(terms.q == "two words");
  CHECK(terms.user_id == "ann");
  CHECK(terms.limit == 100);
  CHECK(terms.offset == 1000);
  for (const auto* q : {"null", R"("")", R"(" ")"})
    CHECK(refused("search_messages", with("q", q)) ==
          "bad_request: q must have 1 to 200 characters");
  CHECK(refused("search_messages", with("q", "7")) == "bad_request: q must be a string");
  CHECK(refused("search_messages", R"({"room":1,"q":"x","limit":101})") ==
        "bad_request: limit must be a whole number from 1 to 100");
  CHECK(refused("search_messages", R"({"room":1,"q":"x","offset":1001})") ==
        "bad_request: offset must be a whole number from 0 to 1000");
}

TEST_CASE("members are paged by a user_id") {
  CHECK(accepted<command::get_members>("get_members", with("after", R"("")")).after == "");
  CHECK(refused("get_members", with("after", "7")) == "bad_request: after must be a string");
  CHECK(refused("get_members", with("after", R"("\ud800")")) ==
        "bad_request: after must be valid UTF-8");
}

TEST_CASE("a join with an unusable username is a join, for a socket that has a name") {
  const auto username = GENERATE("7"s, "\"\""s, R"("a\nb")"s, R"("\ud800")"s, "[]"s, "{}"s,
                                 '"' + std::string(65, 'u') + '"');
  const auto join = accepted<command::join_room>("join_room", with("username", username));
  CHECK(join.room == named("lobby"));
  REQUIRE_FALSE(join.username);
  CHECK(join.username.error().code == error_code::bad_request);
  CHECK(join.username.error().message.starts_with("username must "));
}

TEST_CASE("a username is taken from an object, cleaned") {
  const auto username = [](std::string_view text) {
    const auto document = json::parse(text, max_json_depth);
    REQUIRE(document);
    return parse_username(document->root(), limits);
  };
  CHECK(username(R"({"username":" Ann "})").value() == "Ann");
  CHECK(username(R"({"username":null})").value() == std::nullopt);
  CHECK(username(R"({"token":"x"})").value() == std::nullopt);
  CHECK(username(R"(["username"])").value() == std::nullopt);
  CHECK(parse_username(json::value{}, limits).value() == std::nullopt);
  CHECK(username(R"({"username":")" + std::string(64, 'u') + "\"}").value().has_value());
  CHECK_FALSE(username(R"({"username":")" + std::string(65, 'u') + "\"}"));
  CHECK_FALSE(username(R"({"username":""})"));
  CHECK_FALSE(username(R"({"username":1})"));
}

TEST_CASE("parse_room takes a bare room only where told") {
  const auto bare = json::parse(R"("lobby")", max_json_depth);
  CHECK(parse_room(bare->root(), limits, true) == named("lobby"));
  CHECK_FALSE(parse_room(bare->root(), limits, false));
}
