#pragma once

#include "actors/interfaces.hpp"
#include "net/io/server_stats.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// The counters for a metrics page: a copy from each actor.
struct metrics_snapshot {
  writer_stats store;
  search_stats searches;
  relay_stats relays; ///< sum over all threads
  directory_stats rooms;
  limiter_stats rates;
  connection_counts users;
  refusal_counts refusals; ///< sum over all threads
  server_stats server;
};

/// The content type of `metrics_page`.
inline constexpr std::string_view metrics_content_type =
    "text/plain; version=0.0.4; charset=utf-8";

/// Formats the counters in Prometheus' text format. docs/operations.md lists them.
[[nodiscard]] std::string metrics_page(const metrics_snapshot& snapshot,
                                       std::string_view version);

} // namespace hubbub
