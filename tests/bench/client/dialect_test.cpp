#include "bench/client/dialect.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub::bench;

TEST_CASE("a dialect changes what it names and leaves the rest") {
  const auto read = parse_dialect(R"(
name = "flask"
ack_ok = ""
[send]
event = "message"
confirm = "echo"
[http]
newest_first = true
)");
  REQUIRE(read);
  CHECK(read->name == "flask");
  CHECK(read->ack_ok.empty());
  CHECK(read->send.event == "message");
  CHECK(read->send.confirm == confirmation::echo);
  CHECK(read->send.room == "room");
  CHECK(read->http.newest_first);
  CHECK(read->join.event == "join_room");
}

TEST_CASE("an empty dialect is Hubbub's") {
  const auto read = parse_dialect("");
  REQUIRE(read);
  CHECK(read->name == "hubbub");
  CHECK(read->send.confirm == confirmation::ack);
}

TEST_CASE("what is wrong in a dialect is named") {
  const auto error_of = [](std::string_view text) {
    const auto read = parse_dialect(text);
    return read ? std::string{} : read.error();
  };
  CHECK(error_of("[join]\nevnt = \"x\"") == "join.evnt is not a key of a dialect");
  CHECK(error_of("name = 3") == "name has a value that it does not take");
  CHECK(error_of("[send]\nconfirm = \"maybe\"") ==
        "send.confirm has a value that it does not take");
  CHECK(error_of("[send]\nconfirm = \"delivery\"") ==
        "send.confirm takes ack, echo or ack_and_echo");
  CHECK(error_of("[typing]\nconfirm = \"echo\"") == "typing.confirm takes ack or delivery");
  CHECK_THAT(error_of("name = "), Catch::StartsWith("line 1 is not TOML"));
  CHECK_THAT(read_dialect("/nowhere/at/all.toml").error(), Catch::Contains("cannot read"));
}
