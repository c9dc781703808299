#include "bench/scenario/gathering.hpp"
#include "bench/scenario/scenario.hpp"
#include "bench/scenario/traffic.hpp"

namespace hubbub::bench {

void suit_fanout(options& /*defaults*/) {}

void run_fanout(run& of) {
  if (!gather(of)) return;
  traffic talk{of};
  const auto found = talk_and_measure(of, talk);
  talk.finish();
  report_measurement(of, found);
  report_talk(of, found, talk);
}

} // namespace hubbub::bench
