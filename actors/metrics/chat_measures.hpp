#pragma once

#include "actors/metrics/exemplars.hpp"
#include "actors/metrics/histogram.hpp"
#include "proto/access/connect_refusal.hpp"
#include "proto/enum_count.hpp"
#include "proto/error.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

namespace hubbub {

/// What became of a message that somebody sent.
enum class ack_outcome : std::uint8_t {
  stored,
  repeated, ///< it had been stored before, by its client_id
  refused,  ///< too many writes wait, or the sender may not write
  failed,   ///< the store failed
};
[[nodiscard]] constexpr std::string_view to_string(ack_outcome outcome) {
  switch (outcome) {
  case ack_outcome::stored: return "stored";
  case ack_outcome::repeated: return "repeated";
  case ack_outcome::refused: return "refused";
  case ack_outcome::failed: return "failed";
  }
  return {};
}

/// What became of a client's wish to get an earlier session back.
enum class recovery_outcome : std::uint8_t {
  recovered,
  fresh,   ///< the session is unknown, over, or something of it is lost: a new one begins
  refused, ///< too many wait (`max_claims`)
};
[[nodiscard]] constexpr std::string_view to_string(recovery_outcome outcome) {
  switch (outcome) {
  case recovery_outcome::recovered: return "recovered";
  case recovery_outcome::fresh: return "fresh";
  case recovery_outcome::refused: return "refused";
  }
  return {};
}

/// The way in which a room learned what another node wrote.
enum class foreign_source : std::uint8_t {
  batch, ///< with what the room wrote itself
  log,   ///< the room read the log
  bus,   ///< over the bus
};
[[nodiscard]] constexpr std::string_view to_string(foreign_source source) {
  switch (source) {
  case foreign_source::batch: return "batch";
  case foreign_source::log: return "log";
  case foreign_source::bus: return "bus";
  }
  return {};
}

inline constexpr std::size_t error_code_count =
    static_cast<std::size_t>(error_code::storage_error) + 1;
using error_counts = std::array<std::uint64_t, error_code_count>; ///< by `error_code`

/// How long the answers to one HTTP route took, by the first digit of their status less one.
using route_latencies = std::array<latency_histogram, 5>;
/// Returns the number of a route's histogram among all of them; see `exemplars`.
[[nodiscard]] constexpr std::uint32_t route_series(std::size_t route, std::size_t status) {
  return static_cast<std::uint32_t>(route * std::tuple_size_v<route_latencies> + status);
}

/// What the actors of one io thread measure. Used by that thread only.
struct chat_measures {
  /// From the pass in which a room passed a message on to the pass in which it is told the
  /// outcome, by `ack_outcome`.
  std::array<latency_histogram, enum_count<ack_outcome>()> acks{};
  latency_histogram
      room_wakes; ///< from the first request for a sleeping room until it is awake
  std::array<std::uint64_t, enum_count<recovery_outcome>()> recoveries{};
  error_counts socket_errors{}; ///< errors that clients were sent over Socket.IO
  error_counts http_errors{};
  std::vector<route_latencies> http; ///< by the route's place in its table
  exemplars http_traces;             ///< by `route_series`

  /// Messages and changes of other nodes that rooms told, by `foreign_source`.
  std::array<std::uint64_t, enum_count<foreign_source>()> foreign_entries{};
  std::uint64_t log_reads = 0; ///< reads of a room's log for what other nodes wrote

  /// CONNECTs that were refused, by `connect_refusal`.
  std::array<std::uint64_t, enum_count<connect_refusal>()> connects_refused{};

  std::uint64_t writes_waiting = 0; ///< a copy for the metrics page, like what follows
  std::chrono::nanoseconds oldest_write{};
  std::uint64_t room_mail = 0; ///< messages that wait in the mailboxes of the thread's rooms
  std::chrono::nanoseconds oldest_mail{}; ///< how long the oldest mail of any actor waits

  /// When the thread last heard from the writer; not for the metrics page.
  std::chrono::steady_clock::time_point answered_at{};

  chat_measures& operator+=(const chat_measures& more) {
    const auto add = [](auto& sum, const auto& part) {
      for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += part[i];
    };
    add(acks, more.acks);
    room_wakes += more.room_wakes;
    add(recoveries, more.recoveries);
    add(socket_errors, more.socket_errors);
    add(http_errors, more.http_errors);
    http.resize(std::max(http.size(), more.http.size()));
    for (std::size_t i = 0; i < more.http.size(); ++i)
      add(http[i], more.http[i]);
    http_traces += more.http_traces;
    add(foreign_entries, more.foreign_entries);
    log_reads += more.log_reads;
    add(connects_refused, more.connects_refused);
    writes_waiting += more.writes_waiting;
    oldest_write = std::max(oldest_write, more.oldest_write);
    room_mail += more.room_mail;
    oldest_mail = std::max(oldest_mail, more.oldest_mail);
    return *this;
  }
};

} // namespace hubbub
