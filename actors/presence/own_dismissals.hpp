#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace hubbub {

/// Users who have yet to be told to the other nodes, for their connections to end there. That
/// is meant for the connections that they have by now: what could not be told within moments
/// never is, as they may have come back since.
class own_dismissals {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  void take(const std::string& user_id, time_point now) {
    if (untold_.size() < most) untold_.insert_or_assign(user_id, now);
  }
  /// Returns whom to tell now. They are untold once more after `take_back`.
  [[nodiscard]] std::vector<std::string> next(time_point now) {
    std::erase_if(untold_, [now](const auto& each) { return now - each.second > meant_for; });
    telling_.swap(untold_);
    untold_.clear();
    std::vector<std::string> users;
    for (const auto& [user, when] : telling_)
      users.push_back(user);
    return users;
  }
  /// Takes those back that could not be told.
  void take_back() { untold_.merge(telling_); }
  [[nodiscard]] bool has_news() const { return !untold_.empty(); }

 private:
  static constexpr std::chrono::seconds meant_for{5};
  /// More are dismissed here alone.
  static constexpr std::size_t most = 10'000;

  std::map<std::string, time_point> untold_; ///< and when each was dismissed
  std::map<std::string, time_point> telling_;
};

} // namespace hubbub
