#include "proto/bridge/bridge_message.hpp"
#include "proto/chat/chat_event.hpp"
#include "tests/proto/bridge/recorded.hpp"

#include <vector>

namespace hubbub {
namespace {

using names = std::vector<room_ref>;

bridge_event emitted(std::string_view digits) {
  auto made = decode_emitter_message(from_hex(digits));
  REQUIRE(made.has_value());
  return *std::move(made);
}
bridge_refusal refused_emitter(std::string_view digits) {
  const auto made = decode_emitter_message(from_hex(digits));
  REQUIRE_FALSE(made.has_value());
  return made.error();
}
bridge_event python(const std::string& bytes) {
  auto made = decode_python_message(bytes);
  REQUIRE(made.has_value());
  return *std::move(made);
}
bridge_refusal refused_python(const std::string& bytes) {
  const auto made = decode_python_message(bytes);
  REQUIRE_FALSE(made.has_value());
  return made.error();
}

} // namespace

// The bytes of these tests are what @socket.io/redis-emitter 5.1.0 published.

TEST_CASE("bridge message: the emitter, to a room") {
  // to('general').emit('news', 'hello', 1, -1, 200, 70000, 5e9, -5e9, 1.5, true, null,
  //                    { a: [1, { b: 2 }] })
  const auto event = emitted("93a7656d697474657283a47479706502a4646174619ca46e657773a568656c6c6"
                             "f01ffccc8ce00011170cf0000"
                             "00012a05f200d3fffffffed5fa0e00cb3ff8000000000000c3c081a161920181a"
                             "16202a36e7370a12f83a5726f"
                             "6f6d7391a767656e6572616ca5666c61677380a665786365707490");
  CHECK(event.name == "news");
  CHECK(event.args_json ==
        R"("hello",1,-1,200,70000,5000000000,-5000000000,1.5,true,null,{"a":[1,{"b":2}]})");
  CHECK_FALSE(event.to_everybody);
  CHECK(event.to == names{"general"});
  CHECK(event.except.empty());
  CHECK_FALSE(event.is_volatile);
}

TEST_CASE("bridge message: the emitter, to several rooms but some, with dates, volatile") {
  // to(['a', 'b']).except(['c', 's1']).volatile.emit('many', { when: new Date(1767225600123),
  //     old: new Date(0), far: new Date(-1), bad: 1 })
  const auto event =
      emitted("93a7656d697474657283a47479706502a46461746192a46d616e7984a47768656ed7ff1d53530069"
              "55b900a36f"
              "6c64d6ff00000000a3666172c70cff3b8b87c0ffffffffffffffffa362616401a36e7370a12f83a5"
              "726f6f6d73"
              "92a161a162a5666c61677381a8766f6c6174696c65c3a665786365707492a163a27331");
  CHECK(event.args_json ==
        R"({"when":"2026-01-01T00:00:00.123Z","old":"1970-01-01T00:00:00.000Z",)"
        R"("far":"1969-12-31T23:59:59.999Z","bad":1})");
  CHECK(event.to == names{"a", "b"});
  CHECK(event.except == names{"c", "s1"});
  CHECK(event.is_volatile);
}

TEST_CASE("bridge message: the emitter, to everybody, with nothing and with undefined") {
  const auto all =
      emitted("93a7656d697474657283a47479706502a46461746191a3616c6ca36e7370a12f83a572"
              "6f6f6d7390a5666c61677380a665786365707490");
  CHECK(all.name == "all");
  CHECK(all.args_json.empty());
  CHECK(all.to_everybody);
  CHECK(emitted(
            "93a7656d697474657283a47479706502a46461746194a5756e646566c08091c0a36e7370a12f83a57"
            "26f6f6d7390a5666c61677380a665786365707490")
            .args_json == "null,{},[null]");
}

TEST_CASE("bridge message: the emitter, to a number and to a name as long as a socket's id") {
  CHECK(emitted(
            "93a7656d697474657283a47479706502a46461746192a36e756da178a36e7370a12f83a5726f6f6d7"
            "39105a5666c61677380a665786365707490")
            .to == names{room_id{5}});
  const auto event = emitted(
      "93a7656d697474657283a47479706502a46461746192a67477656e7479a9c3bce282acf09f9880a36e7"
      "370a12f83a5726f6f6d7391b46162636465666768696a30313233343536373839a5666c61677380a665"
      "786365707490");
  CHECK(event.to == names{"abcdefghij0123456789"});
  CHECK(event.args_json == R"("ü€😀")");
}

TEST_CASE("bridge message: the emitter's bytes and other namespaces are refused") {
  CHECK(refused_emitter(
            "93a7656d697474657283a47479706502a46461746192a362696ec403010203a36e7370a12"
            "f83a5726f6f6d7391a767656e6572616ca5666c61677380a665786365707490") ==
        bridge_refusal::binary);
  CHECK(refused_emitter(
            "93a7656d697474657283a47479706502a46461746191a178a36e7370a52f67616d6583a57"
            "26f6f6d7390a5666c61677380a665786365707490") == bridge_refusal::namespaces);
}

TEST_CASE("bridge message: what servers tell each other is no event") {
  // The emitter's socketsJoin, and the sharded adapter's messages, are JSON.
  const std::string request =
      R"({"type":2,"opts":{"rooms":["general"],"except":[]},"rooms":["r"]})";
  CHECK(decode_emitter_message(request).error() == bridge_refusal::other_kind);
  CHECK(refused_emitter("93a16181a47479706501"
                        "80") == bridge_refusal::other_kind);
  CHECK(refused_emitter("93a16181a47479706505"
                        "80") == bridge_refusal::binary);
  CHECK(refused_emitter("93a16182a47479706502a46461746190"
                        "80") == bridge_refusal::malformed);
  CHECK(refused_emitter("93a16182a47479706502a4646174619105"
                        "80") == bridge_refusal::malformed); // its name is a number
  CHECK(refused_emitter("93a161a162a163") == bridge_refusal::malformed);
  CHECK(refused_emitter("01") == bridge_refusal::malformed);
}

TEST_CASE("bridge message: too many rooms are refused") {
  std::string text = R"({"method":"emit","event":"x","room":["a")";
  for (std::size_t i = 0; i < max_bridge_targets; ++i)
    text += R"(,"a")";
  CHECK(refused_python(text + "]}") == bridge_refusal::too_large);
}

// The bytes of these are what python-socketio 5.7.2 published.

TEST_CASE("bridge message: a pickle to rooms, with a tuple of arguments") {
  // emit('many', ('a', 2), room=['a', 'b'], skip_sid='s1')
  const auto event =
      python(from_hex("8004959d000000000000007d94288c066d6574686f64948c04656d6974948c056576656e"
                      "74948c046d616e79948c"
                      "0464617461948c0161944b0286948c096e616d657370616365948c012f948c04726f6f6d"
                      "945d942868068c016294"
                      "658c08736b69705f736964948c027331948c0863616c6c6261636b944e8c07686f73745f"
                      "6964948c203031323334"
                      "35363738396162636465663031323334353637383961626364656694752e"));
  CHECK(event.name == "many");
  CHECK(event.args_json == R"("a",2)");
  CHECK(event.to == names{"a", "b"});
  CHECK(event.except == names{"s1"});
  CHECK_FALSE(event.to_everybody);
}

TEST_CASE("bridge message: a pickle to everybody, without an argument") {
  const auto event = python(from_hex("80049589000000000000007d94288c066d6574686f64948c04656d697"
                                     "4948c056576656e74948c046e6f6e65948c"
                                     "0464617461944e8c096e616d657370616365948c012f948c04726f6f6"
                                     "d944e8c08736b69705f736964944e8c0863"
                                     "616c6c6261636b944e8c07686f73745f6964948c20303132333435363"
                                     "73839616263646566303132333435363738"
                                     "3961626364656694752e"));
  CHECK(event.args_json.empty());
  CHECK(event.to_everybody);
}

TEST_CASE("bridge message: a pickle with bytes, and one that closes a room") {
  CHECK(refused_python(
            from_hex("80049598000000000000007d94288c066d6574686f64948c04656d6974948c056576656e7"
                     "4948c05627974"
                     "6573948c0464617461944303616263948c096e616d657370616365948c012f948c04726f6"
                     "f6d948c076765"
                     "6e6572616c948c08736b69705f736964944e8c0863616c6c6261636b944e8c07686f73745"
                     "f6964948c2030"
                     "3132333435363738396162636465663031323334353637383961626364656694752e")) ==
        bridge_refusal::binary);
  CHECK(refused_python(
            from_hex("8004953c000000000000007d94288c066d6574686f64948c0a636c6f73655f726f"
                     "6f6d948c04726f6f6d948c0767656e6572616c948c096e616d657370616365948c"
                     "012f94752e")) == bridge_refusal::other_kind);
}

TEST_CASE("bridge message: a pickle whose data is told twice") {
  CHECK(python(from_hex("80047d288c066d6574686f648c04656d69748c056576656e748c0178"
                        "8c04646174617d8c046461746129752e"))
            .args_json == "{}");
}

TEST_CASE("bridge message: JSON of newer Pythons") {
  const std::string head = R"({"method":"emit","event":"x","namespace":"/","room":"r",)";
  // From 5.15.1 on a list of arguments; `binary` tells it from 5.14.0 and 5.14.1.
  CHECK(python(head + R"("binary":false,"data":["a",{"b":1}]})").args_json == R"("a",{"b":1})");
  CHECK(python(head + R"("binary":false,"data":[]})").args_json.empty());
  CHECK(python(head + R"("binary":false,"data":{"b":1}})").args_json == R"({"b":1})");
  CHECK(python(head + R"("data":["a",2]})").args_json == R"(["a",2])");
  CHECK(python(head + R"("data":null})").args_json.empty());
  CHECK(refused_python(head +
                       R"("binary":true,"data":[{"_placeholder":true,"num":0},"YWJj"]})") ==
        bridge_refusal::binary);
  CHECK(python(R"({"method":"emit","event":"x","data":1})").to_everybody);
  CHECK(python(R"({"method":"emit","event":"x","room":[]})").to.empty());
  CHECK_FALSE(python(R"({"method":"emit","event":"x","room":[]})").to_everybody);
  CHECK(python(R"({"method":"emit","event":"x","room":7,"skip_sid":["s","t"]})").except ==
        names{"s", "t"});
  CHECK(refused_python(R"({"method":"emit","event":"x","namespace":"/game"})") ==
        bridge_refusal::namespaces);
  CHECK(refused_python(R"({"method":"disconnect","sid":"s"})") == bridge_refusal::other_kind);
  CHECK(refused_python(R"({"method":"emit"})") == bridge_refusal::malformed);
  CHECK(refused_python(R"({"method":"emit","event":""})") == bridge_refusal::malformed);
  CHECK(refused_python(R"({"method":"emit","event":"x","room":{}})") ==
        bridge_refusal::malformed);
  CHECK(refused_python("[]") == bridge_refusal::malformed);
  CHECK(refused_python("{") == bridge_refusal::malformed);
  CHECK(refused_python("") == bridge_refusal::malformed);
  CHECK(refused_python("\xff") == bridge_refusal::malformed);
}

TEST_CASE("bridge message: names that are free") {
  CHECK(is_free_event("news"));
  CHECK(is_free_event("send_message")); // which only clients send
  for (const auto* name : {"new_message", "message_deleted", "offset", "gap", "error",
                           "connect", "disconnect", "connect_error", "", "a\nb", "\xff"})
    CHECK_FALSE(is_free_event(name));
}

} // namespace hubbub
