#pragma once

#include "actors/interfaces.hpp"
#include "net/io/server_stats.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// What the metrics are made of: a copy of each actor's own counters.
struct metrics_snapshot {
  writer_stats store;
  search_stats searches;
  relay_stats relays; ///< of all threads together
  directory_stats rooms;
  limiter_stats rates;
  connection_counts users;
  refusal_counts refusals; ///< of all threads together
  server_stats server;
};

/// The content type of `metrics_page`.
inline constexpr std::string_view metrics_content_type =
    "text/plain; version=0.0.4; charset=utf-8";

/// In Prometheus' text format. docs/operations.md lists what is in it.
[[nodiscard]] std::string metrics_page(const metrics_snapshot& snapshot,
                                       std::string_view version);

} // namespace hubbub
