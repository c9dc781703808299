#include "bench/report/report.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace hubbub::bench {
namespace {

constexpr std::array<std::pair<unit, std::string_view>, 5> unit_names{
    {{unit::count, "count"},
     {unit::per_second, "per_second"},
     {unit::nanoseconds, "nanoseconds"},
     {unit::bytes, "bytes"},
     {unit::share, "share"}}};

std::string_view unit_name(unit in) {
  for (const auto& [value, name] : unit_names)
    if (value == in) return name;
  return {};
}

unit unit_of(std::string_view text) {
  for (const auto& [value, name] : unit_names)
    if (name == text) return value;
  return unit::count;
}

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto finite = std::isfinite(number) ? number : 0;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), finite);
  return {text.data(), written.ptr};
}

void write_series(json::writer& out, const std::vector<sample>& samples) {
  out.key("samples").begin_array();
  for (const auto& one : samples)
    out.begin_object()
        .key("seconds")
        .raw(number_text(one.seconds))
        .key("deliveries")
        .raw(number_text(one.deliveries))
        .key("resident")
        .raw(number_text(one.resident))
        .key("server_cpu")
        .raw(number_text(one.server_cpu))
        .key("driver_cpu")
        .raw(number_text(one.driver_cpu))
        .end_object();
  out.end_array();
}

void write_latencies(json::writer& out, const std::vector<latency_curve>& curves) {
  out.key("latencies").begin_array();
  for (const auto& curve : curves) {
    out.begin_object().field("name", curve.name);
    out.field("count", static_cast<std::int64_t>(curve.count));
    out.key("points").begin_array();
    for (const auto& point : curve.points)
      out.begin_array()
          .raw(number_text(point.share))
          .raw(number_text(point.nanoseconds))
          .end_array();
    out.end_array().end_object();
  }
  out.end_array();
}

void write_texts(json::writer& out, std::string_view name,
                 const std::vector<std::string>& texts) {
  out.key(name).begin_array();
  for (const auto& text : texts)
    out.string(text);
  out.end_array();
}

std::string text_of(json::value from) {
  return std::string{from.string().value_or("")};
}

/// Returns a number that was counted; 0 for one that cannot have been.
std::uint64_t count_of(double number) {
  constexpr double most = 9'007'199'254'740'992; // counts up to here are exact
  return number >= 0 && number <= most ? static_cast<std::uint64_t>(number) : 0;
}

double number_of(json::value from) {
  if (!from.is_number()) return 0;
  std::string text;
  from.dump(text);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

latency_curve curve_of(json::value from) {
  latency_curve curve{text_of(from.find("name")), count_of(number_of(from.find("count"))), {}};
  const auto points = from.find("points");
  for (std::size_t i = 0; i < points.size(); ++i)
    curve.points.push_back({number_of(points.at(i).at(0)), number_of(points.at(i).at(1))});
  return curve;
}

sample sample_of(json::value from) {
  return {number_of(from.find("seconds")), number_of(from.find("deliveries")),
          number_of(from.find("resident")), number_of(from.find("server_cpu")),
          number_of(from.find("driver_cpu"))};
}

std::vector<std::string> texts_of(json::value from) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < from.size(); ++i)
    texts.push_back(text_of(from.at(i)));
  return texts;
}

} // namespace

std::string report_json(const run_report& run) {
  std::string text;
  json::writer out{text};
  out.begin_object().field("scenario", run.scenario).field("label", run.label);
  out.key("settings").begin_object();
  for (const auto& [name, value] : run.settings)
    out.field(name, value);
  out.end_object().key("figures").begin_array();
  for (const auto& figure : run.figures)
    out.begin_object()
        .field("name", figure.name)
        .key("value")
        .raw(number_text(figure.value))
        .field("unit", unit_name(figure.in))
        .end_object();
  out.end_array();
  write_latencies(out, run.latencies);
  write_series(out, run.samples);
  out.key("faults").begin_object();
  for (const auto& [name, count] : run.faults)
    out.field(name, static_cast<std::int64_t>(count));
  out.end_object();
  write_texts(out, "examples", run.examples);
  write_texts(out, "limits", run.limits);
  out.end_object();
  return text += '\n';
}

expected<run_report, std::string> parse_report(std::string_view json) {
  const auto parsed = json::parse(json, max_json_depth);
  if (!parsed) return unexpected(std::string{"it is not JSON"});
  const auto root = parsed->root();
  if (!root.find("scenario").is_string() || !root.find("figures").is_array())
    return unexpected(std::string{"it is no report of a run"});
  run_report run;
  run.scenario = text_of(root.find("scenario"));
  run.label = text_of(root.find("label"));
  const auto settings = root.find("settings");
  for (std::size_t i = 0; i < settings.size(); ++i)
    run.settings.emplace_back(settings.name_at(i), text_of(settings.member_at(i)));
  const auto figures = root.find("figures");
  for (std::size_t i = 0; i < figures.size(); ++i)
    run.figures.push_back({text_of(figures.at(i).find("name")),
                           number_of(figures.at(i).find("value")),
                           unit_of(text_of(figures.at(i).find("unit")))});
  const auto latencies = root.find("latencies");
  for (std::size_t i = 0; i < latencies.size(); ++i)
    run.latencies.push_back(curve_of(latencies.at(i)));
  const auto samples = root.find("samples");
  for (std::size_t i = 0; i < samples.size(); ++i)
    run.samples.push_back(sample_of(samples.at(i)));
  const auto faults = root.find("faults");
  for (std::size_t i = 0; i < faults.size(); ++i)
    run.faults.emplace_back(faults.name_at(i), count_of(number_of(faults.member_at(i))));
  run.examples = texts_of(root.find("examples"));
  run.limits = texts_of(root.find("limits"));
  return run;
}

} // namespace hubbub::bench
