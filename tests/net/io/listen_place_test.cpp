#include "net/io/listen_place.hpp"
#include "tests/support/catch.hpp"

namespace hubbub {
namespace {

TEST_CASE("a place to listen at is read as it is shown") {
  for (const auto* text : {"127.0.0.1:5005", "[::1]:5005", "*:0", "chat.example:65535",
                           "unix:/run/hubbub.sock", "unix:/run/a folder/hubbub.sock"}) {
    const auto place = parse_listen_place(text);
    INFO(text);
    REQUIRE(place);
    CHECK(to_string(*place) == text);
  }
  CHECK(parse_listen_place("*:5005") == listen_place{tcp_place{"", 5005}});
  CHECK(parse_listen_place("[::1]:5005") == listen_place{tcp_place{"::1", 5005}});
  CHECK(parse_listen_place("unix:/s") == listen_place{unix_place{"/s"}});
}

TEST_CASE("what is no place to listen at is refused") {
  const auto too_long = "unix:/" + std::string(107, 'x');
  CHECK(parse_listen_place("unix:/" + std::string(106, 'x')));
  for (const auto& text :
       std::vector<std::string>{"", "5005", ":5005", "host", "host:", "host:65536", "host:-1",
                                "host:5005x", "::1:5005", "[::1]", "[::1:5005", "a b:1",
                                "a/b:1", "unix:", "unix:relative", "unix:/run/", too_long}) {
    INFO(text);
    CHECK_FALSE(parse_listen_place(text));
  }
}

TEST_CASE("places are separated by commas") {
  const auto places = parse_listen_places("127.0.0.1:5005,unix:/run/hubbub.sock");
  REQUIRE(places);
  CHECK(places->size() == 2);
  CHECK(to_string(*places) == "127.0.0.1:5005,unix:/run/hubbub.sock");
  CHECK(parse_listen_places("")->empty());
  for (const auto* bad : {",", "a:1,", ",a:1", "a:1,,b:2", "a:1,b"})
    CHECK_FALSE(parse_listen_places(bad));
}

} // namespace
} // namespace hubbub
