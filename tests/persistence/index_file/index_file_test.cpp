#include "persistence/index_file/index_file.hpp"
#include "persistence/index_file/index_matches.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <fstream>

using namespace hubbub;
using namespace hubbub::test;

namespace {

std::unique_ptr<index_file> open_index(const std::string& path,
                                       const std::string& origin = "here") {
  auto opened = index_file::open(path, origin);
  REQUIRE(opened);
  return *std::move(opened);
}

indexed_entry entry(std::int64_t id, const std::string& content, std::int64_t rev = 1) {
  return {.id = message_id{id},
          .room = room_id{id % 3},
          .seq = sequence{id},
          .rev = revision{rev},
          .user_id = "ann",
          .content = content};
}

void put(index_file& index, const std::vector<indexed_entry>& entries) {
  auto cursor = *index.cursor();
  cursor.next.number += 1;
  index_file::change change{index};
  REQUIRE(change.begin());
  for (const auto& each : entries)
    REQUIRE(change.put(each));
  REQUIRE(*change.commit(cursor));
}

std::vector<query_phrase> phrases_of(const std::string& text) {
  tokenizer words;
  return read_query(words, text);
}

std::vector<std::int64_t> found(index_file& index, const std::string& word) {
  const auto phrases = phrases_of(word + ' ');
  const auto matches = index_matches{index}.best({.phrases = phrases,
                                                  .room = std::nullopt,
                                                  .user_id = std::nullopt,
                                                  .offset = 0,
                                                  .limit = 100});
  REQUIRE(matches);
  std::vector<std::int64_t> ids;
  for (const auto& each : *matches)
    ids.push_back(each.id.value);
  return ids;
}

using numbers = std::vector<std::int64_t>;

} // namespace

TEST_CASE("an index keeps its words and its cursor over a restart") {
  const temporary_folder folder;
  const auto path = folder.file("search.db");
  {
    const auto index = open_index(path);
    CHECK(index->is_new());
    CHECK(index->cursor()->next == log_cursor::transaction{});
    index_file::change change{*index};
    REQUIRE(change.begin());
    REQUIRE(change.put(entry(1, "green tea")));
    REQUIRE(*change.commit(
        {.next = {.number = 7, .taken = 1}, .running = {{3, 0}, {5, 2}}, .step = 0}));
  }
  const auto index = open_index(path);
  CHECK_FALSE(index->is_new());
  const auto cursor = *index->cursor();
  CHECK(cursor.next == log_cursor::transaction{7, 1});
  CHECK(cursor.running == std::vector<log_cursor::transaction>{{3, 0}, {5, 2}});
  CHECK(cursor.step == 1);
  CHECK(found(*index, "tea") == numbers{1});
}

TEST_CASE("an index replaces and removes words") {
  const temporary_folder folder;
  const auto index = open_index(folder.file("search.db"));
  put(*index, {entry(1, "green tea"), entry(2, "green grass"), entry(4, "green frog")});
  put(*index, {entry(1, "black tea", 2), entry(2, "", 2)});
  put(*index, {entry(1, "black tea", 2)}); // once more
  CHECK(found(*index, "green") == numbers{4});
  CHECK(found(*index, "black") == numbers{1});
  index_file::change change{*index};
  REQUIRE(change.begin());
  CHECK(*change.remove_below(room_id{1}, sequence{5}, 1) == 1);
  CHECK(*change.remove_below(room_id{1}, sequence{5}, 9) == 1);
  CHECK(*change.remove_below(room_id{1}, sequence{5}, 9) == 0);
  REQUIRE(change.commit_removals(9));
  CHECK(found(*index, "green").empty());
  CHECK(found(*index, "black").empty());
  CHECK(*index->removals_cursor() == 9);
  REQUIRE(raw(folder.file("search.db")).value("SELECT count(*) FROM entries") == "1");
}

TEST_CASE("of two connections that feed an index one is told that it was overtaken") {
  const temporary_folder folder;
  const auto path = folder.file("search.db");
  const auto one = open_index(path);
  const auto other = open_index(path);
  const auto before = *one->cursor();
  put(*other, {entry(1, "tea")});
  {
    index_file::change change{*one};
    REQUIRE(change.begin());
    REQUIRE(change.put(entry(2, "tea")));
    CHECK_FALSE(*change.commit(before));
  }
  CHECK(found(*one, "tea") == numbers{1});
  put(*one, {entry(2, "tea")});
  CHECK(found(*other, "tea") == numbers{2, 1});
}

TEST_CASE("an index that does not fit is begun anew") {
  const temporary_folder folder;
  const auto path = folder.file("search.db");
  put(*open_index(path), {entry(1, "tea")});
  std::string origin = "here";
  SECTION("of another database") {
    origin = "there";
  }
  SECTION("of another tokenizer") {
    REQUIRE(raw(path).run("UPDATE origin SET made_by = 'another'"));
  }
  SECTION("of another version") {
    REQUIRE(raw(path).run("PRAGMA user_version = 99"));
  }
  SECTION("without a table") {
    REQUIRE(raw(path).run("DROP TABLE progress"));
  }
  SECTION("with a broken header") {
    std::ofstream{path, std::ios::binary | std::ios::in} << std::string(100, '\0');
  }
  const auto index = open_index(path, origin);
  CHECK(index->is_new());
  CHECK(found(*index, "tea").empty());
  put(*index, {entry(1, "tea")});
  CHECK(found(*index, "tea") == numbers{1});
}

TEST_CASE("what is no index is not taken for one") {
  const temporary_folder folder;
  const auto path = folder.file("search.db");
  CHECK(index_file::check_path(path));
  std::ofstream{path} << "";
  CHECK(index_file::check_path(path));
  SECTION("an index") {
    {
      const auto open = open_index(path);
      CHECK(index_file::check_path(path)); // as a server that was killed leaves it
    }
    CHECK(index_file::check_path(path));
  }
  SECTION("another database") {
    REQUIRE(raw(path).run("CREATE TABLE mine (x)"));
    CHECK_FALSE(index_file::check_path(path));
  }
  SECTION("a text") {
    std::ofstream{path} << "a diary";
    CHECK_FALSE(index_file::check_path(path));
  }
  SECTION("a folder") {
    CHECK_FALSE(index_file::check_path(folder.path().string()));
  }
}

TEST_CASE("the best matches of an index can be those of some rooms") {
  const temporary_folder folder;
  const auto index = open_index(folder.file("search.db"));
  put(*index, {entry(1, "tea"), entry(2, "tea"), entry(3, "milk"), entry(4, "tea tea")});
  index_matches matches{*index};
  const auto phrases = phrases_of("tea ");
  const ranked_question asked{phrases, std::nullopt, std::nullopt, 0, 9};
  auto in = *matches.rooms(asked);
  CHECK(in.rooms == std::vector{room_id{1}, room_id{2}});
  CHECK(in.oldest == message_id{1});
  in.rooms = {room_id{1}};
  const auto best = *matches.best_among(asked, in);
  REQUIRE(best.size() == 2);
  CHECK(best[0].id == message_id{4});
  CHECK(best[0].seq == sequence{4});
  in.rooms.clear();
  CHECK(matches.best_among(asked, in)->empty());
}
