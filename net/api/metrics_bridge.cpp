#include "net/api/metrics_bridge.hpp"

#include "net/api/metric_family.hpp"

#include <chrono>

namespace hubbub {

using namespace metric;

void add_bridge(std::vector<prometheus::MetricFamily>& all, const bridge_stats& bridge) {
  const std::chrono::duration<double> silent{bridge.silent};
  const std::vector<MetricFamily> some{
      plain("hubbub_bridge_silent_seconds",
            "How long the bridge's Redis has not answered; 0 while it does, and without one.",
            MetricType::Gauge, silent.count()),
      counter("hubbub_bridge_connects_total", "Connections to the bridge's Redis.",
              bridge.connects),
      counter("hubbub_bridge_events_total", "Events of the bridge that were passed on.",
              bridge.passed),
      counter("hubbub_bridge_stored_total", "Events of the bridge that became messages.",
              bridge.stored),
      counter("hubbub_bridge_dropped_total",
              "Events of the bridge that were dropped, since too many waited.", bridge.dropped),
      by<bridge_refusal>("hubbub_bridge_refused_total",
                         "Messages of the bridge that were not passed on, by reason.", "reason",
                         bridge.refused),
  };
  all.insert(all.end(), some.begin(), some.end());
}

} // namespace hubbub
