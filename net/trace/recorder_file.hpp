#pragma once

#include "actors/trace/flight_recorder.hpp"
#include "proto/expected.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// The flight recorder's file, mapped into memory, with a ring for each io thread. It outlives
/// everything that records.
class recorder_file {
 public:
  /// Opens the file for so many threads: continues it if it was made for as many rings of this
  /// size, and begins it anew otherwise. Only its owner may read it. The error follows the
  /// file's name in a sentence.
  [[nodiscard]] static expected<std::unique_ptr<recorder_file>, std::string>
  open(const std::string& path, std::size_t threads, std::size_t ring_bytes);

  ~recorder_file();
  recorder_file(const recorder_file&) = delete;
  recorder_file& operator=(const recorder_file&) = delete;

  /// Leaves the file to another process. What is recorded from now on is lost with this one.
  /// Other threads may go on recording meanwhile.
  void release();

  /// Returns the recorder of a thread, which alone uses it.
  [[nodiscard]] flight_recorder& of(std::size_t thread) { return rings_[thread]; }

 private:
  recorder_file() = default;

  int descriptor_ = -1; ///< open, since it holds the lock on the file
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::vector<flight_recorder> rings_;
};

} // namespace hubbub
