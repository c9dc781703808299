#pragma once

#include "actors/presence_interfaces.hpp"
#include "proto/chat/chat_event.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// The members of a room on other nodes: users by `user_id`, each with the runs of nodes on
/// which they are.
class elsewhere_members {
 public:
  struct entry {
    std::string username;
    std::vector<std::pair<node_run, std::int64_t>> runs; ///< each with the user's sockets there

    [[nodiscard]] std::int64_t sockets() const {
      return std::accumulate(
          runs.begin(), runs.end(), std::int64_t{0},
          [](std::int64_t sum, const auto& each) { return sum + each.second; });
    }
  };
  using table = std::map<std::string, entry, std::less<>>;

  /// Takes the state of a user on one node. Returns true if the user came: was on none before.
  bool put(const foreign_member& member) {
    auto& found = users_[member.state.user_id];
    const bool came = found.runs.empty();
    found.username = member.state.username;
    const auto at =
        std::ranges::find(found.runs, member.run, &std::pair<node_run, std::int64_t>::first);
    if (at == found.runs.end())
      found.runs.emplace_back(member.run, member.state.sockets);
    else
      at->second = member.state.sockets;
    return came;
  }
  /// Takes a user off one node. Returns true if the user went: is on none any more.
  bool drop(node_run run, const std::string& user_id) {
    const auto found = users_.find(user_id);
    if (found == users_.end()) return false;
    std::erase_if(found->second.runs, [run](const auto& each) { return each.first == run; });
    if (!found->second.runs.empty()) return false;
    users_.erase(found);
    return true;
  }
  /// Takes all users off a node, and returns those who are on none any more.
  [[nodiscard]] std::vector<presence_user> drop_all(node_run run) {
    std::vector<presence_user> went;
    for (auto next = users_.begin(); next != users_.end();) {
      const auto each = next++;
      auto& runs = each->second.runs;
      if (std::erase_if(runs, [run](const auto& at) { return at.first == run; }) == 0 ||
          !runs.empty())
        continue;
      went.push_back({each->first, std::move(each->second.username)});
      users_.erase(each);
    }
    return went;
  }

  /// Takes everybody off all nodes, and returns who that was.
  [[nodiscard]] std::vector<presence_user> drop_all() {
    std::vector<presence_user> went;
    for (auto& [user_id, each] : users_)
      went.push_back({user_id, std::move(each.username)});
    users_.clear();
    return went;
  }

  [[nodiscard]] bool contains(const std::string& user_id) const {
    return users_.contains(user_id);
  }
  [[nodiscard]] const table& users() const { return users_; }

 private:
  table users_;
};

} // namespace hubbub
