#pragma once

#include "actors/interfaces.hpp"
#include "net/api/process_metrics.hpp"
#include "net/io/server_stats.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// An actor that was asked for its counters: how long its answer took, which is how long
/// everything else that is sent to it waits at the moment; nothing if it did not answer in
/// time.
struct actor_answer {
  std::string actor;
  std::optional<double> seconds;
  std::optional<std::uint64_t> mail = std::nullopt; ///< messages that wait for it, if it tells
};

/// The queues of one io thread.
struct thread_queues {
  std::size_t thread = 0;
  std::uint64_t writes = 0; ///< at its gate: sent to the writer and not answered
  std::chrono::nanoseconds oldest_write{};
  std::uint64_t room_mail = 0; ///< messages in the mailboxes of its rooms
  std::chrono::nanoseconds oldest_mail{};
};

/// The counters for a metrics page: a copy from each actor. A part is missing if the actor, or
/// one of those that are added up, did not answer in time. Its metrics are then left out, since
/// an old value, or none, would look like a restart.
struct metrics_snapshot {
  std::optional<writer_stats> store;
  std::optional<search_stats> searches;
  std::optional<relay_stats> relays; ///< sum over all threads
  std::optional<directory_stats> rooms;
  std::optional<limiter_stats> rates;
  std::optional<connection_counts> users;
  std::optional<refusal_counts> refusals; ///< sum over all threads
  std::optional<chat_measures> measures;  ///< sum over all threads
  std::vector<thread_queues> threads;     ///< those that have answered
  std::optional<bus_stats> bus;           ///< also without a bus, so that its metrics are there
  std::optional<bridge_stats> bridge;     ///< also without a bridge, likewise
  std::optional<presence_stats> presence; ///< also without other servers, likewise
  std::optional<server_stats> server;
  std::vector<actor_answer> answers;
  process_figures process;
  std::optional<allocator_figures> allocator;
};

/// The content type of `metrics_page`.
inline constexpr std::string_view metrics_content_type =
    "text/plain; version=0.0.4; charset=utf-8";

/// Formats the counters in Prometheus' text format. docs/monitoring.md lists them.
[[nodiscard]] std::string metrics_page(const metrics_snapshot& snapshot,
                                       std::string_view version);

/// Formats the counters and gauges of the same page as a JSON object by their names. One with
/// labels is an object by the values of its labels, which a space separates.
[[nodiscard]] std::string metrics_json(const metrics_snapshot& snapshot,
                                       std::string_view version);

} // namespace hubbub
