#include "actors/room/pending_reads.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr pending_reads::time_point first_read{};

pending_read_ptr some_read() {
  return std::make_shared<pending_read>();
}

TEST_CASE("a pending read ends once, and is forgotten when those before it have ended") {
  pending_reads reads;
  CHECK_FALSE(reads.next());
  const auto older = some_read();
  const auto newer = some_read();
  reads.add(first_read + 30s, older);
  reads.add(first_read + 31s, newer);
  CHECK(reads.end(*newer));
  CHECK(reads.size() == 2);
  CHECK(reads.next() == first_read + 30s);
  CHECK(reads.end(*older));
  CHECK(reads.size() == 0);
  CHECK_FALSE(reads.end(*older));
}

TEST_CASE("a pending read that takes too long is taken out, oldest first") {
  pending_reads reads;
  const auto older = some_read();
  const auto newer = some_read();
  reads.add(first_read + 30s, older);
  reads.add(first_read + 31s, newer);
  CHECK(reads.take_late(first_read + 29s) == nullptr);
  CHECK(reads.take_late(first_read + 30s) == older);
  CHECK(reads.take_late(first_read + 30s) == nullptr);
  CHECK(reads.end(*older)); // it is told so
  CHECK_FALSE(reads.end(*older));
  CHECK(reads.take_late(first_read + 40s) == newer);
  CHECK(reads.take_late(first_read + 40s) == nullptr);
}

TEST_CASE("what was read ahead is taken out together, in order") {
  pending_reads reads;
  CHECK_FALSE(reads.has_ahead());
  reads.keep_ahead({session_id{0, 1}, revision{5}, {}});
  reads.keep_ahead({session_id{0, 2}, revision{4}, {}});
  CHECK(reads.has_ahead());
  const auto ahead = reads.take_ahead();
  REQUIRE(ahead.size() == 2);
  CHECK(ahead[0].rev == revision{5});
  CHECK(ahead[1].session == session_id{0, 2});
  CHECK_FALSE(reads.has_ahead());
}

} // namespace
} // namespace hubbub::test
