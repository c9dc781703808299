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

/// The meaning of a range, computed in the simplest way.
struct expectation {
  numbers page;
  bool has_more = false;
  bool has_more_before = false;
};

bool matches(const message_range& range, const message& each) {
  if (range.before && each.seq >= *range.before) return false;
  if (range.after && each.seq <= *range.after) return false;
  if (range.up_to && each.seq > *range.up_to) return false;
  if (range.user_id && each.user_id != *range.user_id) return false;
  if (range.from && each.created_at < *range.from) return false;
  return !range.until || each.created_at < *range.until;
}

expectation expected_page(const message_range& range, const std::vector<message>& log) {
  numbers matching;
  std::ptrdiff_t before_middle = 0;
  for (const auto& each : log) {
    if (!matches(range, each)) continue;
    if (range.around && each.seq < *range.around) ++before_middle;
    matching.push_back(each.seq.value);
  }
  const auto all = std::ssize(matching);
  const auto taken = std::min<std::ptrdiff_t>(range.limit, all);
  std::ptrdiff_t first = range.after ? 0 : all - taken;
  if (range.around)
    first = std::clamp<std::ptrdiff_t>(before_middle - (range.limit - 1) / 2, 0, all - taken);
  expectation page{numbers(matching.begin() + first, matching.begin() + first + taken)};
  const bool older = first > 0;
  const bool newer = first + taken < all;
  page.has_more = range.around || range.after ? newer : older;
  page.has_more_before = range.around && older;
  return page;
}

} // namespace

STORE_TEST_CASE("pages go in both directions and always rise") {
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

STORE_TEST_CASE("has_more is exact in the direction walked") {
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

STORE_TEST_CASE("a room without messages has an empty page, no room has none") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(db.create("neighbour"), 3);

  CHECK(db.page(newest(room, 10)).messages.empty());
  CHECK_FALSE(db.page(newest(room, 10)).has_more);
  CHECK(db.reader().read_messages(newest(room_id{99}, 10)).error() ==
        store_error::no_such_room);
}

STORE_TEST_CASE("what is looked for may hold a NUL, which no stored text has") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 3);
  for (const auto& odd :
       {std::string(1, '\0'), std::string("ann\0", 4), std::string("\0a", 2)}) {
    for (const auto& asked : {newest(room, 10), newer(room, 1, 10)}) {
      auto range = asked;
      range.user_id = odd;
      const auto page = db.page(range);
      CHECK(page.messages.empty());
      CHECK_FALSE(page.has_more);
    }
    const auto found = db.reader().find_room(odd);
    REQUIRE_FALSE(found);
    CHECK(found.error() == store_error::no_such_room);
    CHECK(db.reader().standing_of(room, odd, now));
    const auto markers = db.reader().read_markers(odd, std::vector{room});
    REQUIRE(markers);
    CHECK(markers->front().seq == sequence{0});
    room_viewer viewer;
    viewer.user_id = odd;
    CHECK(db.reader().list_rooms(room_id{0}, "", 10, viewer)->size() == 1);
    viewer.patterns = {odd};
    CHECK(db.reader().list_rooms(room_id{0}, "", 10, viewer)->empty());
    CHECK(db.reader().list_rooms(room_id{0}, odd, 10, {}));
  }
}

STORE_TEST_CASE("numbers beyond either end are not an error") {
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

STORE_TEST_CASE("around a message there is as much on either side as fills the page") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 10);
  const auto around = [&](std::int64_t seq, std::int64_t limit) {
    auto range = newest(room, limit);
    range.around = sequence{seq};
    return db.page(range);
  };
  CHECK(seqs(around(5, 3).messages) == numbers{4, 5, 6});
  CHECK(seqs(around(5, 4).messages) == numbers{4, 5, 6, 7});
  CHECK(around(5, 4).has_more);
  CHECK(around(5, 4).has_more_before);
  CHECK(seqs(around(1, 3).messages) == numbers{1, 2, 3});
  CHECK_FALSE(around(1, 3).has_more_before);
  CHECK(seqs(around(10, 3).messages) == numbers{8, 9, 10});
  CHECK_FALSE(around(10, 3).has_more);
  CHECK(seqs(around(5, 1).messages) == numbers{5});
  CHECK(seqs(around(99, 2).messages) == numbers{9, 10});
  CHECK(seqs(around(-99, 2).messages) == numbers{1, 2});
  CHECK(around(5, 0).messages.empty());
  CHECK(around(5, 0).has_more);
  CHECK(around(5, 0).has_more_before);
}

STORE_TEST_CASE("any range gives what its description says") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  constexpr std::int64_t last = 150; // more than two blocks of a user
  std::mt19937 random{20240229};
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random);
  };
  // The time advances, and is set back now and then.
  timestamp at = now;
  for (std::int64_t i = 0; i < last; ++i) {
    at.value += draw(0, 5) ? draw(0, 9) : -draw(0, 60);
    std::ignore = db.append(say(room, draw(0, 2) ? "ann" : "bob", "x"), at);
  }
  const auto log = db.log(room);
  const auto maybe = [&] {
    return draw(0, 2) ? std::nullopt : std::optional{sequence{draw(-2, last + 3)}};
  };
  const auto some_time = [&] {
    return draw(0, 3) ? std::nullopt : std::optional{timestamp{now.value + draw(-300, 220)}};
  };

  for (int round = 0; round < 5000; ++round) {
    const message_range range{.room = room,
                              .before = maybe(),
                              .after = maybe(),
                              .up_to = maybe(),
                              .around = maybe(),
                              .limit = draw(1, last + 2),
                              .user_id =
                                  draw(0, 3) ? std::nullopt : std::optional<std::string>{"bob"},
                              .from = some_time(),
                              .until = some_time()};
    const auto expected = expected_page(range, log);
    const auto page = db.page(range);
    const auto number = [](const auto& value) { return value ? value->value : -99; };
    CAPTURE(round, number(range.before), number(range.after), number(range.up_to),
            number(range.around), range.limit, range.user_id.value_or("all"),
            number(range.from), number(range.until));
    REQUIRE(seqs(page.messages) == expected.page);
    REQUIRE(page.has_more == expected.has_more);
    REQUIRE(page.has_more_before == expected.has_more_before);
  }
}

STORE_TEST_CASE("any walk of pages gives each message once while others write") {
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
    // Backwards from the newest message: what is written meanwhile is not part of the walk.
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

    // Forwards from the oldest message, up to the end of the log at the beginning of the walk.
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
