#include "net/engine/late_posts.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

namespace hubbub {

using namespace std::chrono_literals;

TEST_CASE("posts of an ended session are expected for a while, as many as come") {
  late_posts posts;
  steady_time now{};
  posts.expect("one", now);
  now += 9min;
  posts.expect("two", now);
  CHECK(posts.expects("one", now));
  CHECK(posts.expects("one", now));
  CHECK_FALSE(posts.expects("three", now));
  now += 1min;
  CHECK_FALSE(posts.expects("one", now));
  CHECK(posts.expects("two", now));
}

TEST_CASE("of very many ended sessions the first are forgotten") {
  late_posts posts;
  const steady_time now{};
  for (int i = 0; i <= 10'000; ++i)
    posts.expect(std::to_string(i), now);
  CHECK_FALSE(posts.expects("0", now));
  CHECK(posts.expects("1", now));
  CHECK(posts.expects("10000", now));
}

} // namespace hubbub
