#include "bench/scenario/attacker.hpp"
#include "bench/scenario/gathering.hpp"
#include "bench/scenario/scenario.hpp"
#include "bench/scenario/traffic.hpp"

#include <algorithm>
#include <deque>

namespace hubbub::bench {
namespace {

/// Number of addresses of the attackers, which do not share those of the clients, since servers
/// count by address.
constexpr std::size_t hostile_addresses = 64;
constexpr double quiet_rate = 200;

/// A server under attack.
struct victim {
  endpoint server;
  std::vector<attack> attacks;
};

/// Runs all attacks on all servers, in turn.
class mob {
 public:
  explicit mob(run& of) {
    for (auto server : of.servers) {
      server.sources = hostile_addresses;
      victims_.push_back({server, attacks_on(server, of.words, of.clients.room_name(0))});
    }
    for (std::size_t i = 0; i < of.asked.attackers; ++i) {
      const auto& [server, attacks] = victims_[i % victims_.size()];
      // Never from the first address, which belongs to the clients.
      attackers_.emplace_back(of.loop, server, attacks[i / victims_.size() % attacks.size()],
                              1 + i % (hostile_addresses - 1));
    }
    for (auto& each : attackers_)
      each.begin();
  }

  void end() {
    for (auto& each : attackers_)
      each.end();
  }
  [[nodiscard]] std::uint64_t connects() const {
    std::uint64_t sum = 0;
    for (const auto& each : attackers_)
      sum += each.connects();
    return sum;
  }
  [[nodiscard]] std::uint64_t refusals() const {
    std::uint64_t sum = 0;
    for (const auto& each : attackers_)
      sum += each.refusals();
    return sum;
  }

 private:
  std::vector<victim> victims_;
  std::deque<attacker> attackers_; ///< a container whose elements stay where they are
};

} // namespace

void suit_hostile(options& defaults) {
  // A hundred people who talk: their waits are then due to the server, not to each other.
  defaults.connections = std::min<std::size_t>(defaults.connections, 100);
  defaults.rooms = std::max<std::size_t>(1, defaults.connections / 10);
  defaults.senders = defaults.connections;
  defaults.rate = quiet_rate;
}

/// Measures the clients alone, then under attack: how much longer do they wait? They must not
/// miss anything.
void run_hostile(run& of) {
  if (!gather(of)) return;
  traffic talk{of};
  const auto quiet = talk_and_measure(of, talk);
  of.report.latencies.push_back(make_curve("delivery, quiet", talk.latencies()));
  const auto p99_quiet = talk.latencies().p99();

  of.shown.stage("under attack", of.asked.duration);
  mob attackers{of};
  // The first rush of the attack is not part of the quiet measurement.
  talk.forget_latencies();
  of.measure.begin(std::chrono::milliseconds{100});
  of.clients.turn_for(of.asked.duration);
  const auto found = of.measure.read();
  of.measure.stop();
  attackers.end();
  talk.finish();
  // Read only now, so that it also counts what arrived after the attack was over.
  const auto p99_attacked = talk.latencies().p99();

  auto& figures = of.report.figures;
  figures.push_back({"attackers", static_cast<double>(of.asked.attackers), unit::count});
  figures.push_back(
      {"attackers' connections", static_cast<double>(attackers.connects()), unit::count});
  figures.push_back({"attackers' connections that the server ended",
                     static_cast<double>(attackers.refusals()), unit::count});
  figures.push_back(
      {"deliveries in quiet", quiet.per_second(quiet.done.deliveries), unit::per_second});
  if (p99_quiet > 0)
    figures.push_back(
        {"p99 of the good clients, against quiet", p99_attacked / p99_quiet, unit::share});
  report_measurement(of, found);
  report_talk(of, found, talk);
}

} // namespace hubbub::bench
