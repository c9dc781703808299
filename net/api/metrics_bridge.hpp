#pragma once

#include "actors/bridge_interfaces.hpp"

#include <prometheus/metric_family.h>

#include <vector>

namespace hubbub {

/// Adds what is counted of the bridge to the metrics page.
void add_bridge(std::vector<prometheus::MetricFamily>& all, const bridge_stats& bridge);

} // namespace hubbub
