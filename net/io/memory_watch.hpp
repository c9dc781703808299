#pragma once

#include "net/admission/process_memory.hpp"
#include "net/io/io_thread.hpp"

#include <cstddef>
#include <functional>

namespace hubbub {

/// Checks the memory of the process twice a second, on one io thread.
class memory_watch final : private timed {
 public:
  /// What a check found.
  struct look {
    memory_pressure pressure = memory_pressure::none;
    std::size_t resident = 0;
    std::size_t limit = 0;
    bool is_news = false; ///< the pressure has changed
  };
  /// Called when the pressure changes, and at each check while it is extreme.
  using observer = std::function<void(const look&)>;
  /// Makes a watch; `limit` 0 chooses one, and `resident` returns how many bytes the process
  /// holds.
  memory_watch(io_thread& home, std::size_t limit, std::size_t (*resident)(), observer tell);

  /// Makes the first check. Call on the io thread.
  void start();
  void stop();

 private:
  void on_time(steady_time now) override;

  io_thread* home_;
  std::size_t limit_;
  std::size_t (*resident_)();
  observer tell_;
  memory_pressure last_ = memory_pressure::none;
  steady_time trimmed_{};
};

/// Writes a change of pressure to the log.
void log_memory(const memory_watch::look& found);

} // namespace hubbub
