#include "bench/client/http_reader.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace hubbub::bench;
using state = http_reader::state;

namespace {

/// Feeds byte by byte, so that the input is cut at every place.
state feed_slowly(http_reader& reader, const std::string& bytes) {
  auto found = state::unfinished;
  for (const auto byte : bytes) {
    REQUIRE(found == state::unfinished);
    found = reader.feed({&byte, 1});
  }
  return found;
}

} // namespace

TEST_CASE("a response with a length is read") {
  http_reader reader;
  CHECK(feed_slowly(reader, "HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\n\r\nhello") ==
        state::finished);
  CHECK(reader.status() == 200);
  CHECK(reader.body() == "hello");
  CHECK(reader.stays_open());
  reader.reset();
  CHECK(reader.feed(
            "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") ==
        state::finished);
  CHECK(reader.status() == 204);
  CHECK(reader.body().empty());
  CHECK_FALSE(reader.stays_open());
}

TEST_CASE("a response in chunks is read") {
  http_reader reader;
  CHECK(feed_slowly(reader,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "5\r\nhello\r\nA;x=y\r\n, everyone\r\n0\r\n\r\n") == state::finished);
  CHECK(reader.body() == "hello, everyone");
}

TEST_CASE("a response without a length ends with its connection") {
  http_reader reader;
  CHECK(feed_slowly(reader, "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello") ==
        state::unfinished);
  CHECK(reader.end() == state::finished);
  CHECK(reader.body() == "hello");
  CHECK_FALSE(reader.stays_open());
}

TEST_CASE("what ends too early or is no HTTP is broken") {
  http_reader reader;
  CHECK(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel") == state::unfinished);
  CHECK(reader.end() == state::broken);
  const auto state_of = [](const std::string& bytes) {
    http_reader fresh;
    return fresh.feed(bytes);
  };
  CHECK(state_of("SSH-2.0-OpenSSH\r\n\r\n") == state::broken);
  CHECK(state_of("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n") == state::broken);
  CHECK(state_of("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n") == state::broken);
  CHECK(state_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") ==
        state::broken);
  CHECK(state_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n") ==
        state::broken);
  CHECK(state_of(std::string(100'000, 'x')) == state::broken);
}
