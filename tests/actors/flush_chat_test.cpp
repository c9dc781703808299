#include "actors/spawn_chat.hpp"
#include "tests/actors/chat_world.hpp"
#include "tests/actors/played_writer.hpp"

#include <caf/actor_system.hpp>

#include <chrono>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// A writer whose disk hangs: it says nothing about what was committed.
class hanging_writer : public played_writer {
 public:
  hanging_writer(caf::actor_config& config, bool hangs)
      : played_writer(config), hangs_(hangs) {}
  // A promise holds a reference to the actor that made it.
  void on_exit() override { held_ = {}; }

 private:
  caf::result<writer_stats> on_stats() override {
    held_ = make_response_promise<writer_stats>();
    if (!hangs_) held_.deliver(writer_stats{});
    return held_;
  }

  bool hangs_;
  caf::typed_response_promise<writer_stats> held_;
};

TEST_CASE("it is known whether the writer has committed everything") {
  caf::actor_system_config config;
  compat::add_types<caf::id_block::hubbub>(config);
  caf::actor_system system{config};
  const auto flushes = [&system](bool hangs, std::chrono::milliseconds patience) {
    chat_actors actors;
    actors.writer = system.spawn<hanging_writer>(hangs);
    const auto done = flush_chat(system, actors, patience);
    caf::anon_send_exit(actors.writer, caf::exit_reason::user_shutdown);
    return done;
  };
  CHECK(flushes(false, 60s));
  CHECK_FALSE(flushes(true, 10ms));
}

} // namespace
} // namespace hubbub::test
