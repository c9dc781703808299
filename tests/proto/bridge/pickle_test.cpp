#include "proto/bridge/pickle.hpp"
#include "tests/proto/bridge/recorded.hpp"

namespace hubbub {
namespace {

std::string json_of(std::string_view digits) {
  const auto made = unpickle(from_hex(digits));
  return made ? made->json : "refused: " + std::string{to_string(made.error())};
}
/// Returns a pickle of protocol 4 with these instructions.
std::string program(std::string_view digits) {
  return "8004" + std::string{digits} + "2e";
}

} // namespace

TEST_CASE("pickle: what python-socketio 5.7.2 publishes becomes JSON") {
  // RedisManager.emit('news', {'text': 'hello', 'n': 1, 'neg': -5, 'big': 70000,
  // 'huge': 5000000000, 'f': 1.5, 't': True, 'no': None, 'l': [1, (2, 3)]}, room='general')
  CHECK(json_of("800495f6000000000000007d94288c066d6574686f64948c04656d6974948c056576656e74948c"
                "046e6577"
                "73948c0464617461947d94288c0474657874948c0568656c6c6f948c016e944b018c036e656794"
                "4afbffff"
                "ff8c03626967944a701101008c0468756765948a0500f2052a018c016694473ff8000000000000"
                "8c017494"
                "888c026e6f944e8c016c945d94284b014b024b03869465758c096e616d657370616365948c012f"
                "948c0472"
                "6f6f6d948c0767656e6572616c948c08736b69705f736964944e8c0863616c6c6261636b944e8c"
                "07686f73"
                "745f6964948c203031323334353637383961626364656630313233343536373839616263646566"
                "94752e") ==
        R"({"method":"emit","event":"news","data":{"text":"hello","n":1,"neg":-5,"big":70000,)"
        R"("huge":5000000000,"f":1.5,"t":true,"no":null,"l":[1,[2,3]]},"namespace":"/",)"
        R"("room":"general","skip_sid":null,"callback":null,)"
        R"("host_id":"0123456789abcdef0123456789abcdef"})");
}

TEST_CASE("pickle: tells tuples from lists, and knows what came before") {
  // {'data': ('a', 2), 'room': ['a', 'b']}: the second 'a' is the first one again.
  const auto made = unpickle(
      from_hex("80047d94288c0464617461948c0161944b0286948c04726f6f6d945d942868028c0162946575"
               "2e"));
  REQUIRE(made.has_value());
  CHECK(made->json == R"({"data":["a",2],"room":["a","b"]})");
  CHECK(made->tuples == std::vector<std::string>{"data"});
}

TEST_CASE("pickle: every instruction that it knows") {
  CHECK(json_of(program("4e")) == "null");
  CHECK(json_of(program("88")) == "true");
  CHECK(json_of(program("89")) == "false");
  CHECK(json_of(program("4bff")) == "255");
  CHECK(json_of(program("4d0001")) == "256");
  CHECK(json_of(program("4affffffff")) == "-1");
  CHECK(json_of(program("8a00")) == "0");
  CHECK(json_of(program("8a08ffffffffffffff7f")) == "9223372036854775807");
  CHECK(json_of(program("8a01ff")) == "-1");
  CHECK(json_of(program("47bff8000000000000")) == "-1.5");
  CHECK(json_of(program("477ff8000000000000")) == "null");
  CHECK(json_of(program("580100000061")) == R"("a")");
  CHECK(json_of(program("8d010000000000000061")) == R"("a")");
  CHECK(json_of(program("5d4b0161")) == "[1]");              // APPEND
  CHECK(json_of(program("5d284b014b0265")) == "[1,2]");      // APPENDS
  CHECK(json_of(program("29")) == "[]");                     // EMPTY_TUPLE
  CHECK(json_of(program("284b014b0274")) == "[1,2]");        // TUPLE
  CHECK(json_of(program("4b0185")) == "[1]");                // TUPLE1
  CHECK(json_of(program("4b014b0286")) == "[1,2]");          // TUPLE2
  CHECK(json_of(program("4b014b024b0387")) == "[1,2,3]");    // TUPLE3
  CHECK(json_of(program("7d8c01614b0173")) == R"({"a":1})"); // SETITEM
  // SETITEMS, with names as json.dumps writes them.
  CHECK(json_of(program("7d284b014e4e4b02888975")) == R"({"1":null,"null":2,"true":false})");
  // BINPUT and BINGET, and the same with four bytes.
  CHECK(json_of(program("5d288c01617107680765")) == R"(["a","a"])");
  CHECK(json_of(program("5d8c0161720700000061"
                        "28"
                        "6a07000000"
                        "65")) == R"(["a","a"])");
}

TEST_CASE("pickle: bytes are refused as such") {
  CHECK(json_of(program("4303616263")) == "refused: binary");
  CHECK(json_of(program("4203000000616263")) == "refused: binary");
  CHECK(json_of(program("8e0300000000000000616263")) == "refused: binary");
  CHECK(json_of(program("960300000000000000616263")) == "refused: binary");
}

TEST_CASE("pickle: what names or calls anything is refused") {
  // pickle.dumps(os.system), and a tuple of it that is to be called.
  CHECK(json_of("80048c05706f736978948c0673797374656d9493942e") == "refused: malformed");
  CHECK(json_of("8003636f730a73797374656d0a580200000069648552"
                "2e") == "refused: malformed");
  // GLOBAL, STACK_GLOBAL, REDUCE, BUILD, INST, OBJ, NEWOBJ, NEWOBJ_EX, PERSID, BINPERSID, EXT1.
  for (const auto* code : {"630a0a", "93", "52", "62", "690a0a", "6f", "81", "92", "500a", "51",
                           "8201", "830100", "8401000000"})
    CHECK(json_of(program("4e4e" + std::string{code})) == "refused: malformed");
  // Those of protocol 0, of sets, of out-of-band buffers, and none at all.
  for (const auto* code : {"49310a", "56610a", "8f", "91", "97", "98", "30", "31", "32", "ff"})
    CHECK(json_of(program("4e4e" + std::string{code})) == "refused: malformed");
}

TEST_CASE("pickle: one that is broken is refused") {
  CHECK(json_of("") == "refused: malformed");
  CHECK(json_of("80") == "refused: malformed");
  CHECK(json_of("80064e2e") == "refused: malformed"); // a protocol that is not there yet
  CHECK(json_of("80014e2e") == "refused: malformed");
  CHECK(json_of("80044e") == "refused: malformed");              // no end
  CHECK(json_of("80042e") == "refused: malformed");              // nothing
  CHECK(json_of("80044e4e2e") == "refused: malformed");          // two values
  CHECK(json_of("80044e2e00") == "refused: malformed");          // something after it
  CHECK(json_of(program("61")) == "refused: malformed");         // append nothing to nothing
  CHECK(json_of(program("4e4b0161")) == "refused: malformed");   // append to None
  CHECK(json_of(program("7d284b0175")) == "refused: malformed"); // a name without a value
  CHECK(json_of(program("5d284b01")) == "refused: malformed");   // a mark that stays
  CHECK(json_of(program("5d284b0161")) == "refused: malformed"); // across a mark
  CHECK(json_of(program("6801")) == "refused: malformed");       // remember what was not
  CHECK(json_of(program("94")) == "refused: malformed");
  CHECK(json_of(program("8c0561")) == "refused: malformed"); // shorter than it says
  CHECK(json_of(program("8c01ff")) == "refused: malformed"); // no UTF-8
  CHECK(json_of(program("8a09ffffffffffffffff00")) == "refused: malformed"); // does not fit
}

TEST_CASE("pickle: depth, size and values are bounded") {
  // A list that holds itself: EMPTY_LIST MEMOIZE BINGET 0 APPEND.
  CHECK(json_of(program("5d94680061")) == "refused: malformed");
  // Lists of twice the list before: 2^40 in all.
  std::string doubled = "80045d94";
  for (int i = 0; i < 40; ++i) {
    doubled += "5d9428";
    const char* digits = "0123456789abcdef";
    const std::string before{digits[i / 16], digits[i % 16]};
    doubled += "68" + before + "68" + before + "65";
  }
  // Only the last one stays: TUPLE takes all, which is as good.
  CHECK(json_of(doubled + "2e") == "refused: malformed");
  auto kept = from_hex(doubled);
  kept.insert(2, "(");
  CHECK(unpickle(kept + "t.").error() == bridge_refusal::too_large);
  std::string many = from_hex("80045d28");
  many += std::string(100'001, 'N') + "e.";
  CHECK(unpickle(many).error() == bridge_refusal::too_large);
  CHECK(unpickle(std::string(max_bridge_message + 1, 'N')).error() ==
        bridge_refusal::too_large);
}

} // namespace hubbub
