// What every store must do: reading a room's log in pages.
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>
#include <limits>
#include <random>

using namespace hubbub;
using namespace hubbub::test;

namespace {

using numbers = std::vector<std::int64_t>;

message_range newest(room_id room, std::int64_t limit) {
  return {.room = room, .before = {}, .after = {}, .up_to = {}, .limit = limit};
}
message_range older(room_id room, std::int64_t before, std::int64_t limit) {
  auto range = newest(room, limit);
  range.before = sequence{before};
  return range;
}
message_range newer(room_id room, std::int64_t after, std::int64_t limit) {
  auto range = newest(room, limit);
  range.after = sequence{after};
  return range;
}

numbers count(std::int64_t first, std::int64_t last) {
  numbers all;
  for (auto each = first; each <= last; ++each)
    all.push_back(each);
  return all;
}

/// What a range means, said as slowly as possible.
std::pair<numbers, bool> expected_page(const message_range& range, std::int64_t last) {
  numbers matching;
  for (const auto seq : count(1, last)) {
    if (range.before && seq >= range.before->value) continue;
    if (range.after && seq <= range.after->value) continue;
    if (range.up_to && seq > range.up_to->value) continue;
    matching.push_back(seq);
  }
  const bool more = std::ssize(matching) > range.limit;
  const auto surplus = more ? std::ssize(matching) - range.limit : 0;
  if (range.after) return {numbers(matching.begin(), matching.end() - surplus), more};
  return {numbers(matching.begin() + surplus, matching.end()), more};
}

} // namespace

TEMPLATE_TEST_CASE("pages go in both directions and always rise", "", memory_backend,
                   sqlite_backend) {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 10);

  CHECK(seqs(db.page(newest(room, 3)).messages) == numbers{8, 9, 10});
  CHECK(seqs(db.page(older(room, 8, 3)).messages) == numbers{5, 6, 7});
  CHECK(seqs(db.page(newer(room, 3, 3)).messages) == numbers{4, 5, 6});
  auto between = newer(room, 3, 2);
  between.before = sequence{7};
  CHECK(seqs(db.page(between).messages) == numbers{4, 5});
  auto hidden = newest(room, 3);
  hidden.up_to = sequence{6};
  CHECK(seqs(db.page(hidden).messages) == numbers{4, 5, 6});
}

TEMPLATE_TEST_CASE("has_more is exact in the direction walked", "", memory_backend,
                   sqlite_backend) {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 10);

  CHECK(db.page(newest(room, 9)).has_more);
  CHECK_FALSE(db.page(newest(room, 10)).has_more);
  CHECK(db.page(older(room, 5, 3)).has_more);
  CHECK_FALSE(db.page(older(room, 5, 4)).has_more);
  CHECK(db.page(newer(room, 5, 4)).has_more);
  CHECK_FALSE(db.page(newer(room, 5, 5)).has_more);
  auto between = newer(room, 3, 3);
  between.before = sequence{7};
  CHECK_FALSE(db.page(between).has_more);
  auto hidden = newer(room, 3, 3);
  hidden.up_to = sequence{6};
  CHECK_FALSE(db.page(hidden).has_more);
}

TEMPLATE_TEST_CASE("a room without messages has an empty page, no room has none", "",
                   memory_backend, sqlite_backend) {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(db.create("neighbour"), 3);

  CHECK(db.page(newest(room, 10)).messages.empty());
  CHECK_FALSE(db.page(newest(room, 10)).has_more);
  CHECK(db.reader().read_messages(newest(room_id{99}, 10)).error() ==
        store_error::no_such_room);
}

TEMPLATE_TEST_CASE("numbers beyond either end are not an error", "", memory_backend,
                   sqlite_backend) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 3);

  CHECK(seqs(db.page(older(room, most, 10)).messages) == numbers{1, 2, 3});
  CHECK(seqs(db.page(newer(room, least, 10)).messages) == numbers{1, 2, 3});
  CHECK(seqs(db.page(newest(room, most)).messages) == numbers{1, 2, 3});
  CHECK(db.page(older(room, least, 10)).messages.empty());
  CHECK(db.page(newer(room, most, 10)).messages.empty());
  CHECK(db.page(newest(room, 0)).messages.empty());
  CHECK(db.page(newest(room, 0)).has_more);
  CHECK(db.page(newest(room, least)).messages.empty());
  auto crossed = newer(room, 3, 10);
  crossed.before = sequence{1};
  CHECK(db.page(crossed).messages.empty());
  CHECK_FALSE(db.page(crossed).has_more);
  auto all = newest(room, 10);
  all.up_to = sequence{most};
  CHECK(seqs(db.page(all).messages) == numbers{1, 2, 3});
  all.up_to = sequence{least};
  CHECK(db.page(all).messages.empty());
}

TEMPLATE_TEST_CASE("any range gives what its description says", "", memory_backend,
                   sqlite_backend) {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  constexpr std::int64_t last = 40;
  db.fill(room, last);
  std::mt19937 random{20240229};
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random);
  };
  const auto maybe = [&] {
    return draw(0, 1) ? std::optional{sequence{draw(-2, last + 3)}} : std::nullopt;
  };

  for (int round = 0; round < 2000; ++round) {
    const message_range range{.room = room,
                              .before = maybe(),
                              .after = maybe(),
                              .up_to = maybe(),
                              .limit = draw(1, last + 2)};
    const auto [messages, more] = expected_page(range, last);
    const auto page = db.page(range);
    CAPTURE(round, range.before.value_or(sequence{-9}).value,
            range.after.value_or(sequence{-9}).value, range.up_to.value_or(sequence{-9}).value,
            range.limit);
    REQUIRE(seqs(page.messages) == messages);
    REQUIRE(page.has_more == more);
  }
}

TEMPLATE_TEST_CASE("any walk of pages gives each message once while others write", "",
                   memory_backend, sqlite_backend) {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto noise = db.create("noise");
  std::int64_t last = 60;
  db.fill(room, static_cast<int>(last));
  std::mt19937 random{7};
  const auto limit = [&] { return std::uniform_int_distribution<std::int64_t>{1, 25}(random); };

  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    const auto start = last;
    // Back from the newest: what is written meanwhile is not part of the walk.
    numbers back;
    auto page = db.page(newest(room, limit()));
    for (;;) {
      auto part = seqs(page.messages);
      back.insert(back.begin(), part.begin(), part.end());
      db.fill(room, 1);
      db.fill(noise, 2);
      ++last;
      if (!page.has_more) break;
      page = db.page(older(room, back.front(), limit()));
    }
    REQUIRE(back == count(1, start));

    // Forward from the oldest, up to the end of the log at the beginning of the walk.
    numbers forward;
    const auto end = last;
    do {
      auto range = newer(room, forward.empty() ? 0 : forward.back(), limit());
      range.up_to = sequence{end};
      page = db.page(range);
      const auto part = seqs(page.messages);
      forward.insert(forward.end(), part.begin(), part.end());
      db.fill(room, 1);
      ++last;
    } while (page.has_more);
    REQUIRE(forward == count(1, end));
  }
}
