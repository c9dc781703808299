#include "bench/report/report.hpp"

#include <algorithm>
#include <array>

namespace hubbub::bench {
namespace {

constexpr std::size_t name_width = 44;
constexpr std::array shown_shares{0.5, 0.9, 0.99, 0.999, 1.0};
constexpr std::array share_names{"p50", "p90", "p99", "p99.9", "longest"};
constexpr std::size_t column_width = 11;

/// Returns the width in characters, by which a terminal aligns, not in bytes.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
  }));
}

std::string left(std::string_view text, std::size_t columns) {
  std::string padded{text};
  padded.append(columns - std::min(columns, width(text)), ' ');
  return padded;
}

std::string right(std::string_view text, std::size_t columns) {
  return std::string(columns - std::min(columns, width(text)), ' ') + std::string{text};
}

void add_latencies(std::string& table, const run_report& run) {
  if (run.latencies.empty()) return;
  table += '\n' + left("latency", name_width - column_width) + right("count", column_width);
  for (const auto* name : share_names)
    table += right(name, column_width);
  table += '\n';
  for (const auto& curve : run.latencies) {
    table += left("  " + curve.name, name_width - column_width) +
             right(show(static_cast<double>(curve.count), unit::count), column_width);
    for (const auto share : shown_shares)
      table += right(show(quantile_of(curve, share), unit::nanoseconds), column_width);
    table += '\n';
  }
}

void add_verdict(std::string& table, const run_report& run) {
  table += '\n';
  if (run.faults.empty())
    table += "checked: nothing was lost, doubled, out of order, refused or cut off\n";
  for (const auto& [name, count] : run.faults)
    table += "FAULT    " + left(name, 20) + std::to_string(count) + '\n';
  for (const auto& example : run.examples)
    table += "         " + example + '\n';
  for (const auto& limit : run.limits)
    table += "DOUBTFUL " + limit + '\n';
}

} // namespace

std::string report_table(const run_report& run) {
  std::string table = run.scenario + ", " + run.label + '\n';
  for (const auto& [name, value] : run.settings)
    table.append(left("  " + name, name_width)).append(value).append("\n");
  table += '\n';
  for (const auto& figure : run.figures)
    table += left("  " + figure.name, name_width) + show(figure.value, figure.in) + '\n';
  add_latencies(table, run);
  add_verdict(table, run);
  return table;
}

} // namespace hubbub::bench
