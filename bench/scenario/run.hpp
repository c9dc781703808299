#pragma once

#include "bench/client/dialect.hpp"
#include "bench/client/endpoint.hpp"
#include "bench/client/event_loop.hpp"
#include "bench/client/fault_log.hpp"
#include "bench/options.hpp"
#include "bench/report/meter.hpp"
#include "bench/report/progress.hpp"
#include "bench/report/report.hpp"
#include "bench/scenario/crowd.hpp"

#include <cstddef>
#include <vector>

namespace hubbub::bench {

/// The state of one run.
struct run {
  run(const options& o, const dialect& d, const std::vector<endpoint>& e);

  const options& asked;
  const dialect& words;
  const std::vector<endpoint>& servers;
  event_loop loop;
  fault_log faults;
  meter measure;
  crowd clients;
  progress shown;
  run_report report;

  /// Returns the server of a client that is not one of the crowd: all of them in turn.
  [[nodiscard]] const endpoint& server_for(std::size_t number) const {
    return servers[number % servers.size()];
  }
};

/// Runs the scenario that the options name and returns its report. The error is a sentence
/// that says why it could not begin.
[[nodiscard]] expected<run_report, std::string> run_scenario(const options& asked);

} // namespace hubbub::bench
