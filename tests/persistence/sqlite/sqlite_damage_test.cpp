// A database that is damaged behind the server's back.
#include "tests/persistence/store_fixture.hpp"

#include <fstream>
#include <iterator>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr std::size_t page_bytes = 4096;

/// Overwrites the page that holds `text`, in a database that is closed.
void damage_page_with(const std::string& path, const std::string& text) {
  std::ifstream input{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{input}, {}};
  const auto found = bytes.find(text);
  REQUIRE(found != std::string::npos);
  const auto begin = found / page_bytes * page_bytes;
  REQUIRE(begin > 0);
  bytes.replace(begin, page_bytes, std::string(page_bytes, '\x55'));
  std::ofstream{path, std::ios::binary} << bytes;
}

/// A room of 2,000 messages, some of which cannot be read.
struct damaged_database {
  sqlite_backend backend;
  room_id room;

  damaged_database() {
    {
      opened db{backend.config()};
      room = db.create("tea");
      std::vector<write_op> ops;
      for (int i = 1; i <= 2000; ++i)
        ops.emplace_back(say(room, "ann", "<message " + std::to_string(i) + ">"));
      std::ignore = db.writer().commit(ops, now);
    }
    damage_page_with(backend.config().path, "<message 1500>");
  }
  [[nodiscard]] message_range from(std::int64_t seq) const {
    return {.room = room, .after = sequence{seq - 1}, .limit = 20};
  }
};

} // namespace

TEST_CASE("who reads a damaged page is told, who reads another is served") {
  damaged_database damaged;
  opened db{damaged.backend.config()};
  CHECK(db.reader().read_messages(damaged.from(1490)).error() == store_error::corrupt);
  CHECK(db.page(damaged.from(1)).messages.size() == 20);
  CHECK(db.page(damaged.from(1900)).messages.size() == 20);
  CHECK(db.reader().find_room(damaged.room)->last_seq == sequence{2000});
}

TEST_CASE("a room with impossible counters counts as damaged, and gets no more messages") {
  const std::string counter = GENERATE("first_seq", "last_seq", "last_rev", "clock_back_ms");
  const auto value = GENERATE("-1", "-9223372036854775808", "9223372036854775807");
  CAPTURE(counter, value);
  sqlite_backend backend;
  room_id room;
  {
    opened db{backend.config()};
    room = db.create("tea");
    db.fill(room, 3);
  }
  {
    auto raw = sqlite::database::open(backend.config().path, sqlite::access::read_write, 0);
    REQUIRE(raw);
    REQUIRE(raw->run("UPDATE rooms SET " + counter + " = " + value));
  }
  opened db{backend.config()};
  if (counter != "clock_back_ms") {
    CHECK(db.reader().find_room(room).error() == store_error::corrupt);
    CHECK(db.reader().list_rooms({}, "", 10, {.sees_all = true}).error() ==
          store_error::corrupt);
  }
  if (counter != "last_rev")
    CHECK(db.reader().read_messages({.room = room, .from = now, .until = now}).error() ==
          store_error::corrupt);
  if (counter != "first_seq")
    CHECK(failed_with(db.write(say(room, "ann", "x")), store_error::corrupt));
  CHECK(db.page({.room = room, .after = sequence{0}}).messages.size() == 3);
}

TEST_CASE("a writer that meets damage writes nothing more") {
  damaged_database damaged;
  opened db{damaged.backend.config()};
  const auto edit = [&](std::int64_t seq) {
    return db.write(op::edit_message{damaged.room, sequence{seq}, "ann", "edited"});
  };
  CHECK(std::holds_alternative<changed>(edit(1900)));
  CHECK(failed_with(edit(1500), store_error::corrupt));
  CHECK(failed_with(edit(1900), store_error::corrupt));
  CHECK(failed_with(db.write(say(damaged.room, "ann", "x")), store_error::corrupt));
  CHECK(failed_with(db.write(op::create_room{"cake"}), store_error::corrupt));
  CHECK_FALSE(db.writer().purge(now));
  CHECK(db.page(damaged.from(1900)).messages.size() == 20);
}
