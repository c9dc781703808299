// When a batch waits for more operations, and for how long.
#include "actors/store/commit_pause.hpp"
#include "actors/store/store_actors.hpp"
#include "tests/actors/chat_world.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr auto long_time = 1h; // longer than any test

constexpr steady_time begin{1h};

TEST_CASE("operations gather for a while after several were committed together") {
  commit_pause pause;
  CHECK(pause.left(1, begin) == 0ns);
  pause.on_commit(2, begin, 500us);
  CHECK(pause.left(1, begin) == 500us);
  CHECK(pause.left(3, begin + 200us) == 300us);
  CHECK(pause.left(1, begin + 500us) == 0ns);
  CHECK(pause.left(1, begin + 1s) == 0ns);
}

TEST_CASE("neither what follows a lone operation nor many wait") {
  commit_pause pause;
  pause.on_commit(1, begin, 500us);
  CHECK(pause.left(1, begin) == 0ns);
  pause.on_commit(2, begin, 500us);
  CHECK(pause.left(0, begin) == 0ns);
  CHECK(pause.left(commit_pause::enough - 1, begin) == 500us);
  CHECK(pause.left(commit_pause::enough, begin) == 0ns);
}

/// A store in which operations gather, and which records the sizes of its batches.
class gathering_writer final : public store_writer {
 public:
  explicit gathering_writer(std::vector<std::size_t>* batches) : batches_(batches) {}
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp) override {
    batches_->push_back(ops.size());
    return std::vector<write_outcome>(ops.size(), noted{});
  }
  [[nodiscard]] std::chrono::nanoseconds gathering_time() const override { return long_time; }
  bool purge(timestamp) override { return false; }
  void stop_writing() override {}

 private:
  std::vector<std::size_t>* batches_;
};

class gathering_world : public test_system {
 public:
  gathering_world() {
    writer = actors().spawn<hubbub::writer>(std::make_unique<gathering_writer>(&batches));
    run();
  }
  ~gathering_world() {
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    run();
  }
  /// Sends operations that are all there before the writer looks at the first.
  void send(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      compat::anon_send(writer, op::end_recoverable{});
    run();
  }

  std::vector<std::size_t> batches;
  writer_actor writer;
};

TEST_CASE("a writer commits what has gathered when its time has come") {
  gathering_world world;
  world.send(1);
  world.send(2);
  CHECK(world.batches == std::vector<std::size_t>{1, 2});
  world.send(1);
  world.send(3);
  CHECK(world.batches.size() == 2);
  world.advance(long_time);
  CHECK(world.batches == std::vector<std::size_t>{1, 2, 4});
}

TEST_CASE("a writer that is to commit at once does so") {
  gathering_world world;
  world.send(2);
  world.send(1);
  compat::anon_send(world.writer, commit_queued{.at_once = true});
  world.run();
  CHECK(world.batches == std::vector<std::size_t>{2, 1});
}

TEST_CASE("a writer commits at once when much has gathered") {
  gathering_world world;
  world.send(2);
  world.send(commit_pause::enough - 1);
  CHECK(world.batches.size() == 1);
  world.send(1);
  CHECK(world.batches == std::vector<std::size_t>{2, commit_pause::enough});
  // The timer of that batch is still out; what comes now waits for it.
  world.send(1);
  world.advance(long_time);
  CHECK(world.batches == std::vector<std::size_t>{2, commit_pause::enough, 1});
}

} // namespace
} // namespace hubbub::test
