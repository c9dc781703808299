#pragma once

#include "actors/metrics/histogram.hpp"

#include <prometheus/metric_family.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Makes metrics of Prometheus' kinds, for the metrics page.
namespace hubbub::metric {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// Adds a value to a family, of the family's type.
inline void add(MetricFamily& family, double value, labels with = {}) {
  ClientMetric metric;
  if (family.type == MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  metric.label = std::move(with);
  family.metric.push_back(std::move(metric));
}
inline void add(MetricFamily& family, std::uint64_t value, labels with = {}) {
  add(family, static_cast<double>(value), std::move(with));
}

/// Adds a histogram to a family of histograms.
template <class Scale>
void add(MetricFamily& family, const histogram<Scale>& values, labels with = {}) {
  ClientMetric metric;
  metric.label = std::move(with);
  auto& out = metric.histogram;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i <= Scale::bounds.size(); ++i) {
    below += values.counts()[i];
    const auto bound = i < Scale::bounds.size()
                           ? static_cast<double>(Scale::bounds[i]) / Scale::a_unit
                           : std::numeric_limits<double>::infinity();
    out.bucket.push_back({below, bound});
  }
  out.sample_count = below;
  out.sample_sum = static_cast<double>(values.sum()) / Scale::a_unit;
  family.metric.push_back(std::move(metric));
}

inline MetricFamily family(std::string_view name, std::string_view help, MetricType type) {
  return {std::string{name}, std::string{help}, type, {}};
}
/// Makes a counter or a gauge without labels.
template <class Value>
MetricFamily plain(std::string_view name, std::string_view help, MetricType type, Value value) {
  auto made = family(name, help, type);
  add(made, value);
  return made;
}
inline MetricFamily counter(std::string_view name, std::string_view help, std::uint64_t value) {
  return plain(name, help, MetricType::Counter, value);
}
inline MetricFamily gauge(std::string_view name, std::string_view help, std::uint64_t value) {
  return plain(name, help, MetricType::Gauge, value);
}

/// Makes a counter for each value of an enumeration, whose word is the label.
template <class Enum, class Counts>
MetricFamily by(std::string_view name, std::string_view help, std::string_view label,
                const Counts& counts) {
  auto made = family(name, help, MetricType::Counter);
  for (std::size_t i = 0; i < counts.size(); ++i)
    add(made, counts[i], {{std::string{label}, std::string{to_string(static_cast<Enum>(i))}}});
  return made;
}

} // namespace hubbub::metric
