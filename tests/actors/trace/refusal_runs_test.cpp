// Equal refusals in the flight recorder.
#include "actors/trace/flight_recorder.hpp"
#include "proto/trace/trace_file.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hubbub {
namespace {

/// A recorder and the ring that it writes, in memory.
struct recorded {
  recorded() : bytes(encode_trace_head({1, smallest_trace_ring, 1'000})) {
    bytes.resize(trace_head_size + smallest_trace_ring);
    recorder = flight_recorder{std::span{bytes}.subspan(trace_head_size)};
  }
  [[nodiscard]] trace_memory memory() const {
    const auto found = read_trace(bytes);
    REQUIRE(found);
    return *found;
  }
  /// Returns how many refusals each record stands for; 0 for a record of something else.
  [[nodiscard]] std::vector<std::uint32_t> counts() const {
    std::vector<std::uint32_t> all;
    for (const auto& each : memory().records)
      all.push_back(is_refusal(each.kind) ? repeats_of(each).more + 1 : 0);
    return all;
  }
  void refuse(const std::string& user, std::uint64_t serial = 1, std::uint16_t what = 0) {
    recorder.note({.kind = trace_kind::refused,
                   .code = 3,
                   .what = what,
                   .connection = trace_connection::of({0, serial, 0})},
                  user, {});
  }
  void keep_out(const std::string& key_id, std::uint64_t serial, const std::string& user = {}) {
    recorder.note_kept_out({.kind = trace_kind::kept_out,
                            .code = 1,
                            .connection = trace_connection::of({0, serial, 0})},
                           user, key_id);
  }
  void say(const std::string& user) {
    recorder.note({.kind = trace_kind::message}, user, "general");
  }

  std::string bytes;
  flight_recorder recorder;
};

using numbers = std::vector<std::uint32_t>;

} // namespace

TEST_CASE("equal refusals are one record with their number, and push nothing out") {
  recorded ring;
  ring.say("ann");
  for (int i = 0; i < 5'000; ++i)
    ring.refuse("bob");
  ring.say("ann");
  for (int i = 0; i < 5'000; ++i)
    ring.refuse("bob");
  CHECK(ring.counts() == numbers{0, 10'000, 0});
  const auto memory = ring.memory();
  CHECK(memory.name_of(memory.records[1].user) == "bob");
  CHECK(memory.records[0].time_us <= memory.records[1].time_us);
  CHECK(memory.records[1].time_us + repeats_of(memory.records[1]).lasted_us >=
        memory.records[2].time_us);
  CHECK(memory.whole_since_us == 1'000);
}

TEST_CASE("refusals of others, of another kind or on another connection are told apart") {
  recorded ring;
  for (int i = 0; i < 3; ++i) {
    ring.refuse("bob");
    ring.refuse("ann");
    ring.refuse("bob", 2);
    ring.refuse("bob", 1, 7);
    ring.keep_out({}, 3, "bob");
  }
  CHECK(ring.counts() == numbers{3, 3, 3, 3, 3});
}

TEST_CASE("whatever else happens to the user comes between") {
  recorded ring;
  ring.refuse("bob");
  ring.refuse("bob");
  ring.say("bob");
  ring.refuse("bob");
  ring.refuse("bob");
  ring.refuse("bob");
  CHECK(ring.counts() == numbers{2, 0, 3});
}

TEST_CASE("a refusal after more than a minute is told by itself") {
  recorded ring;
  ring.refuse("bob");
  const std::span<char> all{ring.bytes};
  const auto first =
      all.subspan(trace_head_size + trace_names_in(smallest_trace_ring) * trace_name_size)
          .first<trace_record_size>();
  auto early = decode_trace(first);
  REQUIRE(early);
  early->record.time_us -= longest_trace_run_us + 1;
  encode_trace(early->record, 0, first);
  ring.refuse("bob");
  ring.refuse("bob");
  CHECK(ring.counts() == numbers{1, 2});
}

TEST_CASE("what is told by a record that was overwritten does not count as remembered") {
  recorded ring;
  const auto places = trace_records_in(smallest_trace_ring);
  const auto reach = trace_run_reach(places);
  ring.refuse("bob");
  for (std::size_t i = 1; i < reach; ++i)
    ring.say("ann");
  ring.refuse("bob"); // counted in the first record
  ring.say("ann");
  ring.refuse("bob"); // too far from it
  CHECK(ring.memory().records.size() == reach + 2);
  const auto first = ring.memory().records.front();
  CHECK(repeats_of(first).more == 1);
  for (std::size_t i = 0; i < places; ++i)
    ring.say("ann");
  const auto memory = ring.memory();
  CHECK(memory.records.size() == places);
  CHECK(memory.whole_since_us >= first.time_us + repeats_of(first).lasted_us);
}

TEST_CASE("whoever is kept out again and again is one record, with the key that is unknown") {
  recorded ring;
  for (std::uint64_t i = 0; i < 100; ++i) {
    ring.keep_out("old-key", i);
    ring.keep_out({}, i);
  }
  CHECK(ring.counts() == numbers{100, 100});
  const auto memory = ring.memory();
  CHECK(memory.name_of(memory.records[0].number) == "old-key");
  CHECK(memory.records[0].connection == trace_connection::of({0, 0, 0}));
  CHECK(memory.records[1].number == 0);
}

TEST_CASE("ids of keys that somebody makes up fill neither the ring nor the names") {
  recorded ring;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    ring.keep_out("made-up-" + std::to_string(i), i);
    ring.keep_out("made-up-0", i);
  }
  auto counts = ring.counts();
  REQUIRE(counts.size() == 9);
  CHECK(counts.front() == 1'001);
  CHECK(counts.back() == 992);
  CHECK(std::ranges::count(counts, 1U) == 7);
  CHECK(ring.memory().names.size() == 8);
}

} // namespace hubbub
