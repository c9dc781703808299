#include "actors/room/standing_table.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace hubbub::test {
namespace {

constexpr timestamp now{100};

standing of(standing_kind kind, std::string user,
            std::optional<timestamp> until = std::nullopt) {
  return {kind, std::move(user), "ann", now, until};
}

std::vector<std::string> names(const standings_page& page) {
  std::vector<std::string> all;
  for (const auto& each : page.standings)
    all.push_back(each.user_id);
  return all;
}

using list = std::vector<std::string>;

} // namespace

TEST_CASE("a table knows each user's standings, until they run out") {
  standing_table table{{of(standing_kind::member, "bob"),
                        of(standing_kind::mute, "bob", timestamp{101}),
                        of(standing_kind::ban, "eve")}};
  CHECK(table.size() == 3);
  CHECK(table.of("bob", now) == user_standing{.member = true, .muted = true});
  CHECK(table.of("bob", timestamp{101}) == user_standing{.member = true});
  CHECK(table.of("eve", now) == user_standing{.banned = true});
  CHECK(table.of("ann", now) == user_standing{});

  table.set(of(standing_kind::mute, "bob")); // said anew
  CHECK(table.size() == 3);
  CHECK(table.of("bob", timestamp{101}).muted);
  table.drop(standing_kind::mute, "bob");
  table.drop(standing_kind::mute, "nobody");
  CHECK_FALSE(table.of("bob", now).muted);
  CHECK(table.contains(standing_kind::member, "bob"));
  CHECK_FALSE(table.contains(standing_kind::ban, "bob"));
}

TEST_CASE("what has run out can be forgotten") {
  standing_table table{{of(standing_kind::ban, "a", timestamp{99}), of(standing_kind::ban, "b"),
                        of(standing_kind::ban, "c", timestamp{101})}};
  table.forget_expired(now);
  CHECK(table.size() == 2);
  CHECK_FALSE(table.empty());
  CHECK(standing_table{}.empty());
}

TEST_CASE("pages of a list are exact and leave out what has run out") {
  standing_table table;
  for (const auto* user : {"e", "a", "c", "b", "d"})
    table.set(of(standing_kind::ban, user, *user == 'b' ? std::optional{now} : std::nullopt));
  table.set(of(standing_kind::mute, "x"));
  const auto first = table.page(standing_kind::ban, std::nullopt, 2, now);
  CHECK(names(first) == list{"a", "c"});
  CHECK(first.next == "c");
  const auto second = table.page(standing_kind::ban, first.next, 2, now);
  CHECK(names(second) == list{"d", "e"});
  CHECK(second.next.empty());
  CHECK(table.page(standing_kind::ban, "e", 2, now).standings.empty());
  CHECK(table.page(standing_kind::member, std::nullopt, 2, now).standings.empty());
  table.set(of(standing_kind::mute, "y", now));
  CHECK(table.page(standing_kind::mute, std::nullopt, 1, now).next.empty());
}

} // namespace hubbub::test
