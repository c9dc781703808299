#pragma once

#include "actors/metrics/histogram.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace hubbub {

/// A value of a bucket whose trace is known: from it one comes to the request.
struct exemplar {
  static constexpr std::size_t id_size = 32;

  std::uint32_t series = 0; ///< which histogram of the family
  std::uint32_t bucket = 0;
  std::array<char, id_size> trace_id{};
  std::chrono::nanoseconds value{};
  std::chrono::milliseconds at{}; ///< since 1970
};

/// The newest exemplar of each bucket of a family of histograms that has one. Bounded by the
/// buckets; without traces it takes no memory.
class exemplars {
 public:
  /// Takes a value of a series; `trace_id` has 32 characters.
  void note(std::uint32_t series, std::chrono::nanoseconds value, std::string_view trace_id,
            std::chrono::milliseconds at) {
    if (trace_id.size() != exemplar::id_size) return;
    exemplar made{series,
                  static_cast<std::uint32_t>(latency_histogram::bucket_of(value.count())),
                  {},
                  value,
                  at};
    std::ranges::copy(trace_id, made.trace_id.begin());
    put(made);
  }
  /// Returns the exemplar of a bucket; null if it has none.
  [[nodiscard]] const exemplar* find(std::uint32_t series, std::uint32_t bucket) const {
    const auto found = std::ranges::find_if(all_, [&](const exemplar& each) {
      return each.series == series && each.bucket == bucket;
    });
    return found == all_.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

  /// Takes the newer one of each bucket.
  exemplars& operator+=(const exemplars& more) {
    for (const auto& each : more.all_)
      put(each);
    return *this;
  }

 private:
  void put(const exemplar& made) {
    for (auto& each : all_)
      if (each.series == made.series && each.bucket == made.bucket) {
        if (each.at <= made.at) each = made;
        return;
      }
    all_.push_back(made);
  }

  std::vector<exemplar> all_;
};

} // namespace hubbub
