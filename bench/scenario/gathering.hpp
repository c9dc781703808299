#pragma once

#include "bench/scenario/run.hpp"
#include "bench/scenario/traffic.hpp"

#include <string>

/// The steps that scenarios have in common.
namespace hubbub::bench {

/// All connect and join, and the server has said all that it has to say about that. Reports how
/// long it took and what memory it cost. False if it did not work.
[[nodiscard]] bool gather(run& of);
/// The first half of it: all connect.
[[nodiscard]] bool gather_connections(run& of);

/// Lets the clients talk, leaves the warm-up out, and measures the rest.
[[nodiscard]] measurement talk_and_measure(run& of, traffic& talk);

/// What a measurement says of throughput, of the server's CPU and memory, and of the driver.
/// `stage` begins the names where a run measures several times.
void report_measurement(run& of, const measurement& found, const std::string& stage = {});
/// What the talk's latencies say, and whether the driver had a part in them.
void report_talk(run& of, const measurement& found, const traffic& talk);

} // namespace hubbub::bench
