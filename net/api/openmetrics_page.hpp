#pragma once

#include "actors/metrics/chat_measures.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// The content type of `openmetrics_page`.
inline constexpr std::string_view openmetrics_content_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// True if a scraper that sent this `Accept` wants OpenMetrics, and likes plain text no better.
[[nodiscard]] bool wants_openmetrics(std::string_view accept);

/// Makes a page in the OpenMetrics format of one in Prometheus' text format, with the same
/// series. The histograms of HTTP requests get their exemplars from `measures`, which may be
/// null.
[[nodiscard]] std::string openmetrics_page(std::string_view plain,
                                           const chat_measures* measures);

} // namespace hubbub
