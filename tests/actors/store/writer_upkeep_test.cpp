// When the writer has its store's upkeep done, and what waits for it.
#include "actors/store/store_actors.hpp"
#include "tests/actors/chat_world.hpp"

#include <memory>
#include <string>

namespace hubbub::test {
namespace {

/// A store that records how often it was told to start its upkeep and that the upkeep is done.
class writer_with_upkeep final : public store_writer {
 public:
  struct story {
    store_writer::upkeep_start start; ///< called by `commit`
    bool urgent = false;
    std::string log;
    int done = 0;
  };
  explicit writer_with_upkeep(story* told) : told_(told) {}
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp) override {
    told_->log += "commit ";
    if (told_->start) told_->start(told_->urgent);
    return std::vector<write_outcome>(ops.size(), noted{});
  }
  bool purge(timestamp) override { return false; }
  void stop_writing() override {}
  void leave_upkeep(const upkeep_start& start) override { told_->start = start; }
  void on_upkeep_done() override {
    ++told_->done;
    told_->log += "done ";
  }

 private:
  story* told_;
};
class counting_upkeep final : public store_upkeep {
 public:
  explicit counting_upkeep(int* runs) : runs_(runs) {}
  void run() override { ++*runs_; }

 private:
  int* runs_;
};

class upkeep_world : public test_system {
 public:
  upkeep_world() {
    upkeep = actors().spawn<hubbub::upkeep_worker>(std::make_unique<counting_upkeep>(&runs));
    writer = actors().spawn<hubbub::writer>(
        std::make_unique<writer_with_upkeep>(&told), [] { return noon; }, upkeep);
    run();
  }
  ~upkeep_world() {
    caf::anon_send_exit(upkeep, caf::exit_reason::kill);
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    run();
  }
  void commit() { (void)ask<bool>(writer, op::end_recoverable{}); }

  writer_with_upkeep::story told;
  int runs = 0;
  upkeep_actor upkeep;
  writer_actor writer;
};

TEST_CASE("the upkeep runs when the writer's store asks for it, and that one hears of it") {
  upkeep_world world;
  REQUIRE(world.told.start);
  world.commit();
  CHECK(world.runs == 1);
  CHECK(world.told.done == 1);
  world.commit();
  CHECK(world.runs == 2);
  CHECK(world.told.done == 2);
}

TEST_CASE("a writer in want of upkeep commits nothing more before it") {
  upkeep_world world;
  world.told.urgent = true;
  for (int i = 0; i < 3; ++i) {
    compat::anon_send(world.writer, op::end_recoverable{});
    compat::anon_send(world.writer, commit_queued{});
  }
  world.run();
  CHECK(world.told.log == "commit done commit done commit done ");
}

TEST_CASE("without its upkeep the writer's store does it itself again") {
  upkeep_world world;
  caf::anon_send_exit(world.upkeep, caf::exit_reason::kill);
  world.run();
  world.commit();
  CHECK(world.runs == 0);
  CHECK_FALSE(world.told.start);
}

} // namespace
} // namespace hubbub::test
