#include "actors/room/typing_table.hpp"

#include <algorithm>

namespace hubbub {

void typing_table::start(const presence_user& who, session_id session, time_point until) {
  const auto found = typists_.find(who.user_id);
  const bool is_elsewhere = session == session_id{};
  if (found != typists_.end() && is_elsewhere && found->second.session != session_id{})
    found->second.until = std::max(found->second.until, until);
  else
    typists_.insert_or_assign(who.user_id, typist{who.username, session, until});
}

std::optional<presence_user> typing_table::stop(const std::string& user_id) {
  const auto found = typists_.extract(user_id);
  if (found.empty()) return std::nullopt;
  return presence_user{user_id, found.mapped().username};
}

std::optional<presence_user> typing_table::stop(const std::string& user_id,
                                                session_id session) {
  const auto found = typists_.find(user_id);
  if (found == typists_.end() || found->second.session != session) return std::nullopt;
  return stop(user_id);
}

std::vector<presence_user> typing_table::expire(time_point now) {
  std::vector<presence_user> expired;
  for (auto each = typists_.begin(); each != typists_.end();) {
    if (each->second.until > now) {
      ++each;
      continue;
    }
    expired.push_back({each->first, each->second.username});
    each = typists_.erase(each);
  }
  return expired;
}

std::optional<typing_table::time_point> typing_table::next() const {
  const auto first = std::ranges::min_element(
      typists_, {}, [](const auto& each) { return each.second.until; });
  if (first == typists_.end()) return std::nullopt;
  return first->second.until;
}

} // namespace hubbub
