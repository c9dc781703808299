#include "actors/room/room_history.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

using pages = std::vector<std::string>;

constexpr room_id remembered_room{3};

/// Returns the history of a room at message 2 and change 5 that has since told of message 3.
room_history history_after_three() {
  room_history history{remembered_room, sequence{2}, revision{5}};
  history.move_to(sequence{3}, revision{6});
  history.keep("three");
  return history;
}

TEST_CASE("a room's position moves with its messages and its changes") {
  auto history = history_after_three();
  CHECK(history.position() == room_position{remembered_room, sequence{3}, revision{6}});
  history.move_to(sequence{1}, revision{7}); // an edit
  CHECK(history.last_seq() == sequence{3});
  CHECK(history.last_rev() == revision{7});
}

TEST_CASE("the newest messages lie behind a position that is never before the first") {
  const auto history = history_after_three();
  CHECK(history.before_newest(0) == sequence{3});
  CHECK(history.before_newest(2) == sequence{1});
  CHECK(history.before_newest(50) == sequence{0});
}

TEST_CASE("a room keeps what it told, and knows what it has not") {
  auto history = history_after_three();
  CHECK(history.covers(sequence{2}));
  CHECK_FALSE(history.covers(sequence{1}));
  history.move_to(sequence{3}, revision{7});
  history.keep_change(sequence{3}, "three, edited");
  pages out{"two"};
  history.copy_after(sequence{2}, out);
  CHECK(out == pages{"two", "three, edited"});
  history.forget_before(sequence{4});
  CHECK_FALSE(history.covers(sequence{2}));
}

TEST_CASE("a room starts with a page from its log") {
  room_history history{remembered_room, sequence{2}, revision{5}};
  CHECK_FALSE(history.covers(sequence{0}));
  json_page page;
  page.messages = {"one", "two"};
  page.numbers = {sequence{1}, sequence{2}};
  page.revisions = {revision{1}, revision{5}};
  history.seed(page);
  CHECK(history.covers(sequence{0}));
  CHECK(newest_of(page) == revision{5});
  CHECK(newest_of(json_page{}) == revision{});
}

TEST_CASE("a page that was read before a change is brought up to date") {
  auto history = history_after_three();
  history.move_to(sequence{2}, revision{7});
  history.keep_change(sequence{2}, "two, edited");
  json_page page;
  page.messages = {"one", "two"};
  page.numbers = {sequence{1}, sequence{2}};
  page.revisions = {revision{1}, revision{5}};
  CHECK(history.bring_up_to_date(page, revision{6}));
  CHECK(page.messages == pages{"one", "two, edited"});
}

} // namespace
} // namespace hubbub::test
