#pragma once

#include "proto/trace/trace_record.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hubbub {

/// Knows where in a ring the refusals are that may stand for equal ones that follow. Of a fixed
/// size: if two of them want the same place, the older one is forgotten, and an equal one that
/// follows has a record of its own.
class refusal_runs {
 public:
  /// Says that a refusal begins a run with the record of this number.
  void begin(const trace_record& refusal, std::uint64_t ordinal) {
    begun_[place_of(refusal)] = ordinal + 1;
  }
  /// Says that something else was recorded of a user, with this number: the runs of the user
  /// that began before are over.
  void interrupt(std::uint64_t user, std::uint64_t ordinal) {
    interrupted_[user % places] = ordinal + 1;
  }
  /// Returns the number of the record that may stand for this refusal too, if it is an equal
  /// one; nothing if there is none.
  [[nodiscard]] std::optional<std::uint64_t> find(const trace_record& refusal) const {
    const auto begun = begun_[place_of(refusal)];
    if (begun <= interrupted_[refusal.user % places]) return std::nullopt;
    return begun - 1;
  }

 private:
  static constexpr std::size_t places = 1'024;

  /// Returns a place that equal refusals share; see `is_same_refusal`.
  static std::size_t place_of(const trace_record& refusal) {
    const bool by_connection = refusal.kind == trace_kind::refused;
    std::uint64_t sum = std::uint64_t{refusal.code} << 16U | refusal.what;
    for (const auto each : {refusal.user, refusal.room, refusal.number,
                            by_connection ? refusal.connection.number : std::uint64_t{0}})
      sum = (std::rotl(sum, 23) ^ each) * 0x9e37'79b9'7f4a'7c15U;
    return static_cast<std::size_t>(sum >> 54U) % places;
  }

  // One more than a number; 0: none.
  std::array<std::uint64_t, places> begun_{};
  std::array<std::uint64_t, places> interrupted_{};
};

} // namespace hubbub
