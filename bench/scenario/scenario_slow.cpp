#include "bench/scenario/gathering.hpp"
#include "bench/scenario/scenario.hpp"
#include "bench/scenario/traffic.hpp"

#include <algorithm>

namespace hubbub::bench {
namespace {

constexpr std::chrono::milliseconds reading_pause{100};
constexpr std::size_t pauses_of_a_second = 10;
constexpr double default_share = 0.1;

/// Clients that stop reading, or read only some bytes a second.
class slow_readers {
 public:
  slow_readers(run& of, traffic& talk) : run_(&of) {
    const auto& asked = of.asked;
    const auto readers = asked.connections - asked.senders;
    const auto wanted = static_cast<double>(readers) * asked.share;
    end_ = of.clients.size();
    begin_ = end_ - static_cast<std::size_t>(wanted);
    for (auto i = begin_; i < end_; ++i) {
      of.clients.let_go(i);
      talk.excuse(i);
      of.clients.at(i).stop_reading();
    }
    if (asked.read_rate > 0) read_later();
  }
  void stop() { stopped_ = true; }
  [[nodiscard]] std::size_t count() const { return end_ - begin_; }

 private:
  void read_later() {
    run_->loop.at(run_->loop.now() + reading_pause, [this] {
      if (stopped_) return;
      for (auto i = begin_; i < end_; ++i)
        run_->clients.at(i).read_some(
            std::max<std::size_t>(1, run_->asked.read_rate / pauses_of_a_second));
      read_later();
    });
  }

  run* run_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool stopped_ = false;
};

} // namespace

void suit_slow(options& defaults) {
  // A room in which enough is said to fill the kernel's buffers during the run.
  defaults.connections = std::min<std::size_t>(defaults.connections, 100);
  defaults.share = default_share;
}

/// Measures while all clients read, then while some do not: do the others notice? They must not
/// miss anything.
void run_slow(run& of) {
  if (!gather(of)) return;
  traffic talk{of};
  const auto before = talk_and_measure(of, talk);
  of.report.latencies.push_back(make_curve("delivery, all read", talk.latencies()));
  const auto p99_before = talk.latencies().p99();

  of.shown.stage("some are slow", of.asked.duration);
  talk.forget_latencies();
  slow_readers slow{of, talk};
  of.measure.begin(std::chrono::milliseconds{100});
  of.clients.turn_for(of.asked.duration);
  const auto found = of.measure.read();
  of.measure.stop();
  talk.finish();
  slow.stop();
  // Read only now, so that it also counts what arrived after the time was over.
  const auto p99_after = talk.latencies().p99();

  auto& figures = of.report.figures;
  figures.push_back({"slow readers", static_cast<double>(slow.count()), unit::count});
  figures.push_back({"slow readers that were closed",
                     static_cast<double>(of.clients.let_go_and_closed()), unit::count});
  figures.push_back(
      {"deliveries before", before.per_second(before.done.deliveries), unit::per_second});
  if (p99_before > 0)
    figures.push_back(
        {"p99 of the others, against before", p99_after / p99_before, unit::share});
  report_measurement(of, found);
  report_talk(of, found, talk);
}

} // namespace hubbub::bench
