#include "actors/trace/flight_recorder.hpp"
#include "proto/trace/trace_file.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace hubbub {
namespace {

/// A file of one ring, in memory.
struct memory_file {
  memory_file() : bytes(encode_trace_head({1, smallest_trace_ring, 1'000})) {
    bytes.resize(trace_head_size + smallest_trace_ring);
  }
  flight_recorder recorder() {
    return flight_recorder{std::span{bytes}.subspan(trace_head_size)};
  }
  [[nodiscard]] trace_memory read() const {
    const auto found = read_trace(bytes);
    REQUIRE(found);
    return *found;
  }

  std::string bytes;
};

} // namespace

TEST_CASE("the flight recorder remembers steps with their names, in order") {
  memory_file file;
  auto recorder = file.recorder();
  recorder.note({.kind = trace_kind::joined, .seq = 4}, "ann", "general");
  recorder.note_by({.kind = trace_kind::kicked}, "ann", "general", "eve");
  recorder.note({.kind = trace_kind::started}, {}, {});
  const auto memory = file.read();
  REQUIRE(memory.records.size() == 3);
  const auto& joined = memory.records[0];
  const auto& kicked = memory.records[1];
  const auto& started = memory.records[2];
  CHECK(joined.kind == trace_kind::joined);
  CHECK(joined.seq == 4);
  CHECK(memory.name_of(joined.user) == "ann");
  CHECK(memory.name_of(joined.room) == "general");
  CHECK(memory.name_of(kicked.number) == "eve");
  CHECK(started.user == 0);
  CHECK(joined.time_us > 1'700'000'000'000'000);
  CHECK(memory.whole_since_us == 1'000);
}

TEST_CASE("a full ring forgets its oldest steps, and says since when it remembers all") {
  memory_file file;
  const auto places = trace_records_in(smallest_trace_ring);
  auto recorder = file.recorder();
  for (std::size_t i = 0; i < places + 5; ++i)
    recorder.note({.kind = trace_kind::message, .seq = static_cast<std::int64_t>(i)}, "ann",
                  "r");
  const auto memory = file.read();
  REQUIRE(memory.records.size() == places);
  CHECK(memory.records.front().seq == 5);
  CHECK(memory.records.back().seq == static_cast<std::int64_t>(places + 4));
  CHECK(memory.whole_since_us == memory.records[trace_run_reach(places) - 1].time_us);
}

TEST_CASE("a recorder that is made anew goes on after the last step of the one before") {
  memory_file file;
  file.recorder().note({.kind = trace_kind::message, .seq = 1}, "ann", "r");
  file.recorder().note({.kind = trace_kind::message, .seq = 2}, "ann", "r");
  const auto memory = file.read();
  REQUIRE(memory.records.size() == 2);
  CHECK(memory.records.back().seq == 2);
}

TEST_CASE("a long name is kept as far as there is place for it, in whole characters") {
  memory_file file;
  std::string name(54, 'x');
  for (int i = 0; i < 10; ++i)
    name += "ö";
  file.recorder().note({.kind = trace_kind::joined}, name, "r");
  const auto memory = file.read();
  CHECK(memory.name_of(trace_key(name)) == std::string(54, 'x') + "…");
}

TEST_CASE("names that want the same place are both right, or forgotten") {
  memory_file file;
  auto recorder = file.recorder();
  for (int i = 0; i < 500; ++i)
    recorder.note({.kind = trace_kind::joined}, "user" + std::to_string(i), "room");
  const auto memory = file.read();
  for (int i = 0; i < 500; ++i) {
    const auto name = "user" + std::to_string(i);
    const auto told = memory.name_of(trace_key(name));
    CHECK((told == name || told.starts_with("name #")));
  }
  CHECK(memory.name_of(trace_key("user499")) == "user499");
}

TEST_CASE("a recorder without memory records nothing") {
  flight_recorder{}.note({.kind = trace_kind::started}, "ann", "r");
}

} // namespace hubbub
