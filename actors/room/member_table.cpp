#include "actors/room/member_table.hpp"

#include <numeric>
#include <optional>
#include <utility>

namespace hubbub {

bool member_table::add(session_id session, const user_ptr& who) {
  if (!sessions_.try_emplace(session, who).second) return false;
  auto& entry = users_[who->user_id];
  if (!entry.who) {
    entry.who = who;
    if (is_elsewhere(who->user_id)) --only_elsewhere_;
  }
  entry.sessions.push_back(session);
  show(who->user_id);
  count(session);
  return true;
}

/// Returns a user as members are told, on whatever nodes it is; none if it is on none.
std::optional<member> member_table::shown(const std::string& user_id) const {
  const auto* here = find(user_id);
  const elsewhere_members::entry* there = nullptr;
  if (elsewhere_)
    if (const auto found = elsewhere_->users().find(user_id);
        found != elsewhere_->users().end())
      there = &found->second;
  if (!here && !there) return std::nullopt;
  return member{user_id, here ? here->who->username : there->username,
                (here ? std::ssize(here->sessions) : 0) + (there ? there->sockets() : 0)};
}

/// Has a user shown as it is now.
void member_table::show(const std::string& user_id) {
  if (!first_.is_kept()) return;
  if (const auto now = shown(user_id))
    first_.put(*now);
  else
    first_.drop(user_id);
}

std::string_view member_table::first_json() {
  if (!first_.is_kept()) {
    const auto first = page(std::nullopt, max_join_members);
    first_.show(first.members, first.next.empty());
  }
  return first_.items();
}

std::string member_table::json_beyond_first(const std::string& user_id) const {
  std::string item;
  if (first_.holds(user_id)) return item;
  if (const auto who = shown(user_id)) append_member(item, *who);
  return item;
}

std::size_t member_table::receivers() const {
  return std::accumulate(per_thread_.begin(), per_thread_.end(), std::size_t{0});
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
  show(who->user_id);
}

std::optional<user_ptr> member_table::remove(session_id session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return std::nullopt;
  auto who = std::move(found->second);
  sessions_.erase(found);
  --per_thread_[session.thread];
  const auto entry = users_.find(who->user_id);
  std::erase(entry->second.sessions, session);
  if (entry->second.sessions.empty()) {
    users_.erase(entry);
    if (is_elsewhere(who->user_id)) ++only_elsewhere_;
  }
  show(who->user_id);
  return who;
}

bool member_table::put_elsewhere(const foreign_member& member) {
  if (!elsewhere_) elsewhere_ = std::make_unique<elsewhere_members>();
  const bool came = elsewhere_->put(member);
  show(member.state.user_id);
  if (!came || users_.contains(member.state.user_id)) return false;
  ++only_elsewhere_;
  return true;
}

bool member_table::drop_elsewhere(node_run run, const std::string& user_id) {
  if (!elsewhere_) return false;
  const bool went = elsewhere_->drop(run, user_id);
  show(user_id);
  if (!went || users_.contains(user_id)) return false;
  --only_elsewhere_;
  return true;
}

std::vector<presence_user> member_table::drop_elsewhere(node_run run) {
  first_.forget(); // of those who are left some are shown with fewer connections
  return elsewhere_ ? note_gone(elsewhere_->drop_all(run)) : std::vector<presence_user>{};
}

std::vector<presence_user> member_table::drop_all_elsewhere() {
  first_.forget();
  return elsewhere_ ? note_gone(elsewhere_->drop_all()) : std::vector<presence_user>{};
}

/// Counts users who are on no other node any more, and returns those who are not here either.
std::vector<presence_user> member_table::note_gone(std::vector<presence_user> went) {
  std::erase_if(went,
                [this](const presence_user& who) { return users_.contains(who.user_id); });
  only_elsewhere_ -= std::ssize(went);
  return went;
}

std::int64_t member_table::connections_elsewhere(const std::string& user_id) const {
  if (!elsewhere_) return 0;
  const auto found = elsewhere_->users().find(user_id);
  return found == elsewhere_->users().end() ? 0 : found->second.sockets();
}

const member_table::user_entry* member_table::find(const std::string& user_id) const {
  const auto found = users_.find(user_id);
  return found == users_.end() ? nullptr : &found->second;
}

members_page member_table::page(const std::optional<std::string>& after,
                                std::int64_t limit) const {
  members_page result;
  result.members_total = total();
  if (elsewhere_) return add_merged(std::move(result), after, limit);
  auto it = after ? users_.upper_bound(*after) : users_.begin();
  for (; it != users_.end() && std::ssize(result.members) < limit; ++it) {
    const auto& [id, entry] = *it;
    result.members.push_back({id, entry.who->username, std::ssize(entry.sessions)});
  }
  if (it != users_.end() && !result.members.empty())
    result.next = result.members.back().user_id;
  return result;
}

/// Merges the users of this node and of others, both by `user_id`.
members_page member_table::add_merged(members_page result,
                                      const std::optional<std::string>& after,
                                      std::int64_t limit) const {
  const auto& others = elsewhere_->users();
  auto here = after ? users_.upper_bound(*after) : users_.begin();
  auto there = after ? others.upper_bound(*after) : others.begin();
  while ((here != users_.end() || there != others.end()) &&
         std::ssize(result.members) < limit) {
    const bool is_here =
        here != users_.end() && (there == others.end() || here->first <= there->first);
    const bool is_there =
        there != others.end() && (here == users_.end() || there->first <= here->first);
    auto& shown = result.members.emplace_back();
    if (is_there) {
      shown = {there->first, there->second.username, there->second.sockets()};
      ++there;
    }
    if (is_here) {
      shown = {here->first, here->second.who->username,
               shown.connections + std::ssize(here->second.sessions)};
      ++here;
    }
  }
  if ((here != users_.end() || there != others.end()) && !result.members.empty())
    result.next = result.members.back().user_id;
  return result;
}

} // namespace hubbub
