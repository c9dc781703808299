#include "proto/chat/api_body.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <string>
#include <vector>

using namespace hubbub;
using namespace std::string_literals;

namespace {

const chat_limits limits;
constexpr std::int64_t max_number = 9'223'372'036'854'775'807;

/// Returns the error's code and text, or `accepted`.
template <class T>
std::string refusal(const expected<T, error>& parsed) {
  if (parsed) return "accepted";
  return std::string{wire_name(parsed.error().code)} + ": " + parsed.error().message;
}

std::string room_refusal(std::string_view body) {
  return refusal(parse_new_room(body, limits));
}

post_message posted(std::string_view body, bool room_in_body = false) {
  auto post = parse_post_message(body, room_in_body, {}, limits);
  if (!post) FAIL(post.error().message);
  return std::move(*post);
}

std::string post_refusal(std::string_view body, bool room_in_body = false) {
  return refusal(parse_post_message(body, room_in_body, {}, limits));
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i)
    text += R"({"name":)";
  return text + "1" + std::string(depth, '}');
}

/// Texts that are not numbers in a query.
const std::vector<std::string> no_numbers{"",
                                          " ",
                                          "-1",
                                          "+1",
                                          " 1",
                                          "1 ",
                                          "1.5",
                                          "1.",
                                          "1e",
                                          "1e-1",
                                          "1e19",
                                          "0x10",
                                          "ten",
                                          "1\0"s,
                                          "٣",
                                          "9223372036854775808",
                                          std::string(1'000'000, '9')};

} // namespace

TEST_CASE("a byte order mark in front of a body is passed over") {
  CHECK(parse_new_room("\xef\xbb\xbf{\"name\":\"lobby\"}", chat_limits{})->name == "lobby");
  CHECK(parse_object("\xef\xbb\xbf {}"));
  CHECK_FALSE(parse_object("\xef\xbb\xbf\xef\xbb\xbf{}"));
  CHECK_FALSE(parse_object("\xef\xbb\xbf"));
}

TEST_CASE("a body in another encoding is told so") {
  for (const auto& body : {"{\"name\":\"\xff\"}"s, "{\"name\":\"Jos\xe9\"}"s, "\xef\xbb{}"s,
                           "{\"name\":\"\xed\xa0\x80\"}"s})
    CHECK(room_refusal(body) == "bad_request: the body must be in UTF-8, and this is not");
  for (const auto& body :
       {"\xff\xfe{\0}\0"s, "\xfe\xff\0{\0}"s, "{\0}\0"s, "\0{\0}"s, "{\0\0\0}\0\0\0"s})
    CHECK(room_refusal(body) ==
          "bad_request: the body must be in UTF-8, and this is UTF-16 or UTF-32");
}

TEST_CASE("a body that is not a JSON object is refused") {
  const auto body =
      GENERATE(""s, " "s, "{"s, "null"s, "7"s, "\"x\""s, "[]"s, "{} {}"s, R"({"name":"a",})"s,
               "name=lobby"s, R"({"content":"a"}x)"s, nested(65), nested(10'000), "\0"s);
  CHECK(room_refusal(body) == "bad_request: the body must be a JSON object");
  CHECK(post_refusal(body) == "bad_request: the body must be a JSON object");
}

TEST_CASE("a new room needs a name") {
  CHECK(parse_new_room(R"( {"name":" Lobby ","colour":7} )", limits)->name == "Lobby");
  CHECK(parse_new_room(R"({"name":")" + std::string(64, 'n') + "\"}", limits).has_value());
  CHECK(room_refusal("{}") == "bad_request: name must be a string");
  CHECK(room_refusal(R"({"name":null})") == "bad_request: name must be a string");
  CHECK(room_refusal(R"({"name":7})") == "bad_request: name must be a string");
  CHECK(room_refusal(nested(64)) == "bad_request: name must be a string");
  CHECK(room_refusal(R"({"name":" "})") == "bad_request: name must have 1 to 64 characters");
  CHECK(room_refusal(R"({"name":")" + std::string(65, 'n') + "\"}") ==
        "bad_request: name must have 1 to 64 characters");
  CHECK(room_refusal(R"({"name":")" + std::string(10'000'000, 'n') + "\"}") ==
        "bad_request: name must have 1 to 64 characters");
  CHECK(room_refusal(R"({"name":"a\u0007b"})") ==
        "bad_request: name must not hold control characters");
  CHECK(room_refusal(R"({"name":"\ud800"})") == "bad_request: name must be valid UTF-8");
}

TEST_CASE("a message posted without a name is anonymous") {
  const auto fields = GENERATE(""s, R"(,"username":null)"s, R"(,"client_id":null)"s);
  const auto post = posted(R"({"content":" hi ")" + fields + "}");
  CHECK(post.content == "hi");
  CHECK(post.user_id == "anonymous");
  CHECK(post.username == "anonymous");
  CHECK_FALSE(post.client_id);
  CHECK_FALSE(post.room);
}

TEST_CASE("a message posted with a name is that user's") {
  const auto post = posted(R"({"content":"hi","username":" Ann ","client_id":"c1"})");
  CHECK(post.user_id == "Ann");
  CHECK(post.username == "Ann");
  CHECK(post.client_id == "c1");
}

TEST_CASE("a posted client_id needs a name of one's own") {
  CHECK(post_refusal(R"({"content":"hi","client_id":"c1"})") ==
        "bad_request: client_id needs a username");
  CHECK(post_refusal(R"({"content":"hi","client_id":"c1","username":"anonymous"})") ==
        "bad_request: client_id needs a username");
  CHECK(post_refusal(R"({"content":"hi","client_id":"","username":"ann"})")
            .starts_with("bad_request: client_id must "));
  CHECK(post_refusal(R"({"content":"hi","username":"anonymous"})") == "accepted");
}

TEST_CASE("an Idempotency-Key is a client_id, in quotes or not") {
  const auto post = [](const std::string& fields, std::string_view key) {
    return parse_post_message(R"({"content":"hi")" + fields + "}", false, key, limits);
  };
  const auto ann = R"(,"username":"ann")"s;
  const auto ann_c1 = ann + R"(,"client_id":"c1")";
  CHECK(post(ann, "c1")->client_id == "c1");
  CHECK(post(ann, R"("c1")")->client_id == "c1");
  CHECK(post(ann, R"("c\"\\1")")->client_id == R"(c"\1)");
  CHECK(post(ann, R"("c1)")->client_id == R"("c1)");
  CHECK(post(ann_c1, "c1")->client_id == "c1");
  CHECK(post(ann_c1, {})->client_id == "c1");
  CHECK(refusal(post(ann_c1, "c2")) ==
        "bad_request: client_id and Idempotency-Key must be the same");
  CHECK(refusal(post("", "c1")) == "bad_request: client_id needs a username");
  for (const auto& key : {R"("")"s, "\t"s, "\xff"s, std::string(65, 'k')})
    CHECK(refusal(post(ann, key)) == "bad_request: Idempotency-Key must have 1 to 64 "
                                     "characters, none of them control characters");
}

TEST_CASE("an unusable name in a posted message is refused") {
  for (const auto& name : {"\"\""s, "7"s, "[]"s, "\"a\\u0000\""s, "\"\\ud800\""s,
                           '"' + std::string(65, 'u') + '"'})
    CHECK(post_refusal(R"({"content":"hi","username":)" + name + "}")
              .starts_with("bad_request: username must "));
}

TEST_CASE("posted content has three names and the limits of the chat") {
  CHECK(posted(R"({"text":"c","message":"b","content":"a"})").content == "a");
  CHECK(posted(R"({"text":"c","message":"b"})").content == "b");
  CHECK(posted(R"({"text":"c"})").content == "c");
  CHECK(post_refusal("{}") == "bad_request: content is required");
  CHECK(post_refusal(R"({"content":1})") == "bad_request: content must be a string");
  CHECK(post_refusal(R"({"content":"a\u0000"})") == "bad_request: content must not hold NUL");
  CHECK(post_refusal(R"({"content":")" + std::string(4000, 'c') + "\"}") == "accepted");
  CHECK(post_refusal(R"({"content":")" + std::string(4001, 'c') + "\"}") ==
        "too_large: content must have at most 4000 characters");
}

TEST_CASE("the body names the room only where the path does not") {
  CHECK(posted(R"({"room":"lobby","content":"x"})", true).room == room_ref{"lobby"s});
  CHECK(posted(R"({"room":3,"content":"x"})", true).room == room_ref{room_id{3}});
  CHECK(posted(R"({"room_id":"3","content":"x"})", true).room == room_ref{room_id{3}});
  CHECK(post_refusal(R"({"content":"x"})", true) == "bad_request: room is required");
  CHECK(post_refusal(R"({"room_id":0,"content":"x"})", true) ==
        "bad_request: room_id must be a whole number not below 1");
  CHECK_FALSE(posted(R"({"room":"lobby","content":"x"})").room);
  CHECK_FALSE(posted(R"({"room":[],"content":"x"})").room);
}

TEST_CASE("an edit needs content and its author's name") {
  const auto edit = parse_edit_body(R"({"text":" better ","username":" Ann "})", limits);
  REQUIRE(edit);
  CHECK(edit->content == "better");
  CHECK(edit->user_id == "Ann");
  const auto refusal = [](const std::string& body) {
    return parse_edit_body(body, limits).error().message;
  };
  CHECK(refusal(R"({"content":"x"})") == "username is required");
  CHECK(refusal(R"({"username":"ann"})") == "content is required");
  CHECK(refusal(R"({"content":"x","username":7})") == "username must be a string");
  CHECK(refusal("[]") == "the body must be a JSON object");
}

TEST_CASE("a deletion needs its author's name") {
  CHECK(parse_author({{"username", " Ann "}}, limits) == "Ann");
  CHECK(parse_author({}, limits).error().message == "username is required");
  CHECK(parse_author({{"username", ""}}, limits).error().code == error_code::bad_request);
  CHECK(parse_author({{"username", "\xff"}}, limits).error().code == error_code::bad_request);
}

TEST_CASE("a message of a path is a whole number that fits, all else is not there") {
  CHECK(parse_message_seq("7") == sequence{7});
  CHECK(parse_message_seq("7.0") == sequence{7});
  for (const auto* segment : {"0", "-1", "x", "", "99999999999999999999"})
    CHECK(parse_message_seq(segment).error().code == error_code::not_found);
}

TEST_CASE("queries have their defaults") {
  const auto rooms = parse_rooms_query({{"colour", "red"}, {"LIMIT", "x"}});
  REQUIRE(rooms);
  CHECK(rooms->limit == 100);
  CHECK(rooms->after == room_id{0});
  CHECK(rooms->q.empty());
  const auto messages = parse_history_query({});
  REQUIRE(messages);
  CHECK(messages->limit == 50);
  CHECK_FALSE(messages->before);
  CHECK_FALSE(messages->after);
  const auto members = parse_members_query({});
  REQUIRE(members);
  CHECK(members->limit == 200);
  CHECK_FALSE(members->after);
}

TEST_CASE("queries are read, the first of repeated parameters counting") {
  const auto rooms = parse_rooms_query(
      {{"limit", "500"}, {"after", "12"}, {"q", " Lob "}, {"limit", "x"}, {"q", "other"}});
  REQUIRE(rooms);
  CHECK(rooms->limit == 500);
  CHECK(rooms->after == room_id{12});
  CHECK(rooms->q == " Lob ");
  const auto messages = parse_history_query(
      {{"limit", "007"}, {"before", "9223372036854775807"}, {"after", "0"}});
  REQUIRE(messages);
  CHECK(messages->limit == 7);
  CHECK(messages->before == sequence{max_number});
  CHECK(messages->after == sequence{0});
  const auto members =
      parse_members_query({{"limit", "1000"}, {"after", "ann"}, {"after", "b"}});
  REQUIRE(members);
  CHECK(members->limit == 1000);
  CHECK(members->after == "ann");
}

TEST_CASE("history is asked for around a message, of a user, from a time until a time") {
  const auto query = parse_history_query({{"around", "7"},
                                          {"user_id", "ann"},
                                          {"from", "2026-01-31T23:59:59 01:00"},
                                          {"until", "1769904000000"}});
  REQUIRE(query);
  CHECK(query->around == sequence{7});
  CHECK(query->user_id == "ann");
  CHECK(query->from == timestamp{1'769'900'399'000}); // the plus arrived as a space
  CHECK(query->until == timestamp{1'769'904'000'000});
  for (const auto* other : {"before", "after"})
    CHECK(refusal(parse_history_query({{"around", "7"}, {other, "8"}})) ==
          "bad_request: around goes without before and after");
  for (const auto* time : {"", "yesterday", "-1", "2026-01-31", "99999999999999999999"})
    CHECK(refusal(parse_history_query({{"from", time}})) ==
          "bad_request: from must be a time as RFC 3339 writes it, or milliseconds since 1970");
}

TEST_CASE("a search needs words, and has bounds") {
  const auto terms = parse_search_terms(
      {{"q", " two words "}, {"user_id", "ann"}, {"limit", "100"}, {"offset", "1000"}});
  REQUIRE(terms);
  CHECK(terms->q == "two words");
  CHECK(terms->user_id == "ann");
  CHECK(terms->limit == 100);
  CHECK(terms->offset == 1000);
  const auto plain = parse_search_terms({{"q", "x"}});
  REQUIRE(plain);
  CHECK(plain->limit == 20);
  CHECK(plain->offset == 0);
  CHECK(parse_search_terms({{"q", std::string(200, 'x')}}).has_value());
  for (const auto& q :
       {query_params{}, query_params{{"q", " "}}, query_params{{"q", std::string(201, 'x')}}})
    CHECK(refusal(parse_search_terms(q)) == "bad_request: q must have 1 to 200 characters");
  CHECK(refusal(parse_search_terms({{"q", "\xff"}})) == "bad_request: q must be valid UTF-8");
  CHECK(refusal(parse_search_terms({{"q", "x"}, {"limit", "101"}})) ==
        "bad_request: limit must be a whole number from 1 to 100");
  CHECK(refusal(parse_search_terms({{"q", "x"}, {"offset", "1001"}})) ==
        "bad_request: offset must be a whole number from 0 to 1000");
}

TEST_CASE("a limit is refused beyond either end, not clamped") {
  const auto limit = [](const char* text) { return query_params{{"limit", text}}; };
  CHECK(parse_rooms_query(limit("1"))->limit == 1);
  CHECK(parse_history_query(limit("1"))->limit == 1);
  CHECK(parse_history_query(limit("200"))->limit == 200);
  CHECK(parse_members_query(limit("1"))->limit == 1);
  for (const auto* text : {"0", "501"})
    CHECK(refusal(parse_rooms_query(limit(text))) ==
          "bad_request: limit must be a whole number from 1 to 500");
  for (const auto* text : {"0", "201"})
    CHECK(refusal(parse_history_query(limit(text))) ==
          "bad_request: limit must be a whole number from 1 to 200");
  for (const auto* text : {"0", "1001"})
    CHECK(refusal(parse_members_query(limit(text))) ==
          "bad_request: limit must be a whole number from 1 to 1000");
}

TEST_CASE("numbers of a query are whole, however they are written") {
  CHECK(parse_rooms_query({{"limit", "1e2"}, {"after", "605.0"}})->after == room_id{605});
  CHECK(parse_rooms_query({{"limit", "1e 2"}})->limit == 100); // its plus was not escaped
  CHECK(parse_history_query({{"limit", "5.0"}, {"before", "1.2e1"}})->before == sequence{12});
  CHECK(parse_history_query({{"limit", "5.0"}})->limit == 5);
  CHECK(parse_history_query({{"from", "1.7e12"}})->from == timestamp{1'700'000'000'000});
}

TEST_CASE("numbers of a query are whole and fit") {
  for (const auto& text : no_numbers) {
    CAPTURE(text.substr(0, 40));
    CHECK(refusal(parse_rooms_query({{"limit", text}}))
              .starts_with("bad_request: limit must be a whole number"));
    CHECK(refusal(parse_history_query({{"limit", text}}))
              .starts_with("bad_request: limit must be a whole number"));
    CHECK(refusal(parse_members_query({{"limit", text}}))
              .starts_with("bad_request: limit must be a whole number"));
    CHECK(refusal(parse_rooms_query({{"after", text}})) ==
          "bad_request: after must be a whole number not below 0");
    CHECK(refusal(parse_history_query({{"after", text}})) ==
          "bad_request: after must be a whole number not below 0");
    CHECK(refusal(parse_history_query({{"before", text}})) ==
          "bad_request: before must be a whole number not below 0");
  }
}

TEST_CASE("a parameter that cannot be decoded refuses only the query that needs it") {
  const query_param broken{"q", "100%", false};
  CHECK(refusal(parse_rooms_query({broken})) == "bad_request: q is not properly encoded");
  CHECK(refusal(parse_search_terms({broken})) == "bad_request: q is not properly encoded");
  CHECK(parse_members_query({broken, {"limit", "7"}})->limit == 7);
  CHECK(refusal(parse_members_query({{"limit", "7%", false}})) ==
        "bad_request: limit is not properly encoded");
  CHECK(refusal(parse_author({{"username", "Jos%E9", false}}, {})) ==
        "bad_request: username is not properly encoded");
}

TEST_CASE("texts of a query are valid UTF-8, q at most 64 characters") {
  std::string emoji;
  for (int i = 0; i < 64; ++i)
    emoji += "😀";
  CHECK(parse_rooms_query({{"q", emoji}})->q == emoji);
  CHECK(refusal(parse_rooms_query({{"q", emoji + "x"}})) ==
        "bad_request: q must have at most 64 characters");
  CHECK(refusal(parse_rooms_query({{"q", "\xff"}})) == "bad_request: q must be valid UTF-8");
  CHECK(refusal(parse_members_query({{"after", "\xed\xa0\x80"}})) ==
        "bad_request: after must be valid UTF-8");
}

TEST_CASE("a room of a path is a whole number that fits, all else is not there") {
  CHECK(parse_room_id("605.0") == room_id{605});
  CHECK(parse_room_id("1e3") == room_id{1'000});
  CHECK(parse_room_id("1") == room_id{1});
  CHECK(parse_room_id("9223372036854775807") == room_id{max_number});
  CHECK(refusal(parse_room_id("0")).starts_with("not_found: "));
  CHECK(refusal(parse_room_id("lobby")).starts_with("not_found: "));
  for (const auto& text : no_numbers)
    CHECK(refusal(parse_room_id(text)).starts_with("not_found: "));
}

TEST_CASE("rooms are shown with what is known of them") {
  const room_record empty{room_id{1}, "a\"b", timestamp{0}, sequence{1}, {}, {}, std::nullopt};
  const room_record used{room_id{2},
                         "lobby",
                         timestamp{1},
                         sequence{7},
                         sequence{42},
                         revision{43},
                         timestamp{1'769'903'999'123},
                         "o\"l",
                         true,
                         true};
  const auto empty_json =
      R"({"id":1,"name":"a\"b","created_at":"1970-01-01T00:00:00.000Z","members_total":0,)"
      R"("first_seq":1,"last_seq":0,"last_message_at":null,"private":false,"owner":null,)"
      R"("closed":false})"s;
  const auto used_json =
      R"({"id":2,"name":"lobby","created_at":"1970-01-01T00:00:00.001Z","members_total":9,)"
      R"("first_seq":7,"last_seq":42,"last_message_at":"2026-01-31T23:59:59.123Z",)"
      R"("private":true,"owner":"o\"l","closed":true})"s;
  CHECK(room_json(empty, 0) == empty_json);
  CHECK(room_json(used, 9) == used_json);
  CHECK(rooms_json(std::vector{empty, used}, std::vector<std::int64_t>{0, 9}, {}, room_id{2}) ==
        R"({"rooms":[)" + empty_json + "," + used_json + R"(],"next":2})");
  const std::vector<read_state> readings{{sequence{0}, 0}, {sequence{40}, 2}};
  const auto with_reading = [](std::string room, std::string_view reading) {
    room.pop_back();
    return room.append(",").append(reading).append("}");
  };
  CHECK(rooms_json(std::vector{empty, used}, std::vector<std::int64_t>{0, 9}, readings,
                   std::nullopt) ==
        R"({"rooms":[)" + with_reading(empty_json, R"("read_seq":0,"unread":0)") + "," +
            with_reading(used_json, R"("read_seq":40,"unread":2)") + R"(],"next":null})");
  CHECK(rooms_json({}, {}, {}, std::nullopt) == R"({"rooms":[],"next":null})");
}

TEST_CASE("pages of messages and members are shown as in acks, without ok") {
  CHECK(messages_json(R"([{"id":1}])", {true, {}}) ==
        R"({"messages":[{"id":1}],"has_more":true})");
  CHECK(messages_json("[]", {true, false}) ==
        R"({"messages":[],"has_more":true,"has_more_before":false})");
  CHECK(results_json("[]", false) == R"({"results":[],"has_more":false})");
  CHECK(members_json(std::vector<member>{{"ann", "Ann", 2}}, 1, "") ==
        R"({"members":[{"user_id":"ann","username":"Ann","connections":2}],)"
        R"("members_total":1,"next":null})");
  CHECK(members_json({}, 5, "ann") == R"({"members":[],"members_total":5,"next":"ann"})");
}

TEST_CASE("an error over HTTP stands in a body") {
  CHECK(error_body({error_code::storage_full, "the disk is full"}) ==
        R"({"error":{"code":"storage_error","message":"the disk is full"}})");
}

TEST_CASE("the server tells what a client may count on") {
  CHECK(info_json("0.1.0", "open", limits, 1'000'000,
                  std::array<std::string_view, 2>{"history", "typing"}) ==
        R"({"version":"0.1.0","auth":"open","limits":{"max_payload":1000000,"room_name":64,)"
        R"("username":64,"content":4000,"client_id":64,"rooms_per_socket":100,"history":200,)"
        R"("page":200},"features":["history","typing"]})");
  CHECK(info_json("0.1.0", "token", limits, 1, {}).ends_with(R"("features":[]})"));
}
