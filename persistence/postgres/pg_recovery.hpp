#pragma once

#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace hubbub {

/// The changes that one batch makes to recoverable sessions. Ops of one kind share a statement
/// as far as their order allows: an op never passes an earlier one of the same session.
class pg_recovery_batch {
 public:
  /// Makes the changes of a node. A session belongs to the node that it lives on; what another
  /// node says about it comes too late. With `shared` there may be other nodes.
  pg_recovery_batch(std::int64_t node, bool shared) : node_(node), shared_(shared) {}

  /// Notes what must be known, and which sessions must be locked, before the ops are applied.
  void plan(const op::enter_recoverable& op) { asked_.insert(op.session.value); }
  void plan(const op::resume_recoverable& op) {
    (op.claim ? asked_ : touched_).insert(op.session.value);
  }
  void plan(const op::leave_recoverable& op) { touched_.insert(op.session.value); }
  void plan(const op::end_recoverable& op) { touched_.insert(op.session.value); }
  void plan(const op::owe_gaps& op) { touched_.insert(op.session.value); }
  void plan(const op::expel_user& op) {
    expelled_from_[{op.room, op.user_id}];
    plan_losses(op.room, op.user_id);
  }
  /// Notes that the batch changes what the user's sessions have of the room.
  void plan_losses(room_id room, const std::string& user) { losing_.emplace(room, user); }
  /// Locks the sessions where there are other nodes, after the rooms and in the order of their
  /// numbers, so that no two batches wait for each other; and reads what must be known.
  void queue_reads(pg::exchange& reads);

  /// Applies the op; `here` is the current position of the room's log.
  [[nodiscard]] write_outcome apply(const op::enter_recoverable& op, room_position here);
  void apply(const op::leave_recoverable& op);
  void apply(const op::end_recoverable& op, timestamp now);
  [[nodiscard]] write_outcome apply(const op::resume_recoverable& op);
  void apply(const op::owe_gaps& op);
  [[nodiscard]] expelled apply(const op::expel_user& op);
  /// Writes something else after what the sessions did so far, and before what they do later.
  void then(const pg::statement& what, pg::parameters arguments);
  void queue_writes(pg::exchange& writes) const;

 private:
  using session_room = std::pair<std::int64_t, std::int64_t>;
  enum class step_kind : std::uint8_t { enter, leave, end, forget, resume, claim, owe, other };
  /// One statement, which carries out several ops of one kind; or, of the kind `other`, any
  /// number of statements that are not about single sessions.
  struct step {
    step_kind kind;
    std::set<session_room> keys{}; ///< room 0 where the op is about the whole session
    std::vector<op::enter_recoverable> entered{};
    /// The bases of the memberships, parallel to `entered`.
    std::vector<room_position> positions{};
    timestamp ended_at{};
    std::vector<op::owe_gaps> owing{};
    std::vector<std::pair<pg::statement, pg::parameters>> others{};
  };
  void queue_sessions(pg::exchange& reads);
  step& step_for(step_kind kind, session_room key);

  std::int64_t node_;
  bool shared_;
  std::set<std::int64_t> asked_;   ///< sessions of which must be known whether they live
  std::set<std::int64_t> touched_; ///< others that the batch changes
  std::set<std::pair<room_id, std::string>> losing_; ///< users who lose something of a room
  std::unordered_map<std::int64_t, std::int64_t> claims_; ///< how often each was claimed
  std::unordered_set<std::int64_t> ended_;                ///< those that live here no more
  std::map<std::pair<room_id, std::string>, std::set<std::int64_t>> expelled_from_;
  std::map<session_room, std::string> entered_; ///< entered in this batch, with their users
  std::set<session_room> left_;
  std::vector<step> steps_;
  std::size_t from_ = 0; ///< steps before this one take no more ops
  std::unordered_map<std::int64_t, std::size_t> last_step_; ///< by session
};

/// Ends every session that has not ended, since their connections died with the server, which
/// was alone. An end that lies ahead of the clock is set to now, so that its window does not
/// last until the clock gets there.
inline constexpr pg::statement end_all_sessions{
    "end_all_sessions", "UPDATE recoverable SET ended_at = $1::bigint"
                        " WHERE ended_at IS NULL OR ended_at > $1::bigint"};
/// Ends some of the sessions of this node. Those that other nodes claim just now are left to
/// them.
inline constexpr pg::statement end_own_sessions{
    "end_own_sessions", "UPDATE recoverable SET ended_at = $1::bigint WHERE session IN"
                        " (SELECT session FROM recoverable WHERE ended_at IS NULL"
                        " AND node_id = $2::bigint ORDER BY session LIMIT $3::bigint"
                        " FOR UPDATE SKIP LOCKED)"};
/// Returns whether any session of this node has not ended.
inline constexpr pg::statement has_own_sessions{
    "has_own_sessions", "SELECT EXISTS (SELECT FROM recoverable WHERE ended_at IS NULL"
                        " AND node_id = $1::bigint)"};
inline constexpr pg::statement date_back_ends{
    "date_back_ends", "UPDATE recoverable SET ended_at = $1::bigint WHERE session IN"
                      " (SELECT session FROM recoverable WHERE ended_at > $1::bigint"
                      " LIMIT $2::bigint FOR UPDATE SKIP LOCKED)"};
/// Removes some of the sessions that ended before a time, with their rooms; returns how many.
inline constexpr pg::statement purge_sessions{
    "purge_sessions",
    "WITH gone AS (DELETE FROM recoverable WHERE session IN"
    " (SELECT session FROM recoverable WHERE ended_at < $1::bigint LIMIT $2::bigint"
    " FOR UPDATE SKIP LOCKED)"
    " RETURNING session), rooms AS (DELETE FROM recoverable_rooms r USING gone"
    " WHERE r.session = gone.session) SELECT count(*) FROM gone"};

} // namespace hubbub
