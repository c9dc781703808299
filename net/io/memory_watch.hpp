#pragma once

#include "net/admission/process_memory.hpp"
#include "net/io/io_thread.hpp"

#include <cstddef>
#include <functional>

namespace hubbub {

/// Looks at the memory of the process twice a second, on one io thread.
class memory_watch final : private timed {
 public:
  /// `tell` is called when the pressure changes, and at each look while it is extreme, with the
  /// bytes above the limit. `limit`: 0 chooses one.
  using listener = std::function<void(memory_pressure pressure, std::size_t excess)>;
  /// `resident` tells what the process holds, in bytes.
  memory_watch(io_thread& home, std::size_t limit, std::size_t (*resident)(), listener tell);

  /// The first look, on the thread.
  void start();
  void stop();

 private:
  void on_time(steady_time now) override;

  io_thread* home_;
  std::size_t limit_;
  std::size_t (*resident_)();
  listener tell_;
  memory_pressure last_ = memory_pressure::none;
  steady_time trimmed_{};
};

} // namespace hubbub
