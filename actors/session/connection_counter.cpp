#include "actors/session/connection_counter.hpp"

#include <utility>

namespace hubbub {

connection_counter::connection_counter(caf::actor_config& config, std::size_t most)
    : connection_counter_actor::base(config), most_(most) {}

connection_counter::behavior_type connection_counter::make_behavior() {
  return {
      [this](const user_arrived& arrived) { return count(arrived); },
      [this](const user_gone& gone) { uncount(gone); },
      [this](ask_connection_counts) {
        stats_.users = counts_.size();
        return stats_;
      },
  };
}

/// Counts a connection; one beyond the limit counts as well, since its end is reported like any
/// other.
bool connection_counter::count(const user_arrived& arrived) {
  if (++counts_[arrived.user_id] <= most_) return true;
  ++stats_.refused;
  return false;
}

void connection_counter::uncount(const user_gone& gone) {
  const auto found = counts_.find(gone.user_id);
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

counted_connection::counted_connection(connection_counter_actor counter,
                                       std::shared_ptr<const std::string> user_id)
    : counter_(std::move(counter)), user_id_(std::move(user_id)) {}

counted_connection::counted_connection(counted_connection&& other) noexcept
    : counter_(std::exchange(other.counter_, nullptr)), user_id_(std::move(other.user_id_)) {}

counted_connection& counted_connection::operator=(counted_connection&& other) noexcept {
  std::swap(counter_, other.counter_);
  std::swap(user_id_, other.user_id_);
  return *this;
}

counted_connection::~counted_connection() {
  if (counter_) compat::anon_send(counter_, user_gone{*user_id_});
}

} // namespace hubbub
