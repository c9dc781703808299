#include "actors/room/first_members.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace hubbub {
namespace {

constexpr std::size_t most_shown = 20;

std::string id_of(int number) {
  return "u" + std::to_string(1'000 + number);
}

/// A room's members, in the order of their ids, and what is shown of them.
struct shown_room {
  std::map<std::string, member> members;
  first_members text{most_shown};

  void put(int number, std::int64_t connections = 1) {
    const member who{id_of(number), "the " + id_of(number), connections};
    members[who.user_id] = who;
    text.put(who);
  }
  void drop(int number) {
    members.erase(id_of(number));
    text.drop(id_of(number));
  }
  [[nodiscard]] std::vector<member> first() const {
    std::vector<member> all;
    for (const auto& [id, each] : members)
      if (all.size() < most_shown) all.push_back(each);
    return all;
  }
  /// Returns the text as it would be written anew.
  [[nodiscard]] std::string anew() const {
    std::string items;
    for (const auto& each : first()) {
      if (!items.empty()) items += ',';
      append_member(items, each);
    }
    return items;
  }
  std::string show() {
    if (!text.is_kept()) text.show(first(), members.size() <= most_shown);
    return std::string{text.items()};
  }
};

} // namespace

TEST_CASE("the members of a small room are written anew each time") {
  shown_room room;
  CHECK(room.show().empty());
  room.put(1);
  room.put(2);
  CHECK(room.show() == R"({"user_id":"u1001","username":"the u1001","connections":1},)"
                       R"({"user_id":"u1002","username":"the u1002","connections":1})");
  CHECK_FALSE(room.text.is_kept());
}

TEST_CASE("the text of a crowded room changes by one member at a time") {
  shown_room room;
  for (int i = 0; i < 40; i += 2)
    room.put(i);
  CHECK(room.show() == room.anew());
  REQUIRE(room.text.is_kept());

  room.put(7); // the last of the twenty is not shown any more
  room.put(99);
  room.put(8, 12);
  CHECK(room.text.is_kept());
  CHECK(room.show() == room.anew());

  room.drop(99); // of whom nothing is shown
  CHECK(room.text.is_kept());
  room.drop(8); // somebody else moves up, who is not known
  CHECK_FALSE(room.text.is_kept());
  CHECK(room.show() == room.anew());
}

TEST_CASE("a text that holds all members shows one fewer when one leaves") {
  shown_room room;
  for (int i = 0; i < 17; ++i)
    room.put(i);
  room.show();
  for (const int each : {0, 16, 8}) {
    room.drop(each);
    CHECK(room.text.is_kept());
    CHECK(room.show() == room.anew());
  }
}

TEST_CASE("whatever happens to a room, its text is what would be written anew") {
  std::mt19937 random{20'261'130};
  shown_room room;
  bool was_kept = false;
  for (int step = 0; step < 20'000; ++step) {
    const auto number = static_cast<int>(random() % 30);
    if (random() % 5 < 3)
      room.put(number, 1 + static_cast<std::int64_t>(random() % 3));
    else
      room.drop(number);
    was_kept = was_kept || room.text.is_kept();
    if (random() % 3 == 0) REQUIRE(room.show() == room.anew());
  }
  CHECK(was_kept);
}

} // namespace hubbub
