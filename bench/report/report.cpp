#include "bench/report/report.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace hubbub::bench {
namespace {

constexpr std::array shares{0.0,  0.1,   0.2,    0.3,   0.4,    0.5,    0.6,     0.7,  0.75,
                            0.8,  0.85,  0.9,    0.925, 0.95,   0.96,   0.97,    0.98, 0.985,
                            0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99999, 1.0};

template <std::size_t N>
struct scale {
  std::array<std::pair<double, const char*>, N> steps; ///< in falling order
};

constexpr scale<4> time_scale{{{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}}}};
constexpr scale<4> byte_scale{{{{1e9, "GB"}, {1e6, "MB"}, {1e3, "KB"}, {1, "B"}}}};

/// Formats a value with three significant digits.
template <std::size_t N>
std::string scaled(double value, const scale<N>& by) {
  if (value == 0) return "0";
  auto step = by.steps.back();
  for (const auto& candidate : by.steps)
    if (std::abs(value) >= candidate.first) {
      step = candidate;
      break;
    }
  const auto number = value / step.first;
  std::array<char, 64> text{};
  const int digits = std::abs(number) >= 100 ? 0 : std::abs(number) >= 10 ? 1 : 2;
  std::snprintf(text.data(), text.size(), "%.*f %s", digits, number, step.second);
  return text.data();
}

std::string grouped(double value) {
  const auto digits = std::to_string(std::llround(std::abs(value)));
  std::string text{value < 0 ? "-" : ""};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

} // namespace

latency_curve make_curve(std::string name, const histogram& durations) {
  latency_curve curve{std::move(name), durations.count(), {}};
  for (const auto share : shares)
    curve.points.push_back({share, static_cast<double>(durations.quantile(share).count())});
  return curve;
}

double quantile_of(const latency_curve& curve, double share) {
  for (const auto& point : curve.points)
    if (std::abs(point.share - share) < 1e-9) return point.nanoseconds;
  return 0;
}

std::string show(double value, unit in) {
  switch (in) {
  case unit::count: return grouped(value);
  case unit::per_second: return grouped(value) + " /s";
  case unit::nanoseconds: return scaled(value, time_scale);
  case unit::bytes: return scaled(value, byte_scale);
  case unit::share: break;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", value * 100);
  return text.data();
}

} // namespace hubbub::bench
