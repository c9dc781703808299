#pragma once

#include "actors/interfaces.hpp"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Who is in a room: users by `user_id`, each with one or more sessions. A user is in the room
/// as long as one session is.
class member_table {
 public:
  struct user_entry {
    user_ptr who;
    std::vector<session_id> sessions;
  };

  /// True if the session was not in yet.
  bool add(session_id session, const user_ptr& who);
  /// The session, if it is in, belongs to the same user with another token.
  void renew(session_id session, const user_ptr& who);
  /// The user the session belonged to; empty if it was not in. Look at `find` for whether the
  /// user has other sessions left.
  std::optional<user_ptr> remove(session_id session);

  [[nodiscard]] bool contains(session_id session) const { return sessions_.contains(session); }
  /// Null if the user is not in the room.
  [[nodiscard]] const user_entry* find(const std::string& user_id) const;
  /// The sessions whose user, with what their own token allows, makes `holds` true.
  template <class Predicate>
  [[nodiscard]] std::vector<session_id> sessions_if(const Predicate& holds) const {
    std::vector<session_id> found;
    for (const auto& [session, who] : sessions_)
      if (holds(*who)) found.push_back(session);
    return found;
  }
  /// Users, not sessions.
  [[nodiscard]] std::int64_t total() const { return static_cast<std::int64_t>(users_.size()); }
  [[nodiscard]] bool empty() const { return sessions_.empty(); }
  /// Up to `limit` users by `user_id`, after `after` if given; `next` is empty at the end.
  [[nodiscard]] members_page page(const std::optional<std::string>& after,
                                  std::int64_t limit) const;
  /// Sessions on one io thread.
  [[nodiscard]] std::size_t on_thread(std::size_t thread) const {
    return thread < per_thread_.size() ? per_thread_[thread] : 0;
  }

 private:
  std::map<std::string, user_entry, std::less<>> users_;
  std::unordered_map<session_id, user_ptr> sessions_;
  std::vector<std::size_t> per_thread_;
};

} // namespace hubbub
