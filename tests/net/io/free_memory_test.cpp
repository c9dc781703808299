#include "net/io/free_memory.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace hubbub {

TEST_CASE("what was freed holds no more than what was never filled") {
  std::string text(1'000'000, 'x');
  free_memory(text);
  CHECK(text.empty());
  CHECK(text.capacity() == std::string{}.capacity());
  std::vector<int> numbers(1'000);
  free_memory(numbers);
  CHECK(numbers.capacity() == 0);
}

} // namespace hubbub
