#include "include/hubbub/proto.hpp"
#include "include/hubbub/version.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace hubbub;

TEST_CASE("the public decoder reads what a client sends, one packet after the other") {
  protocol::decoder read;
  REQUIRE(read.feed(R"(212["hello",{"a":1}])"));
  const protocol::packet event{
      protocol::packet_type::event, "/", 12, R"(["hello",{"a":1}])", {}};
  CHECK(read.take() == event);
  REQUIRE(read.feed(R"(0/chat,{"name":"ann"})"));
  const protocol::packet connect{
      protocol::packet_type::connect, "/chat", {}, R"({"name":"ann"})", {}};
  CHECK(read.take() == connect);
  REQUIRE(read.feed("1"));
  CHECK(read.take().type == protocol::packet_type::disconnect);
}

TEST_CASE("the public decoder puts attachments to the packet that announced them") {
  protocol::decoder read;
  CHECK_FALSE(read.feed(R"(51-["file",{"_placeholder":true,"num":0}])"));
  CHECK_FALSE(read.failed());
  REQUIRE(read.feed("\x01\x02", true));
  CHECK(read.take().attachments == std::vector<std::string>{"\x01\x02"});
}

TEST_CASE("the public decoder says why it stops") {
  SECTION("at something that is no packet") {
    protocol::decoder read;
    CHECK_FALSE(read.feed("hello"));
    CHECK(read.failed() == protocol::decode_error::malformed);
    CHECK_FALSE(read.feed("1")); // it must not be used again
  }
  SECTION("at too many attachments") {
    protocol::decoder read{protocol::limits{.max_attachments = 1}};
    CHECK_FALSE(read.feed(R"(52-["file"])"));
    CHECK(read.failed() == protocol::decode_error::too_large);
  }
  SECTION("at bytes that nobody announced") {
    protocol::decoder read;
    CHECK_FALSE(read.feed("x", true));
    CHECK(read.failed() == protocol::decode_error::unexpected);
  }
}

TEST_CASE("what the public encoder writes, the decoder reads") {
  const protocol::packet event{protocol::packet_type::event,
                               "/chat",
                               7,
                               R"(["file",{"_placeholder":true,"num":0}])",
                               {"bytes"}};
  const auto messages = protocol::encode(event);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].data == R"(51-/chat,7["file",{"_placeholder":true,"num":0}])");
  CHECK(messages[1].binary);
  protocol::decoder read;
  CHECK_FALSE(read.feed(messages[0].data));
  REQUIRE(read.feed(messages[1].data, true));
  CHECK(read.take() == event);
}

TEST_CASE("public packets of Engine.IO go both ways") {
  const auto ping = protocol::decode_engine_text("2probe");
  REQUIRE(ping);
  CHECK(ping->type == protocol::engine_type::ping);
  CHECK(protocol::encode_engine(*ping) == "2probe");
  CHECK_FALSE(protocol::decode_engine_text("9"));
  const auto payload = protocol::decode_engine_payload("4a\x1e"
                                                       "bAQI=");
  REQUIRE(payload);
  REQUIRE(payload->size() == 2);
  CHECK((*payload)[1] ==
        protocol::engine_packet{protocol::engine_type::message, true, "\x01\x02"});
}

TEST_CASE("the library knows its version") {
  CHECK(protocol::library_version() == header_version);
}
