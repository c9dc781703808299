#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_migrations.hpp"
#include "persistence/store.hpp"
#include "tests/persistence/temporary_folder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres_server.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {

inline constexpr timestamp now{1'700'000'000'000};
/// The room that a test creates first.
inline constexpr room_id first_room{1};
inline constexpr std::int64_t window_ms = 1000;

/// A place for a store under test; `config` is the same at every opening.
struct memory_backend {
  [[nodiscard]] store_config config() const {
    return {.path = ":memory:", .level = durability::full, .dedupe_window_ms = window_ms};
  }
};
struct sqlite_backend {
  temporary_folder folder;

  [[nodiscard]] store_config config() const {
    // Only the process dies in tests, never the machine.
    return {.path = folder.file("hubbub.db"),
            .level = durability::normal,
            .dedupe_window_ms = window_ms};
  }
};

/// A file of before schema version 12, whose messages lie in the order of room and `seq`.
struct older_sqlite_backend : sqlite_backend {
  older_sqlite_backend() {
    auto db = sqlite::database::open(config().path, sqlite::access::read_write, 0);
    REQUIRE(db);
    REQUIRE(sqlite::migrate(*db, sqlite::migrations()));
  }
};

/// A schema in a real PostgreSQL. The tests of this backend are one test of ctest, in the
/// release build, so that they share one server.
struct postgres_backend {
  postgres_schema schema;
  temporary_folder folder; ///< of the search index

  [[nodiscard]] store_config config() const {
    return {.path = schema.address(),
            .level = durability::normal,
            .dedupe_window_ms = window_ms,
            .search_index = folder.file("search.db")};
  }
};

/// Defines a test that every store must pass. The body opens the store under test by `TestType
/// backend; opened db{backend.config()};`.
#define STORE_TEST_CASE(name)                                                                  \
  TEMPLATE_TEST_CASE(name, "", memory_backend, sqlite_backend, older_sqlite_backend,           \
                     postgres_backend)

/// Defines a test of the SQLite store, for files with both orders of messages.
#define SQLITE_TEST_CASE(name)                                                                 \
  TEMPLATE_TEST_CASE(name, "", sqlite_backend, older_sqlite_backend)

/// Opens the database file directly, bypassing the store.
inline sqlite::database raw(const std::string& path) {
  auto db = sqlite::database::open(path, sqlite::access::read_write, 0);
  REQUIRE(db);
  return *std::move(db);
}

inline op::append_message say(room_id room, const std::string& user, std::string content,
                              std::optional<std::string> client_id = std::nullopt) {
  op::append_message op;
  op.room = room;
  op.user_id = user;
  op.username = "the " + user;
  op.content = std::move(content);
  op.client_id = std::move(client_id);
  return op;
}

inline op::append_message only_repeat(op::append_message op) {
  op.only_if_repeated = true;
  return op;
}

/// An opened store, its writer and a reader, with short forms of what tests do with them.
class opened {
 public:
  explicit opened(const store_config& config) {
    auto result = open_store(config);
    if (!result) FAIL(result.error());
    store_ = *std::move(result);
    writer_ = store_->writer();
    reader_ = store_->reader();
  }

  store& whole() { return *store_; }
  store_writer& writer() { return *writer_; }
  /// Returns the reader; the search is up to date, as the actors make it before each search.
  store_reader& reader() {
    while (writer_->index_tail()) {
    }
    return *reader_;
  }

  write_outcome write(write_op op, timestamp at = now) {
    const std::vector ops{std::move(op)};
    auto outcomes = writer_->commit(ops, at);
    REQUIRE(outcomes.size() == 1);
    return outcomes.front();
  }
  room_id create(const std::string& name, timestamp at = now) {
    const auto outcome = write(op::create_room{name}, at);
    REQUIRE(std::holds_alternative<room_record>(outcome));
    return std::get<room_record>(outcome).id;
  }
  appended append(op::append_message op, timestamp at = now) {
    const auto outcome = write(std::move(op), at);
    REQUIRE(std::holds_alternative<appended>(outcome));
    return std::get<appended>(outcome);
  }
  void fill(room_id room, int messages) {
    std::vector<write_op> ops;
    for (int i = 0; i < messages; ++i)
      ops.emplace_back(say(room, "ann", std::to_string(i)));
    std::ignore = writer_->commit(ops, now);
  }
  message_page page(const message_range& range) {
    auto result = reader_->read_messages(range);
    REQUIRE(result);
    return *std::move(result);
  }
  std::vector<message> log(room_id room) {
    return page(
               {.room = room, .before = {}, .after = sequence{0}, .up_to = {}, .limit = 100000})
        .messages;
  }
  std::vector<std::string> room_names(const std::string& q) {
    const auto rooms = reader_->list_rooms(room_id{0}, q, 1000, {});
    REQUIRE(rooms);
    std::vector<std::string> names;
    for (const auto& room : *rooms)
      names.push_back(room.name);
    return names;
  }

 private:
  std::unique_ptr<store> store_;
  std::unique_ptr<store_writer> writer_;
  std::unique_ptr<store_reader> reader_;
};

inline std::vector<std::int64_t> seqs(const std::vector<message>& messages) {
  std::vector<std::int64_t> numbers;
  for (const auto& each : messages)
    numbers.push_back(each.seq.value);
  return numbers;
}

inline std::vector<std::string> sorted(std::vector<std::string> all) {
  std::ranges::sort(all);
  return all;
}

/// Returns why a store cannot be opened, or "opened".
inline std::string refusal(const store_config& config) {
  const auto tried = open_store(config);
  return tried ? "opened" : tried.error();
}

inline bool failed_with(const write_outcome& outcome, store_error why) {
  const auto* error = std::get_if<store_error>(&outcome);
  return error && *error == why;
}

} // namespace hubbub::test
