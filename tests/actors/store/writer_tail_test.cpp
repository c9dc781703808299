// When the writer takes the tail of the log into the search index.
#include "actors/store/store_actors.hpp"
#include "tests/actors/chat_world.hpp"

#include <algorithm>
#include <memory>
#include <string>

namespace hubbub::test {
namespace {

/// A store whose tail grows with every op, and loses a hundred in each step.
class writer_with_tail final : public store_writer {
 public:
  struct story {
    std::int64_t tail = 0;
    bool fails = false;
    std::string log;
  };
  explicit writer_with_tail(story* told) : told_(told) {}
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp) override {
    told_->log += "commit ";
    told_->tail += std::ssize(ops);
    return std::vector<write_outcome>(ops.size(), noted{});
  }
  bool purge(timestamp) override { return false; }
  void stop_writing() override {}
  std::int64_t search_tail() const override { return told_->tail; }
  bool index_tail() override {
    told_->log += "index ";
    if (told_->fails) return false;
    told_->tail -= std::min<std::int64_t>(told_->tail, 100);
    return told_->tail > 0;
  }

 private:
  story* told_;
};

class tail_world : public test_system {
 public:
  explicit tail_world(std::int64_t tail = 0) {
    told.tail = tail;
    writer = actors().spawn<hubbub::writer>(std::make_unique<writer_with_tail>(&told),
                                            [] { return noon; });
    run();
  }
  ~tail_world() {
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    run();
  }
  /// Commits this many ops together; returns what the store was told to do.
  std::string commit(std::int64_t count) {
    told.log.clear();
    for (std::int64_t i = 0; i < count; ++i)
      compat::anon_send(writer, op::end_recoverable{});
    run();
    return told.log;
  }
  std::string wait(std::chrono::milliseconds time) {
    told.log.clear();
    advance(time);
    return told.log;
  }

  writer_with_tail::story told;
  writer_actor writer;
};

TEST_CASE("a long tail is indexed in steps, each after the commits that are queued") {
  tail_world world;
  CHECK(world.commit(index_schedule::long_tail - 1) == "commit ");
  CHECK(world.commit(1) == "commit index ");
  CHECK(world.told.tail == 28);
  CHECK(world.commit(300) == "commit index index index ");
  CHECK(world.told.tail == 28);
}

TEST_CASE("a short tail is indexed after a while, once") {
  tail_world world;
  CHECK(world.commit(1) == "commit ");
  CHECK(world.wait(index_schedule::patience - std::chrono::milliseconds{1}).empty());
  CHECK(world.commit(1) == "commit ");
  CHECK(world.wait(std::chrono::milliseconds{1}) == "index ");
  CHECK(world.told.tail == 0);
  CHECK(world.wait(std::chrono::seconds{10}).empty());
  CHECK(world.commit(1) == "commit ");
  CHECK(world.wait(index_schedule::patience) == "index ");
}

TEST_CASE("a tail that a crash has left is indexed at the start") {
  tail_world world{250};
  CHECK(world.told.log == "index index ");
  CHECK(world.told.tail == 50);
  CHECK(world.wait(index_schedule::patience) == "index ");
}

TEST_CASE("a tail that cannot be indexed is tried again after a while, and senders go on") {
  tail_world world;
  world.told.fails = true;
  CHECK(world.commit(200) == "commit index ");
  CHECK(world.commit(200) == "commit ");
  CHECK(world.wait(index_schedule::patience) == "index ");
  CHECK(world.wait(index_schedule::patience) == "index ");
  CHECK(world.told.tail == 400);
  world.told.fails = false;
  CHECK(world.wait(index_schedule::patience) == "index index index ");
  CHECK(world.told.tail == 100);
}

} // namespace
} // namespace hubbub::test
