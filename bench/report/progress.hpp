#pragma once

#include "bench/client/event_loop.hpp"
#include "bench/report/meter.hpp"

#include <functional>
#include <string>

namespace hubbub::bench {

/// One line at the bottom of a terminal that shows how far the run is and how fast it goes.
/// Silent if standard error is not a terminal.
class progress {
 public:
  progress(event_loop& loop, const tally& counts, bool wanted);
  ~progress() { clear(); }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Shows what the run is doing; `part` returns how much of it is done, 0 to 1.
  void stage(std::string name, std::function<double()> part);
  /// Shows what the run is doing, for a step that takes `time`.
  void stage(std::string name, std::chrono::nanoseconds time);
  void clear();

 private:
  void draw();
  void draw_later();

  event_loop* loop_;
  const tally* counts_;
  bool shown_;
  std::string name_;
  std::function<double()> part_;
  tally drawn_;
  moment drawn_at_{};
};

} // namespace hubbub::bench
