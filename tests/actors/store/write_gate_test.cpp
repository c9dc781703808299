#include "actors/store/write_gate.hpp"
#include "tests/actors/chat_world.hpp"
#include "tests/actors/played_writer.hpp"

#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

/// The writer's end of a gate, played by the test: records what was handed over, and how often.
class handed_over : public played_writer {
 public:
  handed_over(caf::actor_config& config, std::vector<write_batch>* batches)
      : played_writer(config), batches_(batches) {}

 private:
  void on_batch(write_batch& batch) override { batches_->push_back(std::move(batch)); }

  std::vector<write_batch>* batches_;
};

class sink : public write_sink::base {
 public:
  sink(caf::actor_config& config, std::vector<std::string>* heard)
      : write_sink::base(config), heard_(heard) {}
  behavior_type make_behavior() override {
    return {[this](const write_results& results) {
      std::string all;
      for (const auto& outcome : results)
        if (const auto* foreign = std::get_if<log_part>(&outcome))
          all += "(" + std::to_string(foreign->up_to.rev.value) + ")";
        else
          all += std::to_string(std::get<marked>(outcome).seq.value);
      heard_->push_back(all);
    }};
  }

 private:
  std::vector<std::string>* heard_;
};

class gate_world : public test_system {
 public:
  gate_world() {
    first = actors().spawn<sink>(&first_heard);
    second = actors().spawn<sink>(&second_heard);
    run();
  }
  ~gate_world() {
    caf::anon_send_exit(gate, caf::exit_reason::kill);
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    for (const auto& each : {first, second})
      caf::anon_send_exit(each, caf::exit_reason::kill);
    run();
  }

  void mark(const write_sink& from, std::int64_t seq) {
    compat::anon_send(gate,
                      write_request{op::mark_read{room_id{1}, "ann", sequence{seq}}, from});
  }
  /// Answers the first `count` operations that were handed over.
  void answer(std::size_t count) {
    write_results results;
    for (const auto& batch : batches)
      for (const auto& operation : batch.operations)
        if (results.size() < count)
          results.emplace_back(marked{std::get<op::mark_read>(operation).seq});
    compat::anon_send(write_sink{gate}, std::move(results));
    run();
  }

  std::vector<write_batch> batches;
  std::vector<std::string> first_heard;
  std::vector<std::string> second_heard;
  writer_actor writer = actors().spawn<handed_over>(&batches);
  write_gate_actor gate = actors().spawn<write_gate>(writer);
  write_sink first;
  write_sink second;
};

} // namespace

TEST_CASE("what waits at a gate goes to the writer in one message, in order") {
  gate_world world;
  world.mark(world.first, 1);
  world.mark(world.second, 2);
  world.mark(world.first, 3);
  world.run();
  REQUIRE(world.batches.size() == 1);
  REQUIRE(world.batches[0].operations.size() == 3);
  CHECK(std::get<op::mark_read>(world.batches[0].operations[1]).seq == sequence{2});

  world.mark(world.second, 4);
  world.run();
  CHECK(world.batches.size() == 2);
}

TEST_CASE("a gate gives each room the outcomes of what it wrote, in order and in one message") {
  gate_world world;
  world.mark(world.first, 1);
  world.mark(world.second, 2);
  world.mark(world.first, 3);
  world.mark(world.second, 4);
  world.run();
  world.answer(4);
  CHECK(world.first_heard == std::vector<std::string>{"13"});
  CHECK(world.second_heard == std::vector<std::string>{"24"});
}

TEST_CASE("outcomes may come in parts") {
  gate_world world;
  for (const auto seq : {1, 2, 3})
    world.mark(world.first, seq);
  world.run();
  world.answer(2);
  CHECK(world.first_heard == std::vector<std::string>{"12"});
  compat::anon_send(write_sink{world.gate}, write_results{marked{sequence{3}}});
  world.run();
  CHECK(world.first_heard == std::vector<std::string>{"12", "3"});
}

TEST_CASE("what other nodes wrote goes to the room of the outcome that it stands in front of") {
  gate_world world;
  world.mark(world.first, 1);
  world.mark(world.second, 2);
  world.mark(world.first, 3);
  world.run();
  const auto until = [](std::int64_t rev) { return log_part{{}, {{}, {}, revision{rev}}}; };
  compat::anon_send(write_sink{world.gate},
                    write_results{until(7), marked{sequence{1}}, until(9), marked{sequence{2}},
                                  marked{sequence{3}}});
  world.run();
  CHECK(world.first_heard == std::vector<std::string>{"(7)13"});
  CHECK(world.second_heard == std::vector<std::string>{"(9)2"});
}

TEST_CASE("a gate that answers has handed over all that came before") {
  gate_world world;
  world.mark(world.first, 1);
  CHECK(world.ask<bool>(world.gate, hand_over_now{}));
  CHECK(world.batches.size() == 1);
}

} // namespace hubbub::test
