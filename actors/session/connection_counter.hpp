#pragma once

#include "actors/interfaces.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace hubbub {

/// Counts the connections of each user over all io threads. Keeps nothing about users without
/// one.
class connection_counter : public connection_counter_actor::base {
 public:
  /// Makes a counter that allows `most` connections to one user.
  connection_counter(caf::actor_config& config, std::size_t most);

  behavior_type make_behavior() override;
  void on_exit() override { counts_.clear(); }

 private:
  [[nodiscard]] bool count(const user_arrived& arrived);
  void uncount(const user_gone& gone);

  std::size_t most_;
  std::unordered_map<std::string, std::size_t> counts_; ///< by user_id, none of them 0
  connection_counts stats_;
};

/// One connection of a user in the counter; it stops counting when this is destroyed.
class counted_connection {
 public:
  counted_connection() = default;
  /// Takes over a connection that the counter has been told of.
  counted_connection(connection_counter_actor counter,
                     std::shared_ptr<const std::string> user_id);
  counted_connection(counted_connection&& other) noexcept;
  counted_connection& operator=(counted_connection&& other) noexcept;
  ~counted_connection();

 private:
  connection_counter_actor counter_; ///< null: nothing is counted
  std::shared_ptr<const std::string> user_id_;
};

} // namespace hubbub
