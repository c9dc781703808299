#pragma once

#include "bench/scenario/run.hpp"
#include "bench/scenario/traffic.hpp"

#include <chrono>
#include <string>

/// Steps that several scenarios share.
namespace hubbub::bench {

/// Returns a time in nanoseconds, as figures hold it.
[[nodiscard]] double as_double(std::chrono::nanoseconds time);

/// Has all clients connect and join, and waits until the server is quiet. Reports how
/// long it took and how much memory it cost. False if it failed.
[[nodiscard]] bool gather(run& of);
/// Has all clients connect. False if it failed.
[[nodiscard]] bool gather_connections(run& of);

/// Runs the load, and measures it from the end of the warm-up on.
[[nodiscard]] measurement talk_and_measure(run& of, traffic& talk);

/// Reports throughput, the server's CPU and memory, and the driver's load.
/// `stage` is put in front of the names if a run measures several times.
void report_measurement(run& of, const measurement& found, const std::string& stage = {});
/// Reports the latencies, and whether the driver may have caused them.
void report_talk(run& of, const measurement& found, const traffic& talk);

} // namespace hubbub::bench
