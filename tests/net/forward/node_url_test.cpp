#include "net/forward/node_url.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub::test {

TEST_CASE("the address of a node is http, a host and a port") {
  CHECK(parse_node_url("http://10.0.0.2:6005") == tcp_place{"10.0.0.2", 6'005});
  CHECK(parse_node_url("http://chat-b:80/") == tcp_place{"chat-b", 80});
  CHECK(parse_node_url("http://[::1]:6005") == tcp_place{"::1", 6'005});
  CHECK(node_url_of({"::1", 6'005}) == "http://[::1]:6005");
  for (const auto* wrong :
       {"", "10.0.0.2:6005", "https://10.0.0.2:6005", "http://10.0.0.2", "http://10.0.0.2:0",
        "http://*:6005", "http://a:1/x", "http://u@a:1", "http://unix:/a:1", "http://a b:1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_node_url(wrong));
  }
}

} // namespace hubbub::test
