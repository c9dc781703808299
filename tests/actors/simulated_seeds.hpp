#pragma once

#include "tests/support/catch.hpp"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>

namespace hubbub::test {

/// Says which seeds a simulation runs. HUBBUB_SIMULATION_SEEDS runs more than the usual number,
/// from HUBBUB_SIMULATION_FIRST on; HUBBUB_SIMULATION_SEED replays one.
struct seeds_wanted {
  explicit seeds_wanted(std::uint64_t usual)
      : first(from_environment("HUBBUB_SIMULATION_FIRST", 1)),
        count(from_environment("HUBBUB_SIMULATION_SEEDS", usual)) {
    const auto one = from_environment("HUBBUB_SIMULATION_SEED", 0);
    if (one == 0) return;
    first = one;
    count = 1;
  }
  [[nodiscard]] static bool only_one() {
    return from_environment("HUBBUB_SIMULATION_SEED", 0) != 0;
  }

  std::uint64_t first;
  std::uint64_t count;

 private:
  static std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
  }
};

/// Runs all seeds that are wanted, each of which throws a `std::runtime_error` if it finds a
/// guarantee broken; returns their number.
inline std::uint64_t run_seeds(std::uint64_t usual,
                               const std::function<void(std::uint64_t seed)>& simulate) {
  constexpr std::uint64_t seeds_a_line = 1'000; // of progress
  const seeds_wanted wanted{usual};
  for (std::uint64_t done = 0; done < wanted.count; ++done) {
    const auto seed = wanted.first + done;
    // Before the run, so that the seed of a crash is named too.
    INFO("replay with HUBBUB_SIMULATION_SEED=" << seed);
    std::string violation;
    try {
      simulate(seed);
    } catch (const std::runtime_error& e) {
      violation = e.what();
    }
    REQUIRE(violation == "");
    if ((done + 1) % seeds_a_line == 0)
      std::cerr << "seeds " << wanted.first << " to " << seed << " hold every guarantee\n";
  }
  return wanted.count;
}

} // namespace hubbub::test
