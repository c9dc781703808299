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
