#include "net/api/trace_teller.hpp"
#include "net/trace/recorder_file.hpp"
#include "tests/net/api/api_world.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace hubbub::test {
namespace {

/// A recorder's file with four messages, and the actor that tells of it.
class told_world {
 public:
  told_world() {
    char name[] = "/tmp/hubbub-teller-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    folder_ = name;
    const auto made = recorder_file::open(file(), 1, 100'000);
    REQUIRE(made);
    for (std::int64_t seq = 1; seq <= 4; ++seq)
      (*made)->of(0).note({.kind = trace_kind::message, .seq = seq}, "ann", "general");
  }
  ~told_world() {
    anon_send_exit(teller_, caf::exit_reason::kill);
    scheduler().run();
    std::filesystem::remove_all(folder_);
  }
  told_world(const told_world&) = delete;
  told_world& operator=(const told_world&) = delete;

  [[nodiscard]] std::string file() const { return folder_ + "/trace"; }
  trace_outcome ask(const trace_search& search) {
    if (!teller_) teller_ = system_.spawn<trace_teller>(file());
    caf::scoped_actor self{system_};
    auto answer = compat::request(&*self, teller_, caf::infinite, search);
    scheduler().run();
    trace_outcome told;
    answer.receive([&told](const trace_outcome& got) { told = got; },
                   [](const caf::error&) { FAIL("no answer"); });
    return told;
  }

 private:
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  std::string folder_;
  deterministic_config config_;
  caf::actor_system system_{config_};
  trace_teller_actor teller_;
};

TEST_CASE("the last steps are told, and how many came before them") {
  told_world world;
  const auto told = world.ask({{.room = "general", .as_json = true}, 3});
  REQUIRE(told);
  CHECK(told->left_out == 1);
  REQUIRE(told->steps.size() == 3);
  CHECK(told->steps.front().find(R"("seq":2)") != std::string::npos);
  CHECK(told->steps.back().find(R"("seq":4)") != std::string::npos);
  CHECK(told->since_us > 0);
}

TEST_CASE("what cannot be read is told as a sentence") {
  told_world world;
  std::ofstream{world.file(), std::ios::trunc} << std::string(5'000, 'x');
  const auto damaged = world.ask({{}, 3});
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error() == world.file() + " is no file of the flight recorder");
  std::filesystem::remove(world.file());
  const auto gone = world.ask({{}, 3});
  REQUIRE_FALSE(gone);
  CHECK(gone.error() == world.file() + " cannot be read: No such file or directory");
}

} // namespace
} // namespace hubbub::test
