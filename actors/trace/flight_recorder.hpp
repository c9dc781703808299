#pragma once

#include "proto/trace/trace_record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hubbub {

/// Writes the flight recorder's ring of one io thread. Only that thread uses it: no lock, no
/// allocation, no system call but the clock's.
class flight_recorder {
 public:
  /// Makes a ring that records nothing.
  flight_recorder() = default;
  /// Continues the ring in `space`, which a file holds and outlives it; see `trace_file.hpp`
  /// for its size.
  explicit flight_recorder(std::span<char> space);

  /// Returns what the newest step in the ring is; nothing if there is none.
  [[nodiscard]] std::optional<trace_kind> newest() const;

  /// Records a step now, with the names of its user and its room; empty if there is none.
  void note(trace_record step, std::string_view user, std::string_view room);
  /// Records a step that somebody else caused.
  void note_by(trace_record step, std::string_view user, std::string_view room,
               std::string_view by);

 private:
  [[nodiscard]] std::uint64_t key_of(std::string_view name);

  char* names_ = nullptr;
  std::size_t name_count_ = 0;
  char* records_ = nullptr;
  std::size_t record_count_ = 0; ///< 0: nothing is recorded
  std::uint64_t next_ = 0;       ///< the number of the next record
};

} // namespace hubbub
