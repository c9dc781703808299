#include "actors/room/recent_changes.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace hubbub {
namespace {

/// A page with the messages 3, 4 and 5, read when the log was at `rev` 5.
struct old_page {
  std::vector<sequence> numbers{sequence{3}, sequence{4}, sequence{5}};
  std::vector<revision> revisions{revision{3}, revision{4}, revision{5}};
  std::vector<std::string> messages{"three", "four", "five"};
};

using texts = std::vector<std::string>;

TEST_CASE(
    "changes told since a page was asked for are in it, those of other messages are not") {
  recent_changes changes;
  changes.push(sequence{4}, revision{6}, "FOUR");
  changes.push(sequence{2}, revision{7}, "TWO");
  changes.push(sequence{9}, revision{8}, "NINE");
  changes.push(sequence{4}, revision{9}, "Four!");
  old_page page;
  CHECK(changes.update({page.numbers, page.revisions, page.messages}, revision{5}));
  CHECK(page.messages == texts{"three", "Four!", "five"});
}

TEST_CASE("a page that knows of more than was told keeps it") {
  recent_changes changes;
  changes.push(sequence{4}, revision{6}, "FOUR");
  old_page page;
  page.revisions[1] = revision{7};
  page.messages[1] = "newer";
  CHECK(changes.update({page.numbers, page.revisions, page.messages}, revision{5}));
  CHECK(page.messages == texts{"three", "newer", "five"});
}

TEST_CASE("a page from before the oldest change that is kept must be read again") {
  const bool by_number = GENERATE(true, false);
  recent_changes changes;
  const auto text = by_number ? std::string{"x"} : std::string(recent_changes::max_bytes, 'x');
  const auto count = by_number ? static_cast<std::int64_t>(recent_changes::max_changes) : 1;
  for (std::int64_t i = 0; i < count; ++i)
    changes.push(sequence{1}, revision{6 + i}, text);
  old_page page;
  CHECK(changes.update({page.numbers, page.revisions, page.messages}, revision{5}));
  changes.push(sequence{1}, revision{6 + count}, text);
  CHECK_FALSE(changes.update({page.numbers, page.revisions, page.messages}, revision{5}));
  CHECK(changes.update({page.numbers, page.revisions, page.messages}, revision{6}));
}

} // namespace
} // namespace hubbub
