#include "actors/bus/bus_posts.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

constexpr bus_origin three{3, 77};

message entry(std::int64_t room, std::int64_t seq, std::int64_t rev) {
  message made;
  made.id = message_id{rev};
  made.room = room_id{room};
  made.seq = sequence{seq};
  made.rev = revision{rev};
  made.user_id = "ann";
  made.username = "Ann";
  made.content = "text";
  return made;
}
message edited(message what) {
  what.edited_at = timestamp{1};
  return what;
}

bus_log log_of(const bus_post& post) {
  const auto read = decode_bus_message(post.text);
  REQUIRE(read);
  CHECK(read->from == three);
  const auto log = std::get<bus_log>(read->what);
  CHECK(log.room == post.room);
  return log;
}

TEST_CASE("a batch becomes one post for each room, with what it added to its log") {
  const std::vector<write_outcome> outcomes{
      appended{entry(1, 5, 8)},
      appended{entry(2, 1, 1)},
      appended{entry(1, 3, 3), true}, // a repeat adds nothing
      store_error::busy,
      noted{},
      changed{edited(entry(1, 2, 9))},
      changed{entry(1, 2, 9), true},
      appended{entry(1, 6, 10)},
  };
  const auto posts = posts_of(outcomes, three);
  REQUIRE(posts.size() == 2);
  const auto first = log_of(posts[0]);
  CHECK(first.from == revision{7});
  CHECK(first.to == revision{10});
  CHECK(first.entries == std::vector{entry(1, 5, 8), edited(entry(1, 2, 9)), entry(1, 6, 10)});
  CHECK(log_of(posts[1]).entries == std::vector{entry(2, 1, 1)});
  CHECK(posts_of({}, three).empty());
}

TEST_CASE("an order is told without contents, and what follows it in a post of its own") {
  room_order order;
  order.room = room_id{1};
  order.rev = revision{9};
  const std::vector<write_outcome> outcomes{
      appended{entry(1, 5, 8)}, order, appended{entry(1, 6, 10)}, appended{entry(1, 7, 11)}};
  const auto posts = posts_of(outcomes, three);
  REQUIRE(posts.size() == 3);
  CHECK(log_of(posts[0]).entries == std::vector{entry(1, 5, 8)});
  const auto alone = log_of(posts[1]);
  CHECK(alone.from == revision{8});
  CHECK(alone.to == revision{9});
  CHECK(alone.entries.empty());
  CHECK(log_of(posts[2]).entries == std::vector{entry(1, 6, 10), entry(1, 7, 11)});
}

TEST_CASE("a run that is too long for one message goes in several, with all its entries") {
  std::vector<write_outcome> outcomes;
  for (int i = 1; i <= 100; ++i) {
    auto each = entry(1, i, i);
    each.content = std::string(150, 'x');
    outcomes.emplace_back(appended{each});
  }
  const auto posts = posts_of(outcomes, three);
  CHECK(posts.size() > 1);
  std::int64_t at = 0;
  for (const auto& post : posts) {
    const auto log = log_of(post);
    CHECK(log.from == revision{at});
    CHECK(std::ssize(log.entries) == log.to.value - at);
    at = log.to.value;
  }
  CHECK(at == 100);
}

TEST_CASE("entries of one room that do not follow one another go in posts of their own") {
  const auto posts = posts_of(
      std::vector<write_outcome>{appended{entry(1, 5, 8)}, appended{entry(1, 6, 11)}}, three);
  REQUIRE(posts.size() == 2);
  CHECK(log_of(posts[0]).to == revision{8});
  CHECK(log_of(posts[1]).from == revision{10});
}

TEST_CASE("a room is told which entries of another node are new messages") {
  const auto news =
      news_of({room_id{1}, revision{7}, revision{9}, {entry(1, 5, 8), edited(entry(1, 2, 9))}});
  CHECK(news.from == revision{7});
  CHECK(news.part.up_to == room_position{room_id{1}, sequence{5}, revision{9}});
  REQUIRE(news.part.entries.size() == 2);
  CHECK(news.part.entries[0].is_new);
  CHECK(news.part.entries[0].after == revision{8});
  CHECK_FALSE(news.part.entries[1].is_new);
}

TEST_CASE("what the bus has yet to take is bounded, and what is dropped is counted") {
  std::vector<bus_posts> sent;
  std::vector<std::function<void()>> taken;
  bus_outlet outlet{three, [&](bus_posts posts, std::function<void()> done) {
                      sent.push_back(std::move(posts));
                      taken.push_back(std::move(done));
                    }};
  std::vector<write_outcome> batch;
  for (std::int64_t i = 1; i <= 1'000; ++i)
    batch.emplace_back(appended{entry(i, 1, 1)});
  std::size_t bytes = 0;
  for (const auto& each : posts_of(batch, three))
    bytes += each.text.size() + 100;
  const auto fit = bus_outlet::max_waiting / bytes;
  for (std::size_t i = 0; i < fit + 2; ++i) {
    outlet.keep(batch);
    outlet.send();
  }
  CHECK(sent.size() == fit);
  taken.front()();
  outlet.keep(batch);
  outlet.send();
  REQUIRE(sent.size() == fit + 1);
  CHECK(sent.back().dropped == 2'000);
  // Without anything that was committed nothing is sent.
  outlet.keep({});
  outlet.send();
  CHECK(sent.size() == fit + 1);
}

} // namespace
} // namespace hubbub::test
