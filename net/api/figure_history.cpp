#include "net/api/figure_history.hpp"

#include <array>
#include <limits>
#include <numeric>
#include <utility>

namespace hubbub {
namespace {

constexpr auto not_known = std::numeric_limits<double>::quiet_NaN();

/// Returns how much a counter grew a second. `part` is where its part of a snapshot is.
template <auto Part, auto Counter>
double rate_of(const metrics_snapshot& before, const metrics_snapshot& now, double seconds) {
  const auto& from = before.*Part;
  const auto& to = now.*Part;
  if (!from || !to || seconds <= 0) return not_known;
  return (static_cast<double>((*to).*Counter) - static_cast<double>((*from).*Counter)) /
         seconds;
}

/// Returns the level of a gauge.
template <auto Part, auto Gauge>
double level_of(const metrics_snapshot&, const metrics_snapshot& now, double) {
  const auto& to = now.*Part;
  return to ? static_cast<double>((*to).*Gauge) : not_known;
}

template <class Histogram>
double quantile_of(Histogram now, const Histogram& before, double q) {
  now -= before;
  return now.quantile(q).value_or(not_known);
}

/// Returns a quantile, in hundredths, of what was counted between the snapshots.
template <auto Part, auto Histogram, int Percent>
double percentile(const metrics_snapshot& before, const metrics_snapshot& now, double) {
  const auto& from = before.*Part;
  const auto& to = now.*Part;
  if (!from || !to) return not_known;
  return quantile_of((*to).*Histogram, (*from).*Histogram, Percent / 100.0);
}

template <int Percent>
double ack_time(const metrics_snapshot& before, const metrics_snapshot& now, double) {
  if (!before.measures || !now.measures) return not_known;
  constexpr auto stored = static_cast<std::size_t>(ack_outcome::stored);
  return quantile_of(now.measures->acks[stored], before.measures->acks[stored],
                     Percent / 100.0);
}

template <class Counts>
double sum_of(const Counts& counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

/// Returns how many requests and connections were refused because of any bound or rate; NaN if
/// a part is missing.
double refusals_in(const metrics_snapshot& snapshot) {
  if (!snapshot.refusals || !snapshot.rates || !snapshot.server) return not_known;
  return sum_of(snapshot.refusals->by_reason) + sum_of(snapshot.rates->refusals.counts) +
         sum_of(snapshot.server->refused);
}

using shot = metrics_snapshot;

constexpr std::array all_figures{
    figure{"messages_per_second", &rate_of<&shot::store, &writer_stats::appended>},
    figure{"deliveries_per_second", &rate_of<&shot::relays, &relay_stats::delivered>},
    figure{"bytes_sent_per_second", &rate_of<&shot::server, &server_stats::bytes_sent>},
    figure{"http_requests_per_second", &rate_of<&shot::server, &server_stats::http_requests>},
    figure{"sessions_per_second", &rate_of<&shot::server, &server_stats::sessions_opened>},
    figure{"refused_per_second",
           [](const shot& before, const shot& now, double seconds) {
             return seconds > 0 ? (refusals_in(now) - refusals_in(before)) / seconds
                                : not_known;
           }},
    figure{"slow_readers_per_second",
           [](const shot& before, const shot& now, double seconds) {
             return rate_of<&shot::server, &server_stats::slow_readers>(before, now, seconds) +
                    rate_of<&shot::server, &server_stats::gaps_sent>(before, now, seconds);
           }},
    figure{"ack_p50_seconds", &ack_time<50>},
    figure{"ack_p99_seconds", &ack_time<99>},
    figure{"commit_p99_seconds", &percentile<&shot::store, &writer_stats::commit_time, 99>},
    figure{"fan_out_p99_seconds", &percentile<&shot::server, &server_stats::fan_outs, 99>},
    figure{"ping_p50_seconds", &percentile<&shot::server, &server_stats::pings, 50>},
    figure{"sessions_open", &level_of<&shot::server, &server_stats::sessions_open>},
    figure{"users_connected", &level_of<&shot::users, &connection_counts::users>},
    figure{"rooms_awake", &level_of<&shot::rooms, &directory_stats::awake>},
    figure{"writes_waiting", &level_of<&shot::measures, &chat_measures::writes_waiting>},
    figure{"wal_bytes", &level_of<&shot::store, &writer_stats::log_bytes>},
    figure{"resident_bytes",
           [](const shot&, const shot& now, double) {
             return static_cast<double>(now.process.resident_bytes);
           }},
    figure{"cpu_cores",
           [](const shot& before, const shot& now, double seconds) {
             return seconds > 0
                        ? (now.process.cpu_seconds - before.process.cpu_seconds) / seconds
                        : not_known;
           }},
};

} // namespace

std::span<const figure> figures() {
  return all_figures;
}

std::vector<float> figures_between(const timed_snapshot* before, const timed_snapshot& now) {
  std::vector<float> values(all_figures.size(), std::numeric_limits<float>::quiet_NaN());
  if (before == nullptr) return values;
  const std::chrono::duration<double> passed{now.taken - before->taken};
  for (std::size_t i = 0; i < all_figures.size(); ++i)
    values[i] = static_cast<float>(
        all_figures[i].between(before->counters, now.counters, passed.count()));
  return values;
}

void figure_history::add(timed_snapshot_ptr now, timestamp at) {
  if (last_) {
    samples_.push_back({++added_, at, figures_between(last_.get(), *now)});
    if (samples_.size() > capacity) samples_.pop_front();
  }
  before_ = std::exchange(last_, std::move(now));
}

std::vector<figure_sample> figure_history::after(std::uint64_t number) const {
  std::vector<figure_sample> found;
  for (const auto& each : samples_)
    if (each.number > number) found.push_back(each);
  return found;
}

} // namespace hubbub
