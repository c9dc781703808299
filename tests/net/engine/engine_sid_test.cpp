#include "net/engine/engine_sid.hpp"
#include "tests/support/catch.hpp"

#include <set>
#include <string>

namespace hubbub {

TEST_CASE("a sid names its io thread") {
  for (const std::size_t thread : {0U, 1U, 9U, 10U, 255U, 9999U}) {
    CAPTURE(thread);
    CHECK(thread_of_sid(make_sid(thread), 10'000) == thread);
  }
}

TEST_CASE("the sid of a node begins with its prefix, and is known to no other server") {
  CHECK(sid_prefix(1) == "AB");
  CHECK(sid_prefix(64) == "BA");
  CHECK(sid_prefix(4095) == "__");
  for (const std::size_t node : {1U, 63U, 64U, 4095U}) {
    CAPTURE(node);
    const auto sid = make_sid(12, node);
    CHECK(sid.starts_with(sid_prefix(node)));
    CHECK(thread_of_sid(sid, 100, node) == 12);
    CHECK_FALSE(thread_of_sid(sid, 100, node == 1 ? 2 : 1));
    CHECK_FALSE(thread_of_sid(sid, 100));
    CHECK_FALSE(thread_of_sid(make_sid(12), 100, node));
  }
}

TEST_CASE("no two sids are alike") {
  std::set<std::string> sids;
  for (int i = 0; i < 1000; ++i)
    sids.insert(make_sid(0));
  CHECK(sids.size() == 1000);
}

TEST_CASE("a sid of a thread that is not there is refused") {
  CHECK_FALSE(thread_of_sid(make_sid(2), 2));
  CHECK(thread_of_sid(make_sid(1), 2));
}

TEST_CASE("what no server gave is refused") {
  const std::string secret(32, 'a');
  for (const auto* thread :
       {"", "x", "-1", "+1", " 1", "1 ", "01", "1x", "99999", "18446744073709551617"}) {
    CAPTURE(thread);
    CHECK_FALSE(thread_of_sid(secret + thread, 4));
  }
  CHECK_FALSE(thread_of_sid("", 4));
  CHECK_FALSE(thread_of_sid("0", 4));
  CHECK_FALSE(thread_of_sid(std::string(100'000, '1'), 4));
}

} // namespace hubbub
