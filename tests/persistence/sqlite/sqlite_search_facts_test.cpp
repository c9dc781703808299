#include "persistence/sqlite/sqlite_search_facts.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

namespace hubbub {
namespace {

using fact_changes = std::vector<facts_block::change>;

facts_block::change said(std::int64_t id, std::int64_t room, std::int64_t length) {
  return {message_id{id}, search_facts{room_id{room}, length}};
}

facts_block::change unknown(std::int64_t id) {
  return {message_id{id}, std::nullopt};
}

/// Checks that a block knows these facts, and nothing about other messages.
void check_facts(const facts_block& block, const fact_changes& expected) {
  for (std::int64_t id = 0; id < facts_block::messages; ++id) {
    const auto wanted = std::ranges::find(expected, message_id{id}, &facts_block::change::id);
    const auto found = block.at(message_id{id});
    if (wanted == expected.end() || !wanted->facts) {
      CHECK_FALSE(found);
      continue;
    }
    REQUIRE(found);
    CHECK(found->room == wanted->facts->room);
    CHECK(found->length == wanted->facts->length);
  }
}

TEST_CASE("facts_block takes more messages where it has room for them") {
  facts_block block;
  block.change_all(fact_changes{said(0, 7, 3), said(1, 7, 4)});
  const auto size = block.stored().size();
  block.change_all(fact_changes{said(1, 7, 9), said(2, 7, 254), said(1'499, 7, 0)});
  check_facts(block, {said(0, 7, 3), said(1, 7, 9), said(2, 7, 254), said(1'499, 7, 0)});
  CHECK(block.stored().size() == size);
}

TEST_CASE("facts_block forgets a message in place") {
  facts_block block;
  block.change_all(fact_changes{said(0, 7, 3), said(1, 8, 4), said(2, 7, 5)});
  block.change_all(fact_changes{unknown(1), said(2, 8, 6)});
  check_facts(block, {said(0, 7, 3), unknown(1), said(2, 8, 6)});
}

TEST_CASE("facts_block is laid out anew for another room and for a long message") {
  facts_block block;
  block.change_all(fact_changes{said(0, 7, 3), said(1, 7, 4)});
  SECTION("a room") {
    block.change_all(fact_changes{said(1, 7, 5), said(2, 9, 6), said(3, 7, 7)});
    check_facts(block, {said(0, 7, 3), said(1, 7, 5), said(2, 9, 6), said(3, 7, 7)});
  }
  SECTION("a length that one byte cannot hold") {
    block.change_all(fact_changes{said(1, 7, 5), said(2, 7, 255), said(3, 7, 65'000)});
    check_facts(block, {said(0, 7, 3), said(1, 7, 5), said(2, 7, 255), said(3, 7, 65'000)});
    block.change_all(fact_changes{said(0, 7, 300)});
    check_facts(block, {said(0, 7, 300), said(1, 7, 5), said(2, 7, 255), said(3, 7, 65'000)});
  }
  SECTION("a length that no block holds") {
    block.change_all(fact_changes{said(1, 7, 70'000), said(2, 7, 6)});
    check_facts(block, {said(0, 7, 3), unknown(1), said(2, 7, 6)});
  }
}

TEST_CASE("facts_block knows what was stored, and changes that in place") {
  facts_block first;
  first.change_all(fact_changes{said(0, 7, 3), said(1, 8, 4)});
  facts_block second;
  second.assign(first.stored());
  second.change_all(fact_changes{said(2, 8, 5)});
  check_facts(second, {said(0, 7, 3), said(1, 8, 4), said(2, 8, 5)});
}

} // namespace
} // namespace hubbub
