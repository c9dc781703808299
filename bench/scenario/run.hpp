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

namespace hubbub::bench {

/// The state of one run.
struct run {
  run(const options& o, const dialect& d, const endpoint& e);

  const options& asked;
  const dialect& words;
  const endpoint& server;
  event_loop loop;
  fault_log faults;
  meter measure;
  crowd clients;
  progress shown;
  run_report report;
};

/// Runs the scenario that the options name and returns its report. The error is a sentence
/// that says why it could not begin.
[[nodiscard]] expected<run_report, std::string> run_scenario(const options& asked);

} // namespace hubbub::bench
