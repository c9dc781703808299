#pragma once

#include "persistence/store.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// The members of this node, and which of their states have yet to be told. Of several states
/// of one member only the last is told.
class own_members {
 public:
  using key = std::pair<room_id, std::string>;

  void take(const member_state& state) {
    key where{state.room, state.user_id};
    if (state.sockets == 0) {
      here_.erase(where);
      gone_.insert_or_assign(where, state);
    } else {
      gone_.erase(where);
      here_.insert_or_assign(where, state);
    }
    untold_.insert(std::move(where));
  }
  /// Returns states to tell, at most `most`; with `whole` those of all members instead, and
  /// forgets who is gone.
  [[nodiscard]] std::vector<member_state> next(bool whole, std::size_t most) {
    std::vector<member_state> states;
    if (whole) {
      untold_.clear();
      gone_.clear();
      for (const auto& [where, state] : here_)
        states.push_back(state);
    }
    while (!untold_.empty() && states.size() < most) {
      const auto where = untold_.extract(untold_.begin());
      if (const auto here = here_.find(where.value()); here != here_.end())
        states.push_back(here->second);
      else if (auto gone = gone_.extract(where.value()))
        states.push_back(std::move(gone.mapped()));
    }
    return states;
  }
  /// Takes states back that could not be told, unless there are later ones.
  void take_back(const std::vector<member_state>& states) {
    for (const auto& each : states) {
      key where{each.room, each.user_id};
      if (!here_.contains(where) && !gone_.contains(where)) gone_.emplace(where, each);
      untold_.insert(std::move(where));
    }
  }
  [[nodiscard]] bool has_news() const { return !untold_.empty(); }

 private:
  std::map<key, member_state> here_;
  std::map<key, member_state> gone_; ///< who left and is untold
  std::set<key> untold_;
};

} // namespace hubbub
