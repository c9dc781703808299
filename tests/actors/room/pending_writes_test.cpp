#include "actors/room/pending_writes.hpp"
#include "tests/support/catch.hpp"

#include <utility>

namespace hubbub::test {
namespace {

pending_write write_of(std::uint64_t serial) {
  pending_write made;
  made.request.emplace();
  made.request->asker = socket_asker{session_id{0, serial}};
  return made;
}

std::uint64_t serial_of(const std::optional<pending_write>& write) {
  return write ? write->request->socket().session.serial : 0;
}

TEST_CASE("pending writes are answered in the order in which they were sent") {
  pending_writes writes{10};
  CHECK_FALSE(writes.pop());
  writes.push(write_of(1));
  writes.push(write_of(2));
  CHECK(serial_of(writes.pop()) == 1);
  CHECK(serial_of(writes.pop()) == 2);
  CHECK_FALSE(writes.pop());
  CHECK(writes.empty());
}

TEST_CASE("pending writes are numbered in the order in which they were sent") {
  pending_writes writes{10};
  const auto first = writes.next_number();
  writes.push(write_of(1));
  writes.push(write_of(2));
  CHECK(writes.pop()->number == first);
  CHECK(writes.pop()->number == first + 1);
  CHECK(writes.next_number() == first + 2);
}

TEST_CASE("pending writes know whether one of them brings what other nodes wrote") {
  pending_writes writes{10};
  writes.push(write_of(1));
  CHECK_FALSE(writes.bring_log());
  auto bringing = write_of(2);
  bringing.brings_log = true;
  writes.push(std::move(bringing));
  CHECK(writes.bring_log());
  CHECK(writes.pop());
  CHECK(writes.bring_log());
  CHECK(writes.pop());
  CHECK_FALSE(writes.bring_log());
}

TEST_CASE("pending writes are full at their limit, and half full for read markers") {
  pending_writes writes{4};
  writes.push(write_of(1));
  CHECK_FALSE(writes.is_half_full());
  writes.push(write_of(2));
  CHECK(writes.is_half_full());
  writes.push(write_of(3));
  CHECK_FALSE(writes.is_full());
  writes.push(write_of(4));
  CHECK(writes.is_full());
  CHECK(writes.pop());
  CHECK_FALSE(writes.is_full());
}

TEST_CASE("a writer that ends gives back what it has not answered") {
  pending_writes writes{4};
  writes.push(write_of(1));
  writes.push(write_of(2));
  CHECK_FALSE(writes.is_closed());
  const auto lost = writes.close();
  CHECK(writes.is_closed());
  REQUIRE(lost.size() == 2);
  CHECK(lost[0].request->socket().session.serial == 1);
  CHECK(lost[1].request->socket().session.serial == 2);
  CHECK_FALSE(writes.pop());
}

} // namespace
} // namespace hubbub::test
