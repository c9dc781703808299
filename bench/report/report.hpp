#pragma once

#include "bench/client/fault_log.hpp"
#include "bench/histogram.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::bench {

/// What a figure counts, which decides how it is shown.
enum class unit : std::uint8_t { count, per_second, nanoseconds, bytes, share };

struct figure {
  std::string name;
  double value = 0;
  unit in = unit::count;
};

/// Enough of a histogram to draw it.
struct latency_curve {
  std::string name;
  std::uint64_t count = 0;
  struct point {
    double share = 0;
    double nanoseconds = 0;
  };
  std::vector<point> points; ///< rising
};

/// What was seen at one moment of the load.
struct sample {
  double seconds = 0;    ///< since the load began
  double deliveries = 0; ///< a second, since the sample before
  double resident = 0;   ///< bytes of the server
  double server_cpu = 0; ///< cores, since the sample before
  double driver_cpu = 0;
};

/// What is known about a run at its end.
struct run_report {
  std::string scenario;
  std::string label;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<figure> figures;
  std::vector<latency_curve> latencies;
  std::vector<sample> samples;
  std::vector<std::pair<std::string, std::uint64_t>> faults; ///< those that occurred
  std::vector<std::string> examples;                         ///< of faults, in words
  std::vector<std::string> limits; ///< why the driver may have been the limit
};

/// The points of a histogram that are worth showing.
[[nodiscard]] latency_curve make_curve(std::string name, const histogram& durations);
/// The duration at `share`, one of the points; 0 if there is no such point.
[[nodiscard]] double quantile_of(const latency_curve& curve, double share);
/// The numbers and their unit, as a person wants to read them.
[[nodiscard]] std::string show(double value, unit in);

/// A table for a terminal.
[[nodiscard]] std::string report_table(const run_report& run);
/// JSON, and back. The error is a sentence.
[[nodiscard]] std::string report_json(const run_report& run);
[[nodiscard]] expected<run_report, std::string> parse_report(std::string_view json);
/// A page that needs nothing else, with a curve for each run in every plot.
[[nodiscard]] std::string report_html(const std::vector<run_report>& runs);

} // namespace hubbub::bench
