#include "proto/socket/socket_packet.hpp"
#include "tests/support/catch.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace hubbub;
using namespace std::string_literals;

namespace {

using feed_result = expected<std::optional<socket_packet>, socket_error>;

feed_result feed_text(std::string text, const socket_limits& limits = {}) {
  socket_decoder decoder{limits};
  return decoder.feed(std::move(text), false);
}

template <class Packet>
Packet decode(std::string text) {
  INFO(text);
  auto fed = feed_text(std::move(text));
  REQUIRE(fed);
  REQUIRE(*fed);
  REQUIRE(std::holds_alternative<Packet>(**fed));
  return std::get<Packet>(std::move(**fed));
}

socket_error flaw_of(std::string text, const socket_limits& limits = {}) {
  INFO(text);
  const auto fed = feed_text(std::move(text), limits);
  REQUIRE_FALSE(fed);
  return fed.error();
}

std::string dump(const json::document& doc) {
  std::string out;
  doc.root().dump(out);
  return out;
}

std::vector<std::string> payloads(const std::vector<frame_ptr>& frames) {
  std::vector<std::string> out;
  for (const auto& frame : frames)
    out.emplace_back(frame->payload_copy());
  return out;
}

} // namespace

TEST_CASE("CONNECT names a namespace and may carry an object") {
  const auto root = decode<connect_packet>("0");
  CHECK(root.nsp == "/");
  CHECK_FALSE(root.auth.root().exists());

  CHECK(dump(decode<connect_packet>(R"(0{"token":"123"})").auth) == R"({"token":"123"})");
  CHECK(decode<connect_packet>("0/custom").nsp == "/custom");
  CHECK(decode<connect_packet>("0/custom,").nsp == "/custom");
  CHECK(decode<connect_packet>("0/,").nsp == "/");

  const auto both = decode<connect_packet>(R"(0/custom,{"token":"abc"})");
  CHECK(both.nsp == "/custom");
  CHECK(both.auth.root().find("token").string() == "abc");
}

TEST_CASE("a namespace's query string is cut off") {
  CHECK(decode<connect_packet>("0/custom?x=1").nsp == "/custom");
  CHECK(decode<connect_packet>("0/custom?x=1,{}").nsp == "/custom");
  CHECK(decode<connect_packet>("0/?x=1,").nsp == "/");
}

TEST_CASE("CONNECT refuses a payload that is not an object") {
  CHECK(flaw_of("0[]") == socket_error::bad_payload);
  CHECK(flaw_of("0null") == socket_error::bad_payload);
  CHECK(flaw_of(R"(0/custom,"abc")") == socket_error::bad_payload);
  CHECK(flaw_of("0{") == socket_error::bad_json);
  CHECK(flaw_of("01") == socket_error::bad_ack_id);
}

TEST_CASE("DISCONNECT carries nothing") {
  CHECK(decode<disconnect_packet>("1").nsp == "/");
  CHECK(decode<disconnect_packet>("1/custom").nsp == "/custom");
  CHECK(decode<disconnect_packet>("1/custom,").nsp == "/custom");
  CHECK(flaw_of("1{}") == socket_error::bad_payload);
  CHECK(flaw_of(R"(1/custom,"bye")") == socket_error::bad_payload);
  CHECK(flaw_of("17") == socket_error::bad_ack_id);
}

TEST_CASE("an EVENT is an array that starts with its name") {
  const auto plain = decode<event_packet>(R"(2["message",1,"2",{"3":[true]}])");
  CHECK(plain.nsp == "/");
  CHECK_FALSE(plain.id);
  CHECK(plain.name() == "message");
  CHECK_FALSE(plain.numeric_name());
  CHECK(dump(plain.data) == R"(["message",1,"2",{"3":[true]}])");

  // 2        type
  //  /custom,        namespace
  //          12      ack id
  //            [...] payload
  const auto full = decode<event_packet>(R"(2/custom,12["foo"])");
  CHECK(full.nsp == "/custom");
  CHECK(full.id == ack_id{12});
  CHECK(full.name() == "foo");

  const auto numeric = decode<event_packet>("2[1234,null]");
  CHECK(numeric.name() == "1234");
  CHECK(numeric.numeric_name());
}

TEST_CASE("an EVENT of another form is refused") {
  CHECK(flaw_of("2") == socket_error::bad_payload);
  CHECK(flaw_of("2{}") == socket_error::bad_payload);
  CHECK(flaw_of("2[]") == socket_error::bad_payload);
  CHECK(flaw_of("2[null]") == socket_error::bad_payload);
  CHECK(flaw_of("2[true]") == socket_error::bad_payload);
  CHECK(flaw_of(R"(2[["a"]])") == socket_error::bad_payload);
  CHECK(flaw_of(R"(2"message")") == socket_error::bad_payload);
  CHECK(flaw_of(R"(2["message")") == socket_error::bad_json);
  CHECK(flaw_of(R"(2["message"]])") == socket_error::bad_json);
  CHECK(flaw_of(R"(2["message"] 2["message"])") == socket_error::bad_json);
  const auto nested = [](std::size_t depth) {
    return R"(2["a",)" + std::string(depth - 1, '[') + std::string(depth, ']');
  };
  CHECK(feed_text(nested(max_json_depth)));
  CHECK(flaw_of(nested(max_json_depth + 1)) == socket_error::bad_json);
  CHECK(flaw_of(nested(10'000)) == socket_error::bad_json);
}

TEST_CASE("names that libraries raise themselves are refused as events") {
  for (const auto* name : {"connect", "connect_error", "disconnect", "disconnecting",
                           "newListener", "removeListener"}) {
    CHECK(flaw_of("2[\""s + name + "\"]") == socket_error::reserved_event);
    CHECK(flaw_of("50-[\""s + name + "\"]") == socket_error::reserved_event);
  }
  CHECK(decode<event_packet>(R"(2["Connect"])").name() == "Connect");
  CHECK(decode<event_packet>(R"(2["x","connect"])").name() == "x");
}

TEST_CASE("an ack id has at most fifteen digits") {
  CHECK(decode<event_packet>(R"(20["a"])").id == ack_id{0});
  CHECK(decode<event_packet>(R"(2007["a"])").id == ack_id{7});
  CHECK(decode<event_packet>(R"(2999999999999999["a"])").id == ack_id{999'999'999'999'999});
  CHECK(flaw_of(R"(21000000000000000["a"])") == socket_error::bad_ack_id);
  CHECK(flaw_of("2" + std::string(1000, '9') + R"(["a"])") == socket_error::bad_ack_id);
  CHECK(flaw_of(R"(2abc["message-with-ack",1])") == socket_error::bad_json);
  CHECK(flaw_of(R"(2-1["a"])") == socket_error::bad_json);
  CHECK(flaw_of(R"(21.5["a"])") == socket_error::bad_json);
}

TEST_CASE("an ACK is an array with the id that it answers") {
  const auto ack = decode<ack_packet>(R"(3/admin,13["bar"])");
  CHECK(ack.nsp == "/admin");
  CHECK(ack.id == 13);
  CHECK(dump(ack.data) == R"(["bar"])");
  CHECK(dump(decode<ack_packet>("30[]").data) == "[]");

  CHECK(flaw_of("3[]") == socket_error::bad_ack_id);
  CHECK(flaw_of("31") == socket_error::bad_payload);
  CHECK(flaw_of("31{}") == socket_error::bad_payload);
  CHECK(flaw_of("31[") == socket_error::bad_json);
}

TEST_CASE("unknown packet types are refused") {
  CHECK(flaw_of("") == socket_error::empty);
  for (const auto* text : {"abc", "7", "9", "-1", " 2[\"a\"]", "/", "[\"a\"]", "\x01", "\xff"})
    CHECK(flaw_of(text) == socket_error::unknown_type);
  // only the server sends CONNECT_ERROR
  CHECK(flaw_of(R"(4{"message":"no"})") == socket_error::unknown_type);
}

TEST_CASE("a namespace is bounded and printable") {
  const auto longest = "/" + std::string(255, 'n');
  CHECK(decode<connect_packet>("0" + longest).nsp == longest);
  CHECK(flaw_of("0" + longest + "n,{}") == socket_error::bad_namespace);
  CHECK(flaw_of("0/a\x1e"s) == socket_error::bad_namespace);
  CHECK(flaw_of("0/a\0b,"s) == socket_error::bad_namespace);
  // without the slash it is not a namespace
  CHECK(flaw_of("0custom,") == socket_error::bad_json);
}

TEST_CASE("a binary event waits for its attachments") {
  const socket_limits limits;
  socket_decoder decoder{limits};
  // 5 type, 2- attachments, 789 ack id, then the payload
  const auto head = decoder.feed(
      R"(52-789["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
      false);
  REQUIRE(head);
  REQUIRE_FALSE(*head);
  const auto first = decoder.feed("\x01\x02\x03"s, true);
  REQUIRE(first);
  REQUIRE_FALSE(*first);
  const auto last = decoder.feed("\x00\xff"s, true);
  REQUIRE(last);
  REQUIRE(*last);

  const auto& event = std::get<event_packet>(**last);
  CHECK(event.id == ack_id{789});
  CHECK(event.name() == "message");
  CHECK(event.attachments == std::vector{"\x01\x02\x03"s, "\x00\xff"s});
  CHECK(dump(event.data) ==
        R"(["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");

  const auto next = decoder.feed(R"(2["after"])", false);
  REQUIRE(next);
  CHECK(*next);
}

TEST_CASE("a binary ack waits for its attachments") {
  const socket_limits limits;
  socket_decoder decoder{limits};
  REQUIRE(decoder.feed(R"(61-/admin,15["bar",{"_placeholder":true,"num":0}])", false));
  const auto fed = decoder.feed("", true);
  REQUIRE(fed);
  REQUIRE(*fed);
  const auto& ack = std::get<ack_packet>(**fed);
  CHECK(ack.nsp == "/admin");
  CHECK(ack.id == 15);
  CHECK(ack.attachments == std::vector{""s});
}

TEST_CASE("a binary packet without attachments is complete at once") {
  CHECK(decode<event_packet>(R"(50-["message"])").attachments.empty());
  CHECK(decode<ack_packet>("60-/x,1[]").nsp == "/x");
}

TEST_CASE("an attachment count is compared with the limit before it is believed") {
  CHECK(feed_text(R"(510-["a"])"));
  CHECK(flaw_of(R"(511-["a"])") == socket_error::too_many_attachments);
  CHECK(flaw_of(R"(51000000000-["a"])") == socket_error::too_many_attachments);
  CHECK(flaw_of("5" + std::string(1000, '9') + R"(-["a"])") ==
        socket_error::too_many_attachments);
  socket_limits none;
  none.max_attachments = 0;
  CHECK(flaw_of(R"(51-["a"])", none) == socket_error::too_many_attachments);
  socket_limits most;
  most.max_attachments = std::numeric_limits<std::size_t>::max();
  // The end of the type, and one more, which is the same as one attachment to a careless count.
  for (const auto* count : {"18446744073709551615", "18446744073709551617"})
    CHECK(flaw_of("5" + std::string{count} + R"(-["a"])", most) ==
          socket_error::too_many_attachments);
}

TEST_CASE("the bytes of all attachments of a packet have one bound") {
  socket_limits limits;
  limits.max_attachment_bytes = 10;
  socket_decoder decoder{limits};
  for (int i = 0; i < 3; ++i) { // what one packet took is free for the next one
    REQUIRE(decoder.feed(R"(53-["a"])", false));
    REQUIRE(decoder.feed("12345", true));
    REQUIRE(decoder.feed("12345", true));
    const auto last = decoder.feed("", true);
    REQUIRE(last);
    CHECK(last->has_value());
  }
  REQUIRE(decoder.feed(R"(53-["a"])", false));
  REQUIRE(decoder.feed("12345", true));
  CHECK(decoder.feed("123456", true).error() == socket_error::attachments_too_large);
}

TEST_CASE("a binary packet without a proper attachment count is refused") {
  for (const auto* text : {"5", "5[\"a\"]", "5-[\"a\"]", "51", "51[\"a\"]", "51.5-[\"a\"]",
                           "5a-[\"a\"]", "5-1-[\"a\"]", "5 1-[\"a\"]", "6/admin,1[]"})
    CHECK(flaw_of(text) == socket_error::bad_attachment_count);
  // one with a count that is not binary
  CHECK(flaw_of(R"(21-["a"])") == socket_error::bad_json);
  CHECK(flaw_of("51-/admin,{}") == socket_error::bad_payload);
  CHECK(flaw_of("61-[]") == socket_error::bad_ack_id);
}

TEST_CASE("a placeholder names an announced attachment") {
  for (const auto* num : {"1", "-1", "0.5", "\"0\"", "null", "true", "18446744073709551616"})
    CHECK(flaw_of(R"(51-["a",{"_placeholder":true,"num":)"s + num + "}]") ==
          socket_error::bad_placeholder);
  CHECK(flaw_of(R"(51-["a",{"deep":[{"_placeholder":true}]}])") ==
        socket_error::bad_placeholder);
  CHECK(flaw_of(R"(50-["a",{"_placeholder":true,"num":0}])") == socket_error::bad_placeholder);
  CHECK(feed_text(R"(51-["a",{"_placeholder":false,"num":9}])"));
  // in a packet that is not binary it is an object like any other
  CHECK(feed_text(R"(2["a",{"_placeholder":true,"num":9}])"));
}

TEST_CASE("attachments come when they are due and at no other time") {
  CHECK(socket_decoder{socket_limits{}}.feed("x", true).error() ==
        socket_error::unexpected_attachment);

  const socket_limits limits;
  socket_decoder interrupted{limits};
  REQUIRE(interrupted.feed(R"(51-["a"])", false));
  CHECK(interrupted.feed(R"(2["b"])", false).error() == socket_error::missing_attachment);

  socket_decoder surplus{limits};
  REQUIRE(surplus.feed(R"(51-["a"])", false));
  REQUIRE(surplus.feed("1", true));
  CHECK(surplus.feed("2", true).error() == socket_error::unexpected_attachment);
}

TEST_CASE("events are encoded as the protocol has them") {
  using list = std::vector<std::string>;
  CHECK(payloads(encode_event("/", "foo", "")) == list{R"(42["foo"])"});
  CHECK(payloads(encode_event("/", "auth", "{}")) == list{R"(42["auth",{}])"});
  CHECK(payloads(encode_event("/admin", "a\"b", "1,null")) ==
        list{R"(42/admin,["a\"b",1,null])"});
  CHECK(payloads(encode_event("/admin", "tellme", "", {}, 1)) ==
        list{R"(42/admin,1["tellme"])"});

  const auto frames =
      encode_event("/", "baz", R"({"_placeholder":true,"num":0})", {"\x01\x02"}, 3);
  CHECK(payloads(frames) == list{R"(451-3["baz",{"_placeholder":true,"num":0}])", "\x01\x02"});
  CHECK_FALSE(frames[0]->binary());
  CHECK(frames[1]->binary());
  CHECK(frames[0]->wire_copy().substr(0, 2) == "\x81\x2a"); // FIN and text, 42 bytes
}

TEST_CASE("acks are encoded as the protocol has them") {
  using list = std::vector<std::string>;
  CHECK(payloads(encode_ack("/", 456, R"(1,"2",{"3":[false]})")) ==
        list{R"(43456[1,"2",{"3":[false]}])"});
  CHECK(payloads(encode_ack("/admin", 0, "")) == list{"43/admin,0[]"});
  CHECK(payloads(encode_ack("/admin", 999'999'999'999'999, "1", {"x", "y"})) ==
        list{"462-/admin,999999999999999[1]", "x", "y"});
}

TEST_CASE("connects, refusals and disconnects are encoded as the protocol has them") {
  CHECK(encode_connect("/", "abc")->payload_copy() == R"(40{"sid":"abc"})");
  CHECK(encode_connect("/", "abc", "p")->payload_copy() == R"(40{"sid":"abc","pid":"p"})");
  CHECK(encode_connect("/custom", "abc")->payload_copy() == R"(40/custom,{"sid":"abc"})");
  CHECK(encode_connect_error("/random", R"({"message":"Invalid namespace"})")->payload_copy() ==
        R"(44/random,{"message":"Invalid namespace"})");
  CHECK(encode_disconnect("/")->payload_copy() == "41");
  CHECK(encode_disconnect("/custom")->payload_copy() == "41/custom,");
}
