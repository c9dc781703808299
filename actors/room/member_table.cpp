#include "actors/room/member_table.hpp"

#include <utility>

namespace hubbub {

bool member_table::add(session_id session, const user_ptr& who) {
  if (!sessions_.try_emplace(session, who).second) return false;
  auto& entry = users_[who->user_id];
  if (!entry.who) entry.who = who;
  entry.sessions.push_back(session);
  count(session);
  return true;
}

void member_table::count(session_id session) {
  if (per_thread_.size() <= session.thread) per_thread_.resize(session.thread + 1);
  ++per_thread_[session.thread];
}

bool member_table::observe(session_id session) {
  if (!observers_.insert(session).second) return false;
  count(session);
  return true;
}

bool member_table::unobserve(session_id session) {
  if (observers_.erase(session) == 0) return false;
  --per_thread_[session.thread];
  return true;
}

void member_table::renew(session_id session, const user_ptr& who) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  found->second = who;
  users_.find(who->user_id)->second.who = who;
}

std::optional<user_ptr> member_table::remove(session_id session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return std::nullopt;
  auto who = std::move(found->second);
  sessions_.erase(found);
  --per_thread_[session.thread];
  const auto entry = users_.find(who->user_id);
  std::erase(entry->second.sessions, session);
  if (entry->second.sessions.empty()) users_.erase(entry);
  return who;
}

const member_table::user_entry* member_table::find(const std::string& user_id) const {
  const auto found = users_.find(user_id);
  return found == users_.end() ? nullptr : &found->second;
}

members_page member_table::page(const std::optional<std::string>& after,
                                std::int64_t limit) const {
  members_page result;
  result.members_total = total();
  auto it = after ? users_.upper_bound(*after) : users_.begin();
  for (; it != users_.end() && std::ssize(result.members) < limit; ++it) {
    const auto& [id, entry] = *it;
    result.members.push_back({id, entry.who->username, std::ssize(entry.sessions)});
  }
  if (it != users_.end() && !result.members.empty())
    result.next = result.members.back().user_id;
  return result;
}

} // namespace hubbub
