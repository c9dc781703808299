#include "bench/report/report.hpp"
#include "bench/report/svg_plot.hpp"

#include <algorithm>
#include <array>

namespace hubbub::bench {
namespace {

using run_list = std::vector<const run_report*>;

// Okabe and Ito's colours, which most people can tell apart; after them the same ones, dashed.
constexpr std::array colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                             "#e69f00", "#56b4e9", "#8a7a00", "#777777"};
constexpr std::size_t styles = 2 * colours.size();

constexpr std::string_view page_style = R"(
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 84rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1rem; }
.plots svg { width: 100%; border: 1px solid var(--line); border-radius: 6px; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .15rem .8rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tr.part td { background: var(--soft); font-weight: 600; }
.key { display: inline-block; width: 1.6rem; border-top: 3px solid; vertical-align: middle; margin-right: .4rem; }
.keys span { margin-right: 1rem; white-space: nowrap; } .keys .key { margin-right: .4rem; }
.fault { color: #c22; font-weight: 600; } .doubt { color: #b60; }
svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
svg .title text { font-size: 13px; font-weight: 600; }
svg .grid line { stroke: var(--line); } svg .grid text { opacity: .75; }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
)";

std::string run_style() {
  std::string css;
  for (std::size_t i = 0; i < styles; ++i) {
    const std::string colour = colours[i % colours.size()];
    const auto name = ".run-" + std::to_string(i);
    const bool solid = i < colours.size();
    css.append("polyline").append(name).append(" { stroke: ").append(colour);
    css.append(solid ? "" : "; stroke-dasharray: 6 4").append("; }\n");
    css.append(".key").append(name).append(" { border-color: ").append(colour);
    css.append(solid ? "" : "; border-top-style: dashed").append("; }\n");
  }
  return css;
}

template <class Of, class NameOf>
std::vector<std::string> names_of(const run_list& runs, const Of& of, const NameOf& name_of) {
  std::vector<std::string> names;
  for (const auto* run : runs)
    for (const auto& one : of(*run))
      if (std::find(names.begin(), names.end(), name_of(one)) == names.end())
        names.push_back(name_of(one));
  return names;
}

template <class List>
auto find_named(const List& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&name](const auto& one) { return one.name == name; });
  return found == list.end() ? nullptr : &*found;
}

std::vector<std::string> curve_names(const run_list& runs) {
  return names_of(
      runs, [](const run_report& run) -> const auto& { return run.latencies; },
      [](const latency_curve& curve) { return curve.name; });
}

std::string part_row(std::string_view name, std::size_t columns) {
  return "<tr class=\"part\"><td colspan=\"" + std::to_string(columns + 1) + "\">" +
         escape_html(name) + "</td></tr>\n";
}

/// Makes a row with a cell for each run; `cell` returns its text.
template <class Cell>
std::string row(const run_list& runs, std::string_view name, const Cell& cell) {
  std::string html = "<tr><td>" + escape_html(name) + "</td>";
  for (const auto* run : runs)
    html += "<td>" + cell(*run) + "</td>";
  return html += "</tr>\n";
}

std::string settings_rows(const run_list& runs) {
  std::string html;
  const auto names = names_of(
      runs, [](const run_report& run) -> const auto& { return run.settings; },
      [](const auto& setting) { return setting.first; });
  for (const auto& name : names)
    html += row(runs, name, [&name](const run_report& run) {
      for (const auto& [key, value] : run.settings)
        if (key == name) return escape_html(value);
      return std::string{};
    });
  return html;
}

std::string figure_rows(const run_list& runs) {
  std::string html;
  const auto names = names_of(
      runs, [](const run_report& run) -> const auto& { return run.figures; },
      [](const figure& one) { return one.name; });
  for (const auto& name : names)
    html += row(runs, name, [&name](const run_report& run) {
      const auto* const found = find_named(run.figures, name);
      return found == nullptr ? "" : show(found->value, found->in);
    });
  return html;
}

std::string latency_rows(const run_list& runs) {
  constexpr std::array<std::pair<double, const char*>, 5> rows{
      {{0.5, "p50"}, {0.9, "p90"}, {0.99, "p99"}, {0.999, "p99.9"}, {1.0, "longest"}}};
  std::string html;
  for (const auto& name : curve_names(runs)) {
    html += part_row("latency: " + name, runs.size());
    for (const auto& [share, title] : rows)
      html += row(runs, title, [&name, share = share](const run_report& run) {
        const auto* const found = find_named(run.latencies, name);
        return found == nullptr ? "" : show(quantile_of(*found, share), unit::nanoseconds);
      });
  }
  return html;
}

std::string verdict_row(const run_list& runs) {
  return row(runs, "checked", [](const run_report& run) {
    std::string html;
    for (const auto& [name, count] : run.faults)
      html += "<span class=\"fault\">" + escape_html(name) + ": " + std::to_string(count) +
              "</span><br>";
    for (const auto& limit : run.limits)
      html += "<span class=\"doubt\" title=\"" + escape_html(limit) + "\">doubtful</span><br>";
    return html.empty() ? "✓" : html;
  });
}

std::string key(std::size_t index, std::string_view label) {
  return "<span class=\"key run-" + std::to_string(index % styles) + "\"></span>" +
         escape_html(label);
}

std::string table(const run_list& runs) {
  std::string html = "<div class=\"table\"><table>\n<tr><th></th>";
  for (std::size_t i = 0; i < runs.size(); ++i)
    html += "<th>" + key(i, runs[i]->label) + "</th>";
  html += "</tr>\n" + verdict_row(runs) + figure_rows(runs) + latency_rows(runs);
  html += part_row("asked for", runs.size()) + settings_rows(runs);
  return html += "</table></div>\n";
}

std::string latency_plots(const run_list& runs) {
  std::string html;
  for (const auto& name : curve_names(runs)) {
    svg_plot plot{"latency: " + name, axis::nines, axis::decades, unit::nanoseconds};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const auto* const curve = find_named(runs[i]->latencies, name);
      if (curve == nullptr) continue;
      std::vector<std::pair<double, double>> points;
      // A thousand durations say nothing about one in ten thousand.
      const auto most = 1 - 1 / std::max(1.0, static_cast<double>(curve->count));
      for (const auto& point : curve->points)
        if (point.share <= most || point.share == 1)
          points.emplace_back(std::min(point.share, most), point.nanoseconds);
      plot.add(i % styles, runs[i]->label, std::move(points));
    }
    html += plot.draw();
  }
  return html;
}

std::string time_plot(const run_list& runs, std::string title, unit in, double sample::*value) {
  svg_plot plot{std::move(title), axis::linear, axis::linear, in};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<std::pair<double, double>> points;
    for (const auto& one : runs[i]->samples)
      points.emplace_back(one.seconds, one.*value);
    const bool is_flat = std::all_of(points.begin(), points.end(),
                                     [](const auto& point) { return point.second == 0; });
    if (!is_flat) plot.add(i % styles, runs[i]->label, std::move(points));
  }
  return plot.draw();
}

std::string section(const std::string& scenario, const run_list& runs) {
  std::string html = "<h2>" + escape_html(scenario) + "</h2>\n<p class=\"keys\">";
  for (std::size_t i = 0; i < runs.size(); ++i)
    html += "<span>" + key(i, runs[i]->label) + "</span> ";
  html += "</p>\n<div class=\"plots\">\n";
  html += latency_plots(runs);
  html += time_plot(runs, "deliveries a second", unit::count, &sample::deliveries);
  html += time_plot(runs, "server's memory", unit::bytes, &sample::resident);
  html += time_plot(runs, "server's CPU, of a core", unit::share, &sample::server_cpu);
  html += time_plot(runs, "driver's CPU, of a core", unit::share, &sample::driver_cpu);
  return html += "</div>\n" + table(runs);
}

} // namespace

std::string report_html(const std::vector<run_report>& runs) {
  std::vector<std::string> scenarios;
  for (const auto& run : runs)
    if (std::find(scenarios.begin(), scenarios.end(), run.scenario) == scenarios.end())
      scenarios.push_back(run.scenario);
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width\">\n"
                     "<title>hubbub-bench</title>\n<style>";
  html.append(page_style).append(run_style()).append("</style>\n<h1>hubbub-bench</h1>\n");
  for (const auto& scenario : scenarios) {
    run_list same;
    for (const auto& run : runs)
      if (run.scenario == scenario) same.push_back(&run);
    html += section(scenario, same);
  }
  return html += "</html>\n";
}

} // namespace hubbub::bench
