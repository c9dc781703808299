#pragma once

#include "net/io/io_thread.hpp"

#include <chrono>
#include <optional>

namespace hubbub {

/// Notices when somebody sets the system's clock, by the clock that only counts on.
class clock_steps {
 public:
  using wall_time = std::chrono::system_clock::time_point;
  /// The smallest step that is told; a clock that is kept right is moved more gently.
  static constexpr std::chrono::milliseconds smallest{2'000};

  /// Looks at both clocks. Returns by how much the wall clock was set forward since the last
  /// look, or back if that is negative; nothing if it was not set.
  [[nodiscard]] std::optional<std::chrono::milliseconds> look(wall_time wall,
                                                              steady_time steady);

 private:
  struct moment {
    wall_time wall;
    steady_time steady;
  };
  std::optional<moment> last_;
};

/// Tells the log when the system's clock was set: tokens, times of messages and what is kept
/// for a while depend on it. Lives on one io thread.
class clock_watch final : private timed {
 public:
  explicit clock_watch(io_thread& home) : home_(&home) {}

  void start();
  void stop();

 private:
  void on_time(steady_time now) override;

  io_thread* home_;
  clock_steps steps_;
};

} // namespace hubbub
