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

/// The unit of a figure, which decides how it is shown.
enum class unit : std::uint8_t { count, per_second, nanoseconds, bytes, share };

struct figure {
  std::string name;
  double value = 0;
  unit in = unit::count;
};

/// The points of a histogram that are needed to draw it.
struct latency_curve {
  std::string name;
  std::uint64_t count = 0;
  struct point {
    double share = 0;
    double nanoseconds = 0;
  };
  std::vector<point> points; ///< in rising order
};

/// One sample, taken while the load runs.
struct sample {
  double seconds = 0;    ///< seconds since the load began
  double deliveries = 0; ///< deliveries a second since the previous sample
  double resident = 0;   ///< resident bytes of the server
  double server_cpu = 0; ///< cores used since the previous sample
  double driver_cpu = 0;
};

/// The result of a run.
struct run_report {
  std::string scenario;
  std::string label;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<figure> figures;
  std::vector<latency_curve> latencies;
  std::vector<sample> samples;
  std::vector<std::pair<std::string, std::uint64_t>>
      faults;                        ///< the kinds of faults that occurred, with their numbers
  std::vector<std::string> examples; ///< the first faults, as sentences
  std::vector<std::string> limits;   ///< reasons why the driver may have been the limit
};

/// Selects the points of a histogram that are worth showing.
[[nodiscard]] latency_curve make_curve(std::string name, const histogram& durations);
/// Returns the duration at `share`, which must be one of the points; 0 if it is not.
[[nodiscard]] double quantile_of(const latency_curve& curve, double share);
/// Formats numbers with their unit for a reader.
[[nodiscard]] std::string show(double value, unit in);

/// Formats a report as a table for a terminal.
[[nodiscard]] std::string report_table(const run_report& run);
/// Writes a report as JSON, and reads it back. The error is a sentence.
[[nodiscard]] std::string report_json(const run_report& run);
[[nodiscard]] expected<run_report, std::string> parse_report(std::string_view json);
/// Formats reports as one self-contained HTML page with a curve for each run in every plot.
[[nodiscard]] std::string report_html(const std::vector<run_report>& runs);

} // namespace hubbub::bench
