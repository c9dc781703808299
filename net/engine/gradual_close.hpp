#pragma once

#include "net/io/io_thread.hpp"
#include "proto/close_reason.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace hubbub {

class engine_endpoint;

/// How often sessions are closed while a server empties.
inline constexpr std::chrono::milliseconds closing_step{50};

/// Returns how many of `at_first` sessions, which are closed evenly over `time`, are to be left
/// when `time_left` of it is.
[[nodiscard]] std::size_t left_after(std::size_t at_first, std::chrono::milliseconds time,
                                     steady_time::duration time_left);

/// Closes the sessions of one io thread, spread over a time, so that their clients do not all
/// come back in one moment. Lives on that thread.
class gradual_close final : private timed {
 public:
  gradual_close(io_thread& home, std::vector<engine_endpoint*> endpoints)
      : home_(&home), endpoints_(std::move(endpoints)) {}

  /// Begins, and calls `done` once no session is left. No session is opened from now on.
  void start(std::chrono::milliseconds time, std::function<void()> done);

 private:
  void on_time(steady_time now) override;
  [[nodiscard]] std::size_t sessions() const;

  io_thread* home_;
  std::vector<engine_endpoint*> endpoints_;
  std::size_t at_first_ = 0;
  std::chrono::milliseconds time_{0};
  steady_time end_;
  std::function<void()> done_;
};

} // namespace hubbub
