#pragma once

#include "actors/trace/refusal_runs.hpp"
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

  /// Records a step now, with the names of its user and its room; empty if there is none. A
  /// refusal that equals one of the last minute, since when only refusals were recorded of the
  /// user, is counted in the record of that one.
  void note(trace_record step, std::string_view user, std::string_view room);
  /// Records a step that somebody else caused.
  void note_by(trace_record step, std::string_view user, std::string_view room,
               std::string_view by);
  /// Records that a client was kept out, with the id of the key that its token names, if nobody
  /// knows that key; empty otherwise. Nothing proves such ids, so after a few new ones within a
  /// minute they are left out: else whoever makes them up could fill the ring.
  void note_kept_out(trace_record step, std::string_view user, std::string_view key_id);

 private:
  /// Puts a complete record into the ring, or into the one of an equal refusal.
  void put(const trace_record& step);
  [[nodiscard]] bool repeats(const trace_record& refusal);
  [[nodiscard]] bool may_tell(std::string_view key_id, std::int64_t time_us);
  [[nodiscard]] std::span<char, trace_record_size> place_of(std::uint64_t ordinal) const;
  [[nodiscard]] char* name_place(std::uint64_t key) const;
  [[nodiscard]] std::uint64_t key_of(std::string_view name);

  char* names_ = nullptr;
  std::size_t name_count_ = 0;
  char* records_ = nullptr;
  std::size_t record_count_ = 0; ///< 0: nothing is recorded
  std::uint64_t next_ = 0;       ///< the number of the next record
  refusal_runs runs_;
  std::int64_t key_ids_since_us_ = 0; ///< since when new ids of keys are counted
  unsigned key_ids_ = 0;              ///< new ids of keys since then
};

} // namespace hubbub
