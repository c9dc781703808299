#include "actors/room/recent_messages.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace hubbub {
namespace {

std::vector<std::string> after(const recent_messages& recent, std::int64_t seq) {
  std::vector<std::string> result;
  recent.copy_after(sequence{seq}, result);
  return result;
}

TEST_CASE("an empty room needs no messages to be covered") {
  const recent_messages recent;
  CHECK(recent.covers(sequence{0}, sequence{0}));
  CHECK(recent.covers(sequence{7}, sequence{7}));
  CHECK_FALSE(recent.covers(sequence{6}, sequence{7}));
}

TEST_CASE("what was pushed is covered from its first message on") {
  recent_messages recent;
  recent.push(sequence{5}, "five");
  recent.push(sequence{6}, "six");
  CHECK(recent.covers(sequence{4}, sequence{6}));
  CHECK_FALSE(recent.covers(sequence{3}, sequence{6}));
  CHECK(after(recent, 4) == std::vector<std::string>{"five", "six"});
  CHECK(after(recent, 5) == std::vector<std::string>{"six"});
  CHECK(after(recent, 6).empty());
}

TEST_CASE("the oldest go when there are too many") {
  recent_messages recent;
  for (std::int64_t i = 1; i <= 201; ++i)
    recent.push(sequence{i}, std::to_string(i));
  CHECK_FALSE(recent.covers(sequence{0}, sequence{201}));
  CHECK(recent.covers(sequence{1}, sequence{201}));
  CHECK(after(recent, 0).size() == recent_messages::max_messages);
  CHECK(after(recent, 0).front() == "2");
}

TEST_CASE("the oldest go when they are too large") {
  recent_messages recent;
  const std::string large(recent_messages::max_bytes / 2, 'x');
  recent.push(sequence{1}, large);
  recent.push(sequence{2}, large);
  CHECK(recent.covers(sequence{0}, sequence{2}));
  recent.push(sequence{3}, "y");
  CHECK_FALSE(recent.covers(sequence{0}, sequence{3}));
  CHECK(recent.covers(sequence{1}, sequence{3}));
}

TEST_CASE("a message larger than the bound is not kept, and nothing older is") {
  recent_messages recent;
  recent.push(sequence{1}, "one");
  recent.push(sequence{2}, std::string(recent_messages::max_bytes + 1, 'x'));
  CHECK_FALSE(recent.covers(sequence{1}, sequence{2}));
  CHECK(after(recent, 0).empty());
  recent.push(sequence{3}, "three");
  CHECK(recent.covers(sequence{2}, sequence{3}));
  CHECK_FALSE(recent.covers(sequence{1}, sequence{3}));
}

TEST_CASE("a page from the store starts what is kept, but never replaces it") {
  recent_messages recent;
  recent.seed({sequence{8}, sequence{9}}, {"eight", "nine"});
  CHECK(recent.covers(sequence{7}, sequence{9}));
  recent.seed({sequence{1}}, {"one"});
  CHECK(after(recent, 0) == std::vector<std::string>{"eight", "nine"});
}

TEST_CASE("a changed message is given out as it is now, others are left alone") {
  recent_messages recent;
  recent.push(sequence{5}, "five");
  recent.push(sequence{6}, "six");
  recent.replace(sequence{5}, "FIVE");
  recent.replace(sequence{4}, "FOUR");
  recent.replace(sequence{7}, "SEVEN");
  CHECK(after(recent, 0) == std::vector<std::string>{"FIVE", "six"});
}

TEST_CASE("the bytes of a changed message count as they are now") {
  recent_messages recent;
  const auto half = recent_messages::max_bytes / 2;
  recent.push(sequence{1}, "x");
  recent.push(sequence{2}, std::string(half, 'a'));
  recent.push(sequence{3}, "x");
  recent.replace(sequence{2}, "x");
  recent.replace(sequence{3}, std::string(half, 'b'));
  CHECK(after(recent, 0).size() == 3);
  recent.replace(sequence{2}, std::string(half, 'a'));
  CHECK(after(recent, 0).size() < 3);
  CHECK_FALSE(recent.covers(sequence{0}, sequence{3}));
}

TEST_CASE("what retention removed is not given out any more") {
  recent_messages recent;
  for (std::int64_t i = 1; i <= 3; ++i)
    recent.push(sequence{i}, std::to_string(i));
  recent.forget_before(sequence{3});
  CHECK(after(recent, 0) == std::vector<std::string>{"3"});
  CHECK_FALSE(recent.covers(sequence{1}, sequence{3}));
  CHECK(recent.covers(sequence{2}, sequence{3}));
  recent.forget_before(sequence{9});
  CHECK(after(recent, 0).empty());
}

} // namespace
} // namespace hubbub
