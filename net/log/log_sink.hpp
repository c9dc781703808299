#pragma once

#include "net/log/log_line.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// Writes lines to a descriptor that may be stuck, such as a pipe that nobody reads. It waits
/// for a while, and then leaves lines out until the descriptor takes some again; a line says
/// how many. Belongs to one thread.
class log_sink {
 public:
  log_sink(int descriptor, log_format format, std::chrono::milliseconds patience)
      : descriptor_(descriptor), format_(format), patience_(patience) {}

  /// Writes a line, or counts it as lost.
  void write(log_level level, std::chrono::system_clock::time_point time,
             std::string_view body);
  /// Counts lines that were lost before they came here.
  void count_lost(std::uint64_t lines) { lost_ += lines; }

 private:
  /// Writes what waits; false if some of it must go on waiting.
  [[nodiscard]] bool drain();
  [[nodiscard]] bool is_writable();

  int descriptor_;
  log_format format_;
  std::chrono::milliseconds patience_;
  bool stuck_ = false;
  std::uint64_t lost_ = 0;
  std::string waiting_; ///< the rest of a line, or of the lines of one call
};

} // namespace hubbub
