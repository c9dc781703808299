#pragma once

#include "actors/limits/rate_accounts.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub {

/// Knows on how many other nodes each user is in a room, as the nodes report it.
class users_elsewhere {
 public:
  /// Takes what was reported: runs that are over, and then states of members in their order.
  void take(const std::vector<foreign_member>& changed, const std::vector<node_run>& gone);
  /// Returns the number of other nodes on which a user is; one that was restarted may count
  /// twice until the lease of its last run has ended.
  [[nodiscard]] std::size_t nodes_of(const rate_key& user) const;

 private:
  /// A user's rooms by the runs of nodes: few, so they are searched in order.
  using places = std::vector<std::pair<node_run, room_id>>;

  std::unordered_map<rate_key, places> users_;
};

} // namespace hubbub
