#include "bench/report/meter.hpp"

#include <unistd.h>

#include <algorithm>

namespace hubbub::bench {
namespace {

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>{time}.count();
}

process_usage between(const process_usage& before, const process_usage& after) {
  return {after.cpu - before.cpu, after.user - before.user, after.system - before.system,
          after.waited - before.waited, after.resident};
}

tally between(const tally& before, const tally& after) {
  return {after.deliveries - before.deliveries, after.sent - before.sent,
          after.confirmed - before.confirmed, after.connects - before.connects,
          after.requests - before.requests};
}

} // namespace

double measurement::per_second(std::uint64_t count) const {
  return elapsed.count() > 0 ? static_cast<double>(count) / seconds(elapsed) : 0;
}

double measurement::cores(const process_usage& of) const {
  return elapsed.count() > 0 ? seconds(of.cpu) / seconds(elapsed) : 0;
}

void meter::begin(std::chrono::nanoseconds interval) {
  interval_ = interval;
  begun_ = look();
  sampled_ = begun_;
  resident_peak_ = begun_.server.resident;
  loop_->forget_delays();
  samples_.clear();
  if (samples_wanted_) return;
  samples_wanted_ = true;
  sample_later();
}

measurement meter::read() {
  const auto now = look();
  measurement result;
  result.elapsed = now.when - begun_.when;
  result.done = between(begun_.counts, now.counts);
  result.server = between(begun_.server, now.server);
  result.driver = between(begun_.driver, now.driver);
  result.resident_before = begun_.server.resident;
  result.resident_peak = std::max(resident_peak_, now.server.resident);
  result.server_cores = cores_of(servers_);
  result.knows_server = knows_server();
  result.lag_p50 = loop_->delays().quantile(0.5);
  result.lag_p99 = loop_->delays().quantile(0.99);
  return result;
}

meter::snapshot meter::look() const {
  snapshot now;
  now.when = loop_->tick();
  now.counts = counts;
  if (knows_server()) now.server = usage_of(servers_);
  now.driver = usage_of(::getpid());
  return now;
}

void meter::take_sample() {
  const auto now = look();
  const auto elapsed = seconds(now.when - sampled_.when);
  const auto per_second = [elapsed](double count) { return elapsed > 0 ? count / elapsed : 0; };
  sample taken;
  taken.seconds = seconds(now.when - begun_.when);
  taken.deliveries =
      per_second(static_cast<double>(now.counts.deliveries - sampled_.counts.deliveries));
  taken.resident = static_cast<double>(now.server.resident);
  taken.server_cpu = per_second(seconds(now.server.cpu - sampled_.server.cpu));
  taken.driver_cpu = per_second(seconds(now.driver.cpu - sampled_.driver.cpu));
  samples_.push_back(taken);
  resident_peak_ = std::max(resident_peak_, now.server.resident);
  sampled_ = now;
}

void meter::sample_later() {
  loop_->at(loop_->now() + interval_, [this] {
    if (!samples_wanted_) return;
    take_sample();
    sample_later();
  });
}

} // namespace hubbub::bench
