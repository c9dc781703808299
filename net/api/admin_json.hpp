#pragma once

#include "actors/metrics/activity.hpp"
#include "net/api/figure_history.hpp"
#include "net/api/trace_teller.hpp"
#include "proto/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The answers to the page for people on call, as JSON; docs/api.md describes them.
namespace hubbub {

/// What `GET /api/admin/now` tells besides the counters.
struct state_now {
  timestamp at;
  std::string_view version;
  std::int64_t node = 0;
  bool stopping = false;
  timed_snapshot_ptr base; ///< what the figures are compared with; null right after the start
  std::vector<figure_sample> samples;
};
[[nodiscard]] std::string now_json(const state_now& state, const timed_snapshot& now);

/// A client for which something waits, since it has not read it yet.
struct waiting_client {
  std::string connection; ///< as in the log
  std::string user_id;    ///< empty: it has no name yet
  std::string client;     ///< its address
  std::size_t queued_bytes = 0;
};
/// Leaves the `most` clients for which most waits, the longest queue first.
void cut_to_longest(std::vector<waiting_client>& clients, std::size_t most);

[[nodiscard]] std::string activity_json(const busy_report& busy,
                                        const std::vector<waiting_client>& slow);
/// Formats what a flight recorder remembers; its steps are JSON objects already.
[[nodiscard]] std::string trace_json(const trace_memoir& told);
/// Returns `{"disconnected":…}`.
[[nodiscard]] std::string disconnected_json(std::size_t sessions);

} // namespace hubbub
