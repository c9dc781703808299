#include "actors/store/store_actors.hpp"
#include "tests/actors/chat_world.hpp"
#include "tests/actors/reader_around.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace hubbub::test {
namespace {

/// Records what it receives; ends with the test.
class recorder : public write_sink::base {
 public:
  recorder(caf::actor_config& config, std::vector<write_results>* heard)
      : write_sink::base(config), heard_(heard) {}
  behavior_type make_behavior() override {
    return {[this](write_results& results) { heard_->push_back(std::move(results)); }};
  }

 private:
  std::vector<write_results>* heard_;
};

/// Counts commits, and fails them on demand.
struct commit_log {
  std::vector<std::size_t> sizes;
  std::vector<timestamp> purges;
  bool fails = false;
  int old_records = 0; ///< a purge removes one
  int indexed = 0;     ///< how often the tail was indexed
};
class logging_writer final : public store_writer {
 public:
  logging_writer(std::unique_ptr<store_writer> real, commit_log* log)
      : real_(std::move(real)), log_(log) {}
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    log_->sizes.push_back(ops.size());
    if (log_->fails) return std::vector<write_outcome>(ops.size(), store_error::full);
    return real_->commit(ops, now);
  }
  bool purge(timestamp now) override {
    log_->purges.push_back(now);
    return --log_->old_records > 0;
  }
  std::int64_t search_tail() const override { return real_->search_tail(); }
  bool index_tail() override {
    ++log_->indexed;
    return real_->index_tail();
  }
  void stop_writing() override { real_->stop_writing(); }

 private:
  std::unique_ptr<store_writer> real_;
  commit_log* log_;
};

/// The actors of a store of either kind, and two sinks.
class store_world : public test_system {
 public:
  explicit store_world(bool single) : store_(open_store({.path = ":memory:"}).value()) {
    auto writing = std::make_unique<logging_writer>(store_->writer(), &log);
    const auto clock = [] { return noon; };
    if (single) {
      const auto both =
          actors().spawn<single_store>(std::move(writing), store_->reader(), clock);
      writer = both;
      reader = both;
    } else {
      writer = actors().spawn<hubbub::writer>(std::move(writing), clock);
      reader = actors().spawn<hubbub::reader>(store_->reader(), writer);
    }
    first = actors().spawn<recorder>(&first_heard);
    second = actors().spawn<recorder>(&second_heard);
    run();
    REQUIRE(ask<room_outcome>(writer, op::create_room{"lobby"}));
    log.sizes.clear();
  }
  ~store_world() {
    for (const auto& sink : {first, second})
      caf::anon_send_exit(sink, caf::exit_reason::kill);
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    caf::anon_send_exit(reader, caf::exit_reason::kill);
    run();
  }

  void append(const write_sink& sink, std::string content, std::int64_t room = 1) {
    op::append_message op;
    op.room = room_id{room};
    op.user_id = "ann";
    op.username = "ann";
    op.content = std::move(content);
    compat::anon_send(writer, write_batch{{std::move(op)}, sink});
  }

  commit_log log;
  std::vector<write_results> first_heard;
  std::vector<write_results> second_heard;
  write_sink first;
  write_sink second;
  writer_actor writer;
  reader_actor reader;

 private:
  std::unique_ptr<store> store_;
};

std::string contents(const write_results& results) {
  std::string all;
  for (const auto& outcome : results) {
    const auto* done = std::get_if<appended>(&outcome);
    all += done ? done->stored.content : "!";
  }
  return all;
}

TEST_CASE("what is queued together is committed together and each sink hears once, in order") {
  store_world world{GENERATE(false, true)};
  world.append(world.first, "a");
  world.append(world.second, "b");
  world.append(world.first, "c", 99); // no such room
  world.append(world.first, "d");
  world.run();
  CHECK(world.log.sizes == std::vector<std::size_t>{4});
  REQUIRE(world.first_heard.size() == 1);
  CHECK(contents(world.first_heard[0]) == "a!d");
  REQUIRE(world.second_heard.size() == 1);
  CHECK(contents(world.second_heard[0]) == "b");
}

/// A store that was told nothing by other nodes but a part before its second op.
class told_writer final : public store_writer {
 public:
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp) override {
    return std::vector<write_outcome>(ops.size(), noted{});
  }
  std::vector<foreign_part> take_foreign() override {
    return {{1, {{}, {room_id{1}, {}, revision{7}}}}};
  }
  bool purge(timestamp) override { return false; }
  void stop_writing() override {}
};

TEST_CASE(
    "what other nodes wrote stands in front of the outcome of the op that it came before") {
  test_system world;
  std::vector<write_results> first_heard;
  std::vector<write_results> second_heard;
  const auto writer = world.actors().spawn<hubbub::writer>(std::make_unique<told_writer>());
  const write_sink first = world.actors().spawn<recorder>(&first_heard);
  const write_sink second = world.actors().spawn<recorder>(&second_heard);
  for (const auto& sink : {first, second, second})
    compat::anon_send(writer, write_batch{{op::leave_recoverable{}}, sink});
  world.run();
  REQUIRE(first_heard.size() == 1);
  CHECK(first_heard[0].size() == 1);
  REQUIRE(second_heard.size() == 1);
  REQUIRE(second_heard[0].size() == 3);
  CHECK(std::get<log_part>(second_heard[0][0]).up_to.rev == revision{7});
  CHECK(std::holds_alternative<noted>(second_heard[0][1]));
  for (const auto& sink : {first, second})
    caf::anon_send_exit(sink, caf::exit_reason::kill);
  caf::anon_send_exit(writer, caf::exit_reason::kill);
  world.run();
}

TEST_CASE("a batch ends at its bound and the rest makes the next") {
  store_world world{GENERATE(false, true)};
  for (std::size_t i = 0; i < commit_batch::max_operations + 3; ++i)
    world.append(world.first, "x");
  world.run();
  CHECK(world.log.sizes == std::vector<std::size_t>{commit_batch::max_operations, 3});
  world.append(world.first, "y");
  world.run();
  CHECK(world.log.sizes.back() == 1);
  REQUIRE(world.first_heard.size() == 3);
  CHECK(contents(world.first_heard.back()) == "y");
}

TEST_CASE("a failed commit fails everything in it, the next one counts again") {
  store_world world{GENERATE(false, true)};
  world.log.fails = true;
  world.append(world.first, "a");
  world.append(world.first, "b");
  const auto refused = world.ask<room_outcome>(world.writer, op::create_room{"attic"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == store_error::full);
  CHECK(contents(world.first_heard.at(0)) == "!!");
  CHECK_FALSE(world.ask<writer_stats>(world.writer, ask_writer_stats{}).healthy);

  world.log.fails = false;
  // A commit that need not have written anything shows nothing: it succeeds on a full disk too.
  CHECK(world.ask<room_outcome>(world.writer, op::create_room{"attic"}));
  CHECK_FALSE(world.ask<writer_stats>(world.writer, ask_writer_stats{}).healthy);
  world.append(world.first, "c");
  world.run();
  CHECK(contents(world.first_heard.at(1)) == "c");
  const auto stats = world.ask<writer_stats>(world.writer, ask_writer_stats{});
  CHECK(stats.healthy);
  CHECK(stats.appended == 1);
  CHECK(stats.failed == 3);
  CHECK(stats.queued == 0);
}

TEST_CASE("a room is created once, whoever asks") {
  store_world world{GENERATE(false, true)};
  const auto made = world.ask<room_outcome>(world.writer, op::create_room{"attic"});
  REQUIRE(made);
  CHECK(made->id == room_id{2});
  const auto again = world.ask<room_outcome>(world.writer, op::create_room{"attic"});
  REQUIRE_FALSE(again);
  CHECK(again.error() == store_error::already_exists);
}

TEST_CASE("readers find rooms by name and by id, and read what was committed") {
  store_world world{GENERATE(false, true)};
  world.append(world.first, "a");
  world.append(world.first, "b");
  world.run();
  CHECK(world.ask<room_outcome>(world.reader, room_ref{"lobby"})->id == room_id{1});
  CHECK(world.ask<room_outcome>(world.reader, room_ref{room_id{1}})->name == "lobby");
  CHECK(world.ask<room_outcome>(world.reader, room_ref{"attic"}).error() ==
        store_error::no_such_room);
  message_range range;
  range.room = room_id{1};
  range.limit = 1;
  const auto page = world.ask<read_outcome>(world.reader, range);
  REQUIRE(page);
  CHECK(page->numbers == std::vector<sequence>{sequence{2}});
  CHECK(page->messages.front().find(R"("content":"b")") != std::string::npos);
  CHECK(page->ends.has_more);
  range.room = room_id{9};
  CHECK(world.ask<read_outcome>(world.reader, range).error() == store_error::no_such_room);
  CHECK(world.ask<list_outcome>(world.reader, list_rooms{room_id{0}, "LOB", 10})->size() == 1);
}

TEST_CASE("old dedupe records are forgotten in small steps") {
  store_world world{GENERATE(false, true)};
  world.log.old_records = 3;
  CHECK(world.log.purges.empty());
  world.advance(std::chrono::minutes{1});
  CHECK(world.log.purges.size() == 1);
  world.advance(std::chrono::milliseconds{50});
  world.advance(std::chrono::milliseconds{50});
  CHECK(world.log.purges.size() == 3);
  world.advance(std::chrono::seconds{59});
  CHECK(world.log.purges.size() == 3);
  world.advance(std::chrono::seconds{1});
  CHECK(world.log.purges.size() == 4);
}

TEST_CASE("a search that nobody waits for any more is not begun") {
  store_world world{GENERATE(false, true)};
  world.append(world.first, "needle");
  world.run();
  search_request request;
  request.query.text = "needle";
  request.until = std::chrono::steady_clock::now() + std::chrono::hours{1};
  CHECK(world.ask<search_outcome>(world.reader, request)->results.size() == 1);
  request.until = std::chrono::steady_clock::now() - std::chrono::hours{1};
  CHECK(world.ask<search_outcome>(world.reader, request)->results.empty());
  const auto stats = world.ask<search_stats>(world.reader, ask_search_stats{});
  CHECK(stats.searches == 1);
  CHECK(stats.late == 1);
  request.until = std::chrono::steady_clock::now() + std::chrono::hours{1};
  request.query.room = room_id{9};
  CHECK(world.ask<search_outcome>(world.reader, request).error() == store_error::no_such_room);
}

TEST_CASE("a search begins once the tail of the log is indexed") {
  store_world world{GENERATE(false, true)};
  world.append(world.first, "needle in the hay");
  world.run();
  world.append(world.first, "a needle");
  world.run();
  CHECK(world.log.indexed == 0);
  search_request request;
  request.query.text = "needle";
  request.until = std::chrono::steady_clock::now() + std::chrono::hours{1};
  const auto found = world.ask<search_outcome>(world.reader, request);
  CHECK(world.log.indexed == 1);
  REQUIRE(found->results.size() == 2);
  // The shorter one ranks higher; in the tail it would be the newer one.
  CHECK(found->results.front().find("a needle") != std::string::npos);
}

/// Finds the log damaged on demand.
class damaged_reader final : public reader_around {
 public:
  damaged_reader(std::unique_ptr<store_reader> real, const bool* damaged)
      : reader_around(std::move(real)), damaged_(damaged) {}
  expected<message_page, store_error> read_messages(const message_range& range) override {
    if (*damaged_) return unexpected(store_error::corrupt);
    return reader_around::read_messages(range);
  }

 private:
  const bool* damaged_;
};

TEST_CASE("damage that a reader meets stops the writing, for good") {
  bool damaged = false;
  world_options options;
  options.single_store = GENERATE(false, true);
  options.wrap_reader = [&](std::unique_ptr<store_reader> real) {
    return std::make_unique<damaged_reader>(std::move(real), &damaged);
  };
  chat_world world{options};
  auto& ann = world.member("ann");
  const auto healthy = [&] {
    return world.ask<writer_stats>(world.writer, ask_writer_stats{}).healthy;
  };
  const auto say = R"(421["send_message",{"room":"lobby","content":"x"}])";
  CHECK(any_has(ann.ask(say), R"("ok":true)"));
  CHECK(healthy());
  damaged = true;
  CHECK(any_has(ann.ask(R"(421["get_messages","lobby"])"), R"("code":"storage_error")"));
  CHECK_FALSE(healthy());
  CHECK(any_has(ann.ask(say), R"("code":"storage_error")"));
  damaged = false;
  CHECK(any_has(ann.ask(R"(421["get_messages","lobby"])"), R"("ok":true)"));
  CHECK(any_has(ann.ask(say), R"("code":"storage_error")"));
  CHECK_FALSE(healthy());
}

/// Has an index in a file, which takes several steps to feed.
class feeding_reader final : public reader_around {
 public:
  struct steps {
    bool is_kept = true;
    int done = 0;
    int left = 0;
  };
  feeding_reader(std::unique_ptr<store_reader> real, steps* counted)
      : reader_around(std::move(real)), counted_(counted) {}
  bool feed_index() override {
    ++counted_->done;
    return counted_->left > 0 && --counted_->left > 0;
  }
  [[nodiscard]] index_state index() const override {
    return {.is_kept = counted_->is_kept, .behind = counted_->left};
  }

 private:
  steps* counted_;
};

TEST_CASE("an index in a file is fed until it is complete, and then once a second") {
  feeding_reader::steps steps;
  steps.left = 3;
  world_options options;
  options.wrap_reader = [&](std::unique_ptr<store_reader> real) {
    return std::make_unique<feeding_reader>(std::move(real), &steps);
  };
  chat_world world{options};
  SECTION("there is one") {
    compat::anon_send(world.reader, feed_index{});
    world.run();
    CHECK(steps.done == 3);
    world.advance(std::chrono::milliseconds{999});
    CHECK(steps.done == 3);
    world.advance(std::chrono::milliseconds{1});
    CHECK(steps.done == 4);
    world.advance(std::chrono::seconds{1});
    CHECK(steps.done == 5);
    steps.left = 7;
    CHECK(world.ask<search_stats>(world.reader, ask_search_stats{}).index.behind == 7);
  }
  SECTION("there is none") {
    steps.is_kept = false;
    compat::anon_send(world.reader, feed_index{});
    world.run();
    world.advance(std::chrono::seconds{5});
    CHECK(steps.done == 1);
  }
}

} // namespace
} // namespace hubbub::test
