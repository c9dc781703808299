#include "net/compression/gzip.hpp"
#include "tests/net/compression/inflate.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub {

TEST_CASE("a text that was compressed as gzip comes back, and is shorter on the way") {
  std::string text = "{}";
  for (int i = 0; i < 10'000; ++i)
    text += R"({"id":)" + std::to_string(i * 7'919) + R"(,"content":"good morning"})";
  const auto compressed = gzip(text);
  CHECK(compressed.size() < text.size() / 3);
  CHECK(test::gunzip(compressed) == text);
}

TEST_CASE("a text that does not shrink comes back from gzip") {
  CHECK(test::gunzip(gzip("")).empty());
  std::string noise;
  for (unsigned i = 0, x = 1; i < 100'000; ++i, x = x * 1'664'525U + 1'013'904'223U)
    noise += static_cast<char>(x >> 24U);
  CHECK(test::gunzip(gzip(noise)) == noise);
}

} // namespace hubbub
