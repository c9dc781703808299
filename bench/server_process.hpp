#pragma once

#include "bench/file_descriptor.hpp"
#include "proto/expected.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hubbub::bench {

struct cpu_time {
  std::chrono::microseconds user{};
  std::chrono::microseconds system{};
  friend cpu_time operator-(const cpu_time& a, const cpu_time& b) {
    return {a.user - b.user, a.system - b.system};
  }
};

/// A server of one's own, on a free port and with a database in a temporary folder: a process,
/// so that what it uses can be told from what the load uses. It dies with its object.
class server_process {
 public:
  /// Runs `program serve` with `options`, and returns when it listens.
  [[nodiscard]] static expected<server_process, std::string>
  start(const std::filesystem::path& program, std::vector<std::string> options);

  server_process(server_process&& other) noexcept;
  server_process& operator=(server_process&&) = delete;
  ~server_process();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// What it has used so far, to the clock tick (10 ms).
  [[nodiscard]] cpu_time cpu() const;
  [[nodiscard]] std::size_t resident_bytes() const;
  /// Ends it in order; the error is how it ended otherwise.
  [[nodiscard]] expected<void, std::string> stop();

 private:
  server_process() = default;
  [[nodiscard]] expected<void, std::string> launch(std::vector<std::string> command);
  [[nodiscard]] expected<void, std::string> await_listening();

  pid_t id_ = 0; ///< 0: there is none, or it was stopped
  std::uint16_t port_ = 0;
  std::filesystem::path folder_;
  file_descriptor output_;
};

} // namespace hubbub::bench
