#pragma once

#include "proto/access/room_order.hpp"
#include "proto/access/standing.hpp"
#include "proto/model.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The ops that a `store_writer` applies, their outcomes, and the errors of a store.
namespace hubbub {

enum class store_error : std::uint8_t {
  full,    ///< the disk or the quota is full
  io,      ///< reading or writing failed, or the database is read-only
  corrupt, ///< the database is damaged
  no_such_room,
  already_exists,  ///< the name of the room is taken
  not_repeated,    ///< see `append_message::only_if_repeated` and `change_room`
  no_such_message, ///< never existed, deleted, or removed by retention
  not_the_author,
  session_over,   ///< see `enter_recoverable`
  too_many_rooms, ///< see `store_config::max_rooms`
  busy,           ///< not attempted, because the queue is full
  stale,          ///< not attempted, because other nodes have given orders; see `known`
  no_search,      ///< this server does not search
  no_index,       ///< the search index cannot be used at the moment
  index_full,     ///< the disk of the search index is full
};

/// A room about which a recoverable session must still be told that it misses messages.
struct owed_gap {
  room_id room;
  sequence from; ///< the first missing message
  friend bool operator==(const owed_gap&, const owed_gap&) = default;
};

/// A position in the log of a room that is known from the context.
struct log_point {
  sequence seq;
  revision rev;
  friend bool operator==(const log_point&, const log_point&) = default;
};

/// Several ops have a member `known`: the position up to which the op's sender knows the log of
/// the room. It matters only in a store that other nodes write too; see
/// `store_writer::take_foreign`. There an order of moderation is an entry of the room's log:
/// its op takes the room's next `rev`, and the outcome is the `room_order`. If another node has
/// given an order there after `known`, the sender may not have judged by it who may give this
/// one: then nothing is done, and the outcome is `stale`, after the entries that the sender
/// must know. Without `known` an order takes no `rev`, and the outcome is as described at the
/// op.
namespace op {

/// Appends a message to a room's log. `id` grows over the whole store, `seq` and `rev` grow by
/// one in a room; a number is never assigned twice, whatever is deleted later. If the same user
/// already used the `client_id` in the same room within the dedupe window, nothing is stored:
/// the outcome is the first message with `repeated`. A repeated or failed append takes no
/// number.
struct append_message {
  static constexpr bool may_be_refused = true;
  room_id room;
  std::string user_id;
  std::string username;
  std::string content;
  std::optional<std::string> client_id;
  /// True if the sender may not write here, but a repeat is still answered: if the `client_id`
  /// is new, nothing is stored and the outcome is `not_repeated`.
  bool only_if_repeated = false;
  std::optional<log_point> known = std::nullopt;
};

/// Changes the content of one's own message; takes the room's next `rev`. Errors:
/// `no_such_room`, `no_such_message`, `not_the_author`. If the content is the same already,
/// nothing changes and the outcome is `repeated`.
struct edit_message {
  static constexpr bool may_be_refused = true;
  room_id room;
  sequence seq;
  std::string user_id;
  std::string content;
  std::optional<log_point> known = std::nullopt;
};

/// Turns a message into a tombstone: the row keeps its numbers, its content and its text in the
/// search are removed. Takes the room's next `rev`. Errors: `no_such_room`, `no_such_message`,
/// `not_the_author`. A second time nothing changes and the outcome is the tombstone,
/// `repeated`.
struct delete_message {
  static constexpr bool may_be_refused = true;
  room_id room;
  sequence seq;
  std::string user_id;
  std::optional<log_point> known = std::nullopt;
};

/// Records that the user has read the room up to `seq`. A marker never moves back, nor past the
/// last message. Error: `no_such_room`.
struct mark_read {
  static constexpr bool may_be_refused = true;
  room_id room;
  std::string user_id;
  sequence seq;
};

/// Records that a recoverable session enters a room, or enters it again; the first of these
/// writes the session's record. The outcome is the position of the room's log at this op.
/// Error: `session_over` if the session's end came first. The new membership has its base at
/// that position, or at `since`, and keeps it until the session leaves the room: everything
/// after the base was said to a member. Entering again proves nothing about what the session
/// has received, and changes nothing.
struct enter_recoverable {
  static constexpr bool may_be_refused = false;
  recovery_id session;
  std::array<std::uint8_t, 32> pid_hash{}; ///< SHA-256 of its private id
  std::string sid;                         ///< its Socket.IO sid
  std::string user_id;
  std::string username;
  room_id room;
  /// The message after which the join wants to begin; it may lie beyond the end of the log.
  std::optional<sequence> since = std::nullopt;
  /// True if the session is not in the room, so that this is a new membership: one that the
  /// store still holds is over.
  bool afresh = false;
  /// For a new membership: the session is owed a gap from here to the base, like those of
  /// `owe_gaps`.
  std::optional<sequence> gap_from = std::nullopt;
  std::optional<log_point> known = std::nullopt;
};
/// Records that the session left the room, which it will not get back.
struct leave_recoverable {
  static constexpr bool may_be_refused = false;
  recovery_id session;
  room_id room;
};
/// Records that the session's connection ended, so that the recovery window begins. With
/// `forget` there is nothing to recover.
struct end_recoverable {
  static constexpr bool may_be_refused = false;
  recovery_id session;
  bool forget = false;
};
/// Records that the session was recovered and lives again. With `claim` it lives on this node
/// from now on. Error: `session_over` if it was claimed since `claim` was read, so that of
/// several nodes only one recovers it.
struct resume_recoverable {
  static constexpr bool may_be_refused = false;
  recovery_id session;
  /// `recoverable_session::claims`, as it was read.
  std::optional<std::int64_t> claim = std::nullopt;
};
/// Records that a recoverable session replaces one that could not be recovered: it is owed gaps
/// for the rooms of the old one. Each is kept until the session leaves the room concerned, or
/// is forgotten. It may come late, and more than once: after the session has joined rooms, or
/// after its end.
struct owe_gaps {
  static constexpr bool may_be_refused = false;
  recovery_id session;
  std::array<std::uint8_t, 32> pid_hash{}; ///< SHA-256 of its private id
  std::string sid;                         ///< its Socket.IO sid
  std::vector<owed_gap> gaps;
};

/// Creates a room. Errors: `already_exists` if the name is taken (compared byte by byte),
/// `too_many_rooms` if the greatest number of rooms is reached.
struct create_room {
  static constexpr bool may_be_refused = false;
  std::string name;
  std::optional<std::string> owner = std::nullopt;
  bool is_private = false;
};
/// Changes the given properties of a room. Error: `no_such_room`. The outcome is the record.
/// Users who lose the room because it becomes private lose it for good: their memberships end,
/// even if they are let in again later (see `store_reader::is_member`). If the room is closed,
/// the memberships of all users end that way. To a closed room nothing is added: the outcome of
/// a new message, an edit or a deletion is `not_repeated`.
struct change_room {
  static constexpr bool may_be_refused = false;
  room_id room;
  std::optional<bool> is_private = std::nullopt;
  std::optional<std::string> owner = std::nullopt;
  std::string by = {}; ///< who gave the order
  std::optional<bool> is_closed = std::nullopt;
  std::optional<log_point> known = std::nullopt;
};

/// Puts a user on one of the room's lists, or changes until when and why. Error:
/// `no_such_room`. The outcome is the `standing`. A ban also does what `expel_user` does.
struct set_standing {
  static constexpr bool may_be_refused = false;
  room_id room;
  standing_kind kind = standing_kind::member;
  std::string user_id;
  std::string by;
  std::optional<timestamp> until = std::nullopt;
  std::string reason = {};
  std::optional<log_point> known = std::nullopt;
};
/// Takes a user off a list; no error if they are not on it. A user who is taken off the roster
/// of a private room loses it for good, as if it became private now.
struct drop_standing {
  static constexpr bool may_be_refused = false;
  room_id room;
  standing_kind kind = standing_kind::member;
  std::string user_id;
  std::string by = {}; ///< who gave the order
  std::optional<log_point> known = std::nullopt;
};
/// Keeps the user's recoverable sessions from getting the room back. A session that has ended
/// and had the room is forgotten entirely, since its client was told nothing. The outcome names
/// the sessions that had the room.
struct expel_user {
  static constexpr bool may_be_refused = false;
  room_id room;
  std::string user_id;
  std::string by = {}; ///< who gave the order
  std::string reason = {};
  std::optional<log_point> known = std::nullopt;
};

} // namespace op

/// The operations of a writer. Each says whether it `may_be_refused` when too many wait: those
/// that clients can cause without end may be, while what a room writes for itself never is.
using write_op =
    std::variant<op::append_message, op::create_room, op::edit_message, op::delete_message,
                 op::mark_read, op::enter_recoverable, op::leave_recoverable,
                 op::end_recoverable, op::resume_recoverable, op::owe_gaps, op::change_room,
                 op::set_standing, op::drop_standing, op::expel_user>;
/// True if an operation can be refused with `busy` when too many wait. Does not compile for a
/// variant with an alternative that does not say so.
template <class... Ops>
[[nodiscard]] bool may_be_refused(const std::variant<Ops...>& operation) {
  return std::visit([]<class Op>(const Op&) { return Op::may_be_refused; }, operation);
}
/// Returns the member `known` of an operation; null if it has none.
template <class... Ops>
[[nodiscard]] std::optional<log_point>* known_of(std::variant<Ops...>& operation) {
  return std::visit(
      [](auto& op) -> std::optional<log_point>* {
        if constexpr (requires { op.known; })
          return &op.known;
        else
          return nullptr;
      },
      operation);
}

struct appended {
  message stored;
  bool repeated = false;
};
/// The outcome of `edit_message` and `delete_message`.
struct changed {
  message now;
  bool repeated = false;
};
/// The outcome of `mark_read`: the marker's position.
struct marked {
  sequence seq;
};
/// The outcome of `expel_user`.
struct expelled {
  std::vector<recovery_id> sessions;
};
/// The outcome of ops that return nothing.
struct noted {};

/// One entry of a room's log: a message, the edit or deletion of an earlier one, or an order.
/// If a message was changed several times, only its last change is an entry.
struct log_entry {
  message what; ///< as it is now: a message may have been changed by a later entry
  bool is_new = false;
  revision after; ///< the `rev` of a reader that has come this far
  std::optional<room_order> order = std::nullopt; ///< set instead of `what`
};
/// Consecutive entries of a room's log, in the order in which they were written.
struct log_part {
  std::vector<log_entry> entries;
  room_position up_to;   ///< everything up to here is in it, except what retention removed
  bool has_more = false; ///< the log goes on after it
};

/// The outcome of an op. A `log_part` is no op's outcome: it stands in front of the outcomes of
/// a room that other nodes have written to.
using write_outcome =
    std::variant<appended, room_record, changed, marked, room_position, standing, expelled,
                 noted, store_error, log_part, room_order>;

/// Returns the message that an outcome added to a room's log or changed in it; null if it did
/// neither.
[[nodiscard]] inline const message* written_entry(const write_outcome& outcome) {
  if (const auto* fresh = std::get_if<appended>(&outcome))
    return fresh->repeated ? nullptr : &fresh->stored;
  if (const auto* change = std::get_if<changed>(&outcome))
    return change->repeated ? nullptr : &change->now;
  return nullptr;
}

/// Returns the room and the `rev` of what an outcome added to a room's log, and the `seq` of
/// the message that it is about, or 0; nothing if it added nothing.
[[nodiscard]] inline std::optional<room_position> written_at(const write_outcome& outcome) {
  if (const auto* order = std::get_if<room_order>(&outcome))
    return room_position{order->room, {}, order->rev};
  const auto* what = written_entry(outcome);
  return what ? std::optional{room_position{what->room, what->seq, what->rev}} : std::nullopt;
}

} // namespace hubbub
