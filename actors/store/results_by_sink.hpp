#pragma once

#include "actors/store_interfaces.hpp"

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub {

/// Sorts outcomes by their sinks, so that each sink gets all of its own in one message.
class results_by_sink {
 public:
  /// Adds an outcome; those of one sink keep their order.
  void add(write_sink sink, write_outcome outcome) {
    const auto [index, is_new] = indexes_.try_emplace(sink->id(), results_.size());
    if (is_new) results_.emplace_back(std::move(sink), write_results{});
    results_[index->second].second.push_back(std::move(outcome));
  }

  /// Sends what was added; nothing can be added afterwards.
  void send() && {
    for (auto& [sink, results] : results_)
      compat::anon_send(sink, std::move(results));
  }

 private:
  std::vector<std::pair<write_sink, write_results>> results_;
  std::unordered_map<caf::actor_id, std::size_t> indexes_; ///< index in `results_`
};

} // namespace hubbub
