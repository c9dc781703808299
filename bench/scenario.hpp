#pragma once

#include "bench/options.hpp"
#include "bench/run.hpp"

#include <array>
#include <string_view>

/// What can be measured. Each scenario has a file of its own, `scenario_NAME.cpp`, and fills
/// the run's report; what goes wrong is in the run's fault log.
namespace hubbub::bench {

struct scenario {
  std::string_view name;
  std::string_view help;
  void (*run_it)(run&);
  /// Changes the options' defaults to what suits it, before the command line does.
  void (*suit)(options&);
};

void run_fanout(run& of);
void run_send(run& of);
void run_idle(run& of);

void suit_fanout(options& defaults);
void suit_send(options& defaults);
void suit_idle(options& defaults);

inline constexpr std::array scenarios{
    scenario{"fanout", "members of rooms hear what some of them send", run_fanout, suit_fanout},
    scenario{"idle", "connections that only answer pings", run_idle, suit_idle},
    scenario{"send", "senders alone in their rooms: how fast are messages acked", run_send,
             suit_send},
};

} // namespace hubbub::bench
