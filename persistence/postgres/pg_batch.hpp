#pragma once

#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_foreign.hpp"
#include "persistence/postgres/pg_recovery.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub {

/// One batch of ops. A first round trip locks and reads what the ops touch, the ops are applied
/// to that in memory, in order, and a second round trip writes what they changed. Nothing of it
/// outlives the batch, so a failed commit leaves nothing to repair.
class pg_batch {
 public:
  pg_batch(std::span<const write_op> ops, timestamp now, timestamp oldest_remembered,
           std::int64_t max_rooms, std::int64_t node, pg_foreign& foreign);

  /// Locks the rooms, in the order of their ids, and then the sessions, and reads what the ops
  /// touch.
  void queue_reads(pg::exchange& reads);
  /// Applies the ops in memory. New messages get their ids when they are written.
  void apply();
  void queue_writes(pg::exchange& writes);
  /// Asks for the ids again if the answer to the writes was lost.
  void queue_ids(pg::exchange& reads);
  /// Returns the outcomes, whose messages have their ids by now.
  [[nodiscard]] std::vector<write_outcome> take_outcomes();

 private:
  struct room_state {
    bool exists = false;
    const op::create_room* made = nullptr; ///< by this batch
    bool clock_changed = false;
    room_record record;
    timestamp latest_at{};
    std::int64_t clock_back_ms = 0;
  };
  using message_ref = std::pair<room_id, sequence>;
  /// A message that the batch appends or changes, as it will be stored.
  struct touched {
    message now;
    bool is_new = false;
    bool changed = false;
    revision first_rev{}; ///< `rev` with which the message was appended
  };
  /// The message for which a remembered client_id stands.
  struct first {
    message_ref where;
    message now; ///< set if the message is not from this batch
  };

  void plan(const op::append_message& op);
  void plan(const op::create_room& op) { names_.insert(op.name); }
  void plan(const op::edit_message& op) { plan_change(op.room, op.seq); }
  void plan(const op::delete_message& op) { plan_change(op.room, op.seq); }
  void plan(const op::mark_read& op);
  void plan(const op::enter_recoverable& op);
  void plan(const op::change_room& op);
  void plan(const op::set_standing& op);
  void plan(const op::drop_standing& op);
  void plan(const op::expel_user& op);
  template <class Op>
  void plan(const Op& op) {
    recovery_.plan(op);
  }
  void plan_change(room_id id, sequence seq);

  void queue_room_reads(pg::exchange& reads);
  void queue_message_reads(pg::exchange& reads);

  [[nodiscard]] write_outcome apply(const op::append_message& op);
  [[nodiscard]] write_outcome apply(const op::create_room& op);
  [[nodiscard]] write_outcome apply(const op::edit_message& op);
  [[nodiscard]] write_outcome apply(const op::delete_message& op);
  [[nodiscard]] write_outcome apply(const op::mark_read& op);
  [[nodiscard]] write_outcome apply(const op::enter_recoverable& op);
  [[nodiscard]] write_outcome apply(const op::leave_recoverable& op);
  [[nodiscard]] write_outcome apply(const op::end_recoverable& op);
  [[nodiscard]] write_outcome apply(const op::resume_recoverable& op);
  [[nodiscard]] write_outcome apply(const op::owe_gaps& op);
  [[nodiscard]] write_outcome apply(const op::change_room& op);
  [[nodiscard]] write_outcome apply(const op::set_standing& op);
  [[nodiscard]] write_outcome apply(const op::drop_standing& op);
  [[nodiscard]] write_outcome apply(const op::expel_user& op);

  template <class Op>
  [[nodiscard]] write_outcome apply_in_order(const Op& op);
  [[nodiscard]] room_state& room_at(room_id id) { return rooms_[id]; }
  [[nodiscard]] message store(room_state& in, const op::append_message& op);
  [[nodiscard]] expected<touched*, store_error> find(room_id id, sequence seq,
                                                     const std::string& user_id);
  [[nodiscard]] changed change(touched& what);
  [[nodiscard]] static std::string key_of(const op::append_message& op);

  void then_change_policy(const room_record& now, bool is_loss, bool is_closing);
  void then_put(room_id room, const standing& now);
  void then_drop(const op::drop_standing& op);
  void then_enter(const room_order& order);
  [[nodiscard]] bool may_not_change(room_id room, const std::string& user,
                                    const std::optional<log_point>& known);
  [[nodiscard]] write_outcome enter_order(const std::optional<log_point>& known,
                                          room_order order, write_outcome otherwise);
  void queue_room_writes(pg::exchange& writes);
  void queue_message_writes(pg::exchange& writes);
  void queue_marker_writes(pg::exchange& writes);

  std::span<const write_op> ops_;
  timestamp now_;
  timestamp oldest_remembered_;
  std::int64_t max_rooms_;
  pg_foreign& foreign_;

  // The things to read.
  std::set<room_id> locked_;
  std::set<room_id> looked_at_;
  std::set<std::string> names_;
  /// The appends with a client_id, by the key of room, user and client_id.
  std::map<std::string, const op::append_message*> client_ids_;
  std::set<message_ref> changed_;
  std::set<std::pair<std::string, room_id>> marked_;

  // The state that was read, updated by each op.
  std::unordered_map<room_id, room_state> rooms_;
  std::set<std::string> taken_names_;
  room_id last_room_;
  std::map<message_ref, touched> messages_;
  std::map<std::string, first> firsts_;
  /// The position of each marker, and whether it moved.
  std::map<std::pair<std::string, room_id>, std::pair<sequence, bool>> markers_;
  std::vector<message_ref> appended_; ///< ordered by their ids
  pg_recovery_batch recovery_;
  std::vector<write_outcome> outcomes_;
};

} // namespace hubbub
