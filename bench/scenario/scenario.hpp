#pragma once

#include "bench/options.hpp"
#include "bench/scenario/run.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

/// The scenarios. Each has a file of its own, `scenario_NAME.cpp`, and fills the run's report;
/// faults go into the run's fault log.
namespace hubbub::bench {

/// The members of a room in scenarios where the size does not matter.
inline constexpr std::size_t members_of_a_room = 10;
/// Time between two samples of the server's CPU and memory, in scenarios without a warm-up.
inline constexpr std::chrono::milliseconds sampling{100};

struct scenario {
  std::string_view name;
  std::string_view help;
  void (*run_it)(run&);
  /// Sets the scenario's own defaults, before the command line is read.
  void (*suit)(options&);
};

void run_fanout(run& of);
void run_send(run& of);
void run_idle(run& of);
void run_storm(run& of);
void run_jitter(run& of);
void run_slow(run& of);
void run_history(run& of);
void run_hostile(run& of);

void suit_fanout(options& defaults);
void suit_send(options& defaults);
void suit_idle(options& defaults);
void suit_storm(options& defaults);
void suit_jitter(options& defaults);
void suit_slow(options& defaults);
void suit_history(options& defaults);
void suit_hostile(options& defaults);

inline constexpr std::array scenarios{
    scenario{"fanout", "members of rooms hear what some of them send", run_fanout, suit_fanout},
    scenario{"send", "senders alone in their rooms: how fast are messages acked", run_send,
             suit_send},
    scenario{"idle", "connections that only answer pings", run_idle, suit_idle},
    scenario{"storm", "all connect, all come back at once, many come and go", run_storm,
             suit_storm},
    scenario{"jitter", "connections drop for a moment, again and again: what arrives?",
             run_jitter, suit_jitter},
    scenario{"slow", "some clients do not read: do the others notice?", run_slow, suit_slow},
    scenario{"history", "paging through rooms, and searching them, over HTTP", run_history,
             suit_history},
    scenario{"hostile", "people talk while the server is attacked: do they notice?",
             run_hostile, suit_hostile},
};

} // namespace hubbub::bench
