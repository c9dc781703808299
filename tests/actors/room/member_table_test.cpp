#include "actors/room/member_table.hpp"
#include "tests/support/catch.hpp"

#include <memory>
#include <string>

namespace hubbub {
namespace {

user_ptr named(const std::string& name) {
  return std::make_shared<const user>(user{name, "the " + name});
}

TEST_CASE("a user is in the room as long as one session is") {
  member_table members;
  CHECK(members.add({0, 1}, named("ann")));
  CHECK(members.add({1, 2}, named("ann")));
  CHECK(members.total() == 1);
  REQUIRE(members.find("ann"));
  CHECK(members.find("ann")->sessions.size() == 2);

  CHECK(members.remove({0, 1}));
  CHECK(members.find("ann"));
  CHECK(members.remove({1, 2}).value()->user_id == "ann");
  CHECK_FALSE(members.find("ann"));
  CHECK(members.empty());
}

TEST_CASE("a session joins once and leaves once") {
  member_table members;
  CHECK(members.add({0, 1}, named("ann")));
  CHECK_FALSE(members.add({0, 1}, named("ann")));
  CHECK(members.on_thread(0) == 1);
  CHECK(members.remove({0, 1}));
  CHECK_FALSE(members.remove({0, 1}));
  CHECK(members.on_thread(0) == 0);
}

TEST_CASE("sessions are counted by thread, whatever the thread's number") {
  member_table members;
  members.add({3, 1}, named("ann"));
  members.add({3, 2}, named("ben"));
  CHECK(members.on_thread(3) == 2);
  CHECK(members.on_thread(0) == 0);
  CHECK(members.on_thread(4) == 0);
  CHECK(members.contains({3, 2}));
  CHECK_FALSE(members.contains({2, 2}));
}

TEST_CASE("an observer counts on its thread, and nowhere else") {
  member_table members;
  CHECK(members.observe({1, 7}));
  CHECK_FALSE(members.observe({1, 7}));
  CHECK(members.on_thread(1) == 1);
  CHECK(members.empty());
  CHECK(members.total() == 0);
  CHECK_FALSE(members.contains({1, 7}));
  CHECK(members.unobserve({1, 7}));
  CHECK_FALSE(members.unobserve({1, 7}));
  CHECK(members.on_thread(1) == 0);
}

TEST_CASE("members are paged by user_id") {
  member_table members;
  members.add({0, 3}, named("cid"));
  members.add({0, 1}, named("ann"));
  members.add({0, 2}, named("ben"));
  members.add({0, 4}, named("ben"));

  const auto first = members.page(std::nullopt, 2);
  CHECK(first.members == std::vector<member>{{"ann", "the ann", 1}, {"ben", "the ben", 2}});
  CHECK(first.members_total == 3);
  CHECK(first.next == "ben");

  const auto second = members.page(first.next, 2);
  CHECK(second.members == std::vector<member>{{"cid", "the cid", 1}});
  CHECK(second.next.empty());

  CHECK(members.page("bea", 1).members.front().user_id == "ben"); // between two users
  CHECK(members.page("zoe", 1).members.empty());
  CHECK(members.page(std::nullopt, 3).next.empty());
}

TEST_CASE("those on all other nodes are dropped at once, and who is here too has not left") {
  member_table members;
  members.add({0, 1}, named("ann"));
  for (const auto* user : {"ann", "ben"})
    (void)members.put_elsewhere({1, {room_id{1}, user, user, 1}});
  (void)members.put_elsewhere({2, {room_id{1}, "ben", "ben", 2}});
  CHECK(members.total() == 2);
  CHECK(members.connections_elsewhere("ben") == 3);
  CHECK(members.connections_elsewhere("cid") == 0);
  const auto went = members.drop_all_elsewhere();
  REQUIRE(went.size() == 1);
  CHECK(went.front().user_id == "ben");
  CHECK(members.total() == 1);
  CHECK(members.page(std::nullopt, 9).members.front().connections == 1);
  CHECK(members.drop_all_elsewhere().empty());
}

/// Returns the first members as they would be written anew.
std::string written(const member_table& members) {
  std::string items;
  for (const auto& each : members.page(std::nullopt, max_join_members).members) {
    if (!items.empty()) items += ',';
    append_member(items, each);
  }
  return items;
}

TEST_CASE("the first members are shown as they are, in a crowd and on several nodes") {
  member_table members;
  const auto is_right = [&members] { return members.first_json() == written(members); };
  for (std::uint64_t i = 0; i < 300; ++i) {
    members.add({0, i}, named(std::to_string(i)));
    REQUIRE(is_right());
  }
  members.add({0, 300}, named("1"));
  CHECK(is_right());
  members.renew({0, 300}, std::make_shared<const user>(user{"1", "another name"}));
  CHECK(is_right());
  members.remove({0, 300});
  CHECK(is_right());
  members.remove({0, 1});
  CHECK(is_right());

  members.put_elsewhere({1, {room_id{1}, "2", "the 2", 3, leave_reason::leave}});
  CHECK(is_right());
  members.add({0, 400}, named("2"));
  CHECK(is_right());
  members.remove({0, 400});
  members.remove({0, 2});
  CHECK(is_right());
  CHECK(members.drop_elsewhere(1, "2"));
  CHECK(is_right());
  members.put_elsewhere({1, {room_id{1}, "2", "the 2", 3, leave_reason::leave}});
  CHECK(is_right());
  CHECK(members.drop_all_elsewhere().size() == 1);
  CHECK(is_right());
}

TEST_CASE("each member is one of the first or shown by itself") {
  member_table members;
  CHECK(members.first_json().empty());
  CHECK(members.json_beyond_first("0").empty());
  for (std::uint64_t i = 0; i < 205; ++i) {
    const auto name = std::to_string(i);
    members.add({0, i}, named(name));
    std::string item;
    append_member(item, {name, members.find(name)->who->username, 1});
    const bool is_first = members.first_json().find(item) != std::string_view::npos;
    CHECK(members.json_beyond_first(name) == (is_first ? std::string{} : item));
    CHECK((is_first || i >= max_join_members));
  }
  // By their ids the last of them are no members of the first 200.
  CHECK_FALSE(members.json_beyond_first("99").empty());
  members.remove({0, 1});
  (void)members.first_json();
  CHECK_FALSE(members.json_beyond_first("99").empty());
  for (std::uint64_t i = 100; i < 105; ++i)
    members.remove({0, i});
  (void)members.first_json();
  CHECK(members.json_beyond_first("99").empty());
}

TEST_CASE("observers are told what happens") {
  member_table members;
  CHECK(members.receivers() == 0);
  members.add({1, 1}, named("ann"));
  members.observe({2, 1});
  CHECK(members.receivers() == 2);
  members.remove({1, 1});
  CHECK(members.receivers() == 1);
}

} // namespace
} // namespace hubbub
