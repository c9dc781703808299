#pragma once

#include "actors/interfaces.hpp"
#include "actors/room/elsewhere_members.hpp"
#include "actors/room/first_members.hpp"
#include "proto/limits.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace hubbub {

/// A page of a room's members.
struct members_page {
  std::vector<member> members;
  std::int64_t members_total = 0;
  std::string next; ///< empty at the end
};

/// The members of a room: users by `user_id`, each with one or more sessions. A user is in the
/// room as long as one of the sessions is, on this node or another.
class member_table {
 public:
  struct user_entry {
    user_ptr who;
    std::vector<session_id> sessions;
  };

  /// Adds a session; true if it was not in the room yet.
  bool add(session_id session, const user_ptr& who);
  /// Replaces the user of a session that is in the room: the same user with another token.
  void renew(session_id session, const user_ptr& who);
  /// Adds a session that is in no list, and still counts on its thread; true if it is new.
  bool observe(session_id session);
  /// Removes such a session; false if there is none.
  bool unobserve(session_id session);
  /// Removes a session and returns its user; nothing if it was not in the room. `find` says
  /// whether the user has other sessions left.
  std::optional<user_ptr> remove(session_id session);

  [[nodiscard]] bool contains(session_id session) const { return sessions_.contains(session); }
  /// Returns a user's entry; null if the user is not in the room.
  [[nodiscard]] const user_entry* find(const std::string& user_id) const;
  /// Returns the sessions for which `holds` is true of the user with the rights of the
  /// session's own token.
  template <class Predicate>
  [[nodiscard]] std::vector<session_id> sessions_if(const Predicate& holds) const {
    std::vector<session_id> found;
    for (const auto& [session, who] : sessions_)
      if (holds(*who)) found.push_back(session);
    return found;
  }
  /// Takes the state of a user on another node. Returns true if the user came to the room.
  bool put_elsewhere(const foreign_member& member);
  /// Takes a user off another node. Returns true if the user left the room.
  bool drop_elsewhere(node_run run, const std::string& user_id);
  /// Takes all users off another node, and returns those who left the room.
  [[nodiscard]] std::vector<presence_user> drop_elsewhere(node_run run);
  /// Takes all users off all other nodes, and returns those who left the room.
  [[nodiscard]] std::vector<presence_user> drop_all_elsewhere();
  /// True if a user is in the room, on this node or another.
  [[nodiscard]] bool has_user(const std::string& user_id) const {
    return users_.contains(user_id) || is_elsewhere(user_id);
  }
  /// Returns how many connections a user has on other nodes.
  [[nodiscard]] std::int64_t connections_elsewhere(const std::string& user_id) const;
  /// Returns the number of users, not of sessions.
  [[nodiscard]] std::int64_t total() const {
    return static_cast<std::int64_t>(users_.size()) + only_elsewhere_;
  }
  [[nodiscard]] bool empty() const { return sessions_.empty(); }
  /// Returns the number of sessions.
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  /// Returns up to `limit` users by `user_id`, after `after` if given; `next` is empty at the
  /// end.
  [[nodiscard]] members_page page(const std::optional<std::string>& after,
                                  std::int64_t limit) const;
  /// Returns the first `max_join_members` users as the items of a JSON array; valid until the
  /// next change.
  [[nodiscard]] std::string_view first_json();
  /// Returns a user as such an item, or nothing if `first_json`, which was called last, holds
  /// them.
  [[nodiscard]] std::string json_beyond_first(const std::string& user_id) const;
  /// Returns the number of sessions, those of observers included.
  [[nodiscard]] std::size_t receivers() const;
  /// Returns the number of sessions on one io thread, those of observers included.
  [[nodiscard]] std::size_t on_thread(std::size_t thread) const {
    return thread < per_thread_.size() ? per_thread_[thread] : 0;
  }

 private:
  void count(session_id session);
  [[nodiscard]] std::vector<presence_user> note_gone(std::vector<presence_user> went);
  [[nodiscard]] std::optional<member> shown(const std::string& user_id) const;
  void show(const std::string& user_id);
  [[nodiscard]] members_page add_merged(members_page result,
                                        const std::optional<std::string>& after,
                                        std::int64_t limit) const;
  [[nodiscard]] bool is_elsewhere(const std::string& user_id) const {
    return elsewhere_ && elsewhere_->contains(user_id);
  }

  std::map<std::string, user_entry, std::less<>> users_;
  std::unordered_map<session_id, user_ptr> sessions_;
  std::unordered_set<session_id> observers_;
  std::vector<std::size_t> per_thread_;
  std::unique_ptr<elsewhere_members> elsewhere_; ///< none until somebody is on another node
  std::int64_t only_elsewhere_ = 0; ///< users who are on other nodes and not on this one
  first_members first_{max_join_members};
};

} // namespace hubbub
