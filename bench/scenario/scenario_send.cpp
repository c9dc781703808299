#include "bench/scenario/gathering.hpp"
#include "bench/scenario/scenario.hpp"
#include "bench/scenario/traffic.hpp"

namespace hubbub::bench {

void suit_send(options& defaults) {
  defaults.rooms = defaults.connections;
  defaults.senders = defaults.connections;
  defaults.window = 1;
}

/// Runs a fan-out without other members, which leaves the way to the store and back.
void run_send(run& of) {
  if (!gather(of)) return;
  traffic talk{of};
  const auto found = talk_and_measure(of, talk);
  talk.finish();
  report_measurement(of, found);
  report_talk(of, found, talk);
}

} // namespace hubbub::bench
