#include "bench/scenario/gathering.hpp"
#include "bench/scenario/scenario.hpp"
#include "bench/scenario/traffic.hpp"

#include <algorithm>
#include <optional>
#include <random>

namespace hubbub::bench {
namespace {

/// Drops clients that do not send for a moment, each on its own, again and again.
class dropper {
 public:
  dropper(run& of, const traffic& talk)
      : run_(&of), talk_(&talk), catches_up_(!of.words.join.since.empty()) {}

  void begin() {
    going_ = true;
    const auto& asked = run_->asked;
    const auto readers = asked.connections - asked.senders;
    const auto count = static_cast<std::size_t>(static_cast<double>(readers) * asked.share);
    const auto now = run_->loop.tick();
    for (std::size_t i = 0; i < count; ++i)
      drop_at(now + some_of(asked.every), asked.senders + i);
  }
  /// Stops dropping, and waits until all clients are back.
  void finish() {
    going_ = false;
    auto& clients = run_->clients;
    clients.await([&clients] { return clients.joined() == clients.size(); }, "to come back");
  }
  [[nodiscard]] std::uint64_t drops() const { return drops_; }

 private:
  std::chrono::nanoseconds some_of(std::chrono::nanoseconds time) {
    return std::chrono::nanoseconds{
        std::uniform_int_distribution<std::int64_t>{0, time.count()}(random_)};
  }
  void drop_at(moment when, std::size_t client) {
    run_->loop.at(when, [this, client] { drop(client); });
  }
  void drop(std::size_t client) {
    if (!going_) return;
    const auto& asked = run_->asked;
    // A client that is not back yet is left alone this time.
    if (run_->clients.is_joined(client)) {
      ++drops_;
      run_->clients.drop(client);
      run_->loop.at(run_->loop.now() + asked.away, [this, client] { come_back(client); });
    }
    drop_at(run_->loop.now() + asked.every / 2 + some_of(asked.every), client);
  }
  void come_back(std::size_t client) {
    std::optional<std::int64_t> since;
    if (catches_up_) since = talk_->last_seq(client);
    run_->clients.connect_and_join(client, since);
  }

  run* run_;
  const traffic* talk_;
  bool catches_up_;
  bool going_ = false;
  std::uint64_t drops_ = 0;
  // The same drops in every run, so that only the server differs.
  std::mt19937_64 random_{20240517}; // NOLINT(*-msc51-cpp,*-msc32-c)
};

} // namespace

void suit_jitter(options& defaults) {
  defaults.rooms = std::max<std::size_t>(1, defaults.connections / 50);
  defaults.senders = std::min(defaults.rooms, defaults.connections);
  defaults.rate = 200;
}

/// Measures what clients get whose connection drops again and again. If the dialect has a
/// catch-up, they must get everything, once and in order; otherwise the report says how much
/// they got.
void run_jitter(run& of) {
  if (!gather(of)) return;
  of.clients.forget_times();
  of.clients.allow_at_once(of.clients.size());
  traffic talk{of};
  if (of.words.join.since.empty()) talk.forgive_absence();
  dropper drops{of, talk};
  drops.begin();
  const auto found = talk_and_measure(of, talk);
  drops.finish();
  talk.finish();

  const auto expected = static_cast<double>(of.measure.counts.deliveries + talk.lacking());
  auto& figures = of.report.figures;
  figures.push_back({"drops", static_cast<double>(drops.drops()), unit::count});
  figures.push_back(
      {"messages caught up on", static_cast<double>(talk.caught_up()), unit::count});
  figures.push_back({"messages that arrived",
                     expected > 0 ? 1 - static_cast<double>(talk.lacking()) / expected : 1,
                     unit::share});
  of.report.latencies.push_back(make_curve("back", of.clients.join_times()));
  report_measurement(of, found);
  report_talk(of, found, talk);
}

} // namespace hubbub::bench
