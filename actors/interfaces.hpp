#pragma once

#include "actors/connection.hpp"
#include "actors/limit_interfaces.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "actors/session_interface.hpp"
#include "actors/store_interfaces.hpp"
#include "persistence/store.hpp"
#include "proto/access/access.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/close_reason.hpp"
#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"
#include "proto/websocket/frame.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Every actor's interface and every message between actors; those of a session stand in
/// session_interface.hpp, those of the store in store_interfaces.hpp, those of who counts and
/// limits in limit_interfaces.hpp. Messages
/// never leave the process (they hold shared frames and handles), so they need no
/// serialization.
namespace hubbub {

class room_lease;
/// While one of these is held its room stays awake (see room_lease.hpp).
using room_lease_ptr = std::shared_ptr<const room_lease>;

// A relay.

/// The session's connection can be written to from now on.
struct attach_connection {
  session_id session;
  connection_ptr to;
  /// It can be recovered: logged events reach it with an offset behind them, signed with the
  /// store's secret, which is the same for all.
  std::optional<recovery_identity> recovery = std::nullopt;
  recovery_secret secret{};
  /// Where a recovered session stands in its rooms, though it has yet to return to them: what
  /// its client is known to have. Also, as the place in front of what is missing, of rooms that
  /// owe it a gap. In any order.
  std::vector<room_position> positions = {};
  bool tells_offset = false; ///< at once: its client has none that says so
};
struct detach_connection {
  session_id session;
};

/// To all of a room's members on this thread, but those in `except`.
struct fan_out {
  room_id room;
  frame_ptr what;
  std::vector<session_id> except;
  bool is_volatile = false;
  /// Where who heard it stands in the room's log, if it is in there: goes into offsets.
  std::optional<room_position> at = std::nullopt;
};
/// Which of its session's joins, and of what room.
struct join_number {
  room_id room;
  std::uint32_t number = 0; ///< from 1 on
};
/// The answer to one request; without a frame it only counts as answered.
struct reply {
  session_id session;
  frame_ptr what;
  std::optional<room_position> at = std::nullopt;
  std::optional<join_number> refused = std::nullopt; ///< it is the answer to this join
};
/// To one session, unasked.
struct tell {
  session_id session;
  frame_ptr what;
  std::optional<room_position> at = std::nullopt;
};
/// The answer to a join: from here on the session hears the room.
struct enter_room {
  room_id room;
  session_id session;
  frame_ptr what;
  std::optional<room_position> at = std::nullopt;
  bool answers = true;    ///< a recovered session made no request
  std::uint32_t join = 0; ///< that this answers
};
/// The session hears the room no more. With `answers`, this answers a request.
struct exit_room {
  room_id room;
  session_id session;
  frame_ptr what;
  bool answers = true;
};
using relay_order = std::variant<fan_out, reply, tell, enter_room, exit_room>;
/// What one turn of a room has to say on one thread, in order.
using relay_orders = std::vector<relay_order>;

struct send_owed_offsets {};
struct ask_relay_stats {};
struct relay_stats {
  std::uint64_t delivered = 0;   ///< frames given to connections by fan-out
  std::uint64_t connections = 0; ///< attached now
};

/// One per io thread, pinned to it. Everything a room says to a connection comes through here:
/// one FIFO from a room to a thread is what keeps order, seamless join and only-members.
using relay_actor = compat::typed_actor<
    /// From rooms. Not idempotent.
    caf::result<void>(relay_orders),
    /// From chats, when the client comes into the namespace.
    caf::result<void>(attach_connection),
    /// From chats, when the client leaves it. What arrives for the session later is dropped.
    caf::result<void>(detach_connection),
    /// To itself, once a pass: sends the offsets that are owed.
    caf::result<void>(send_owed_offsets),
    /// From the metrics page.
    caf::result<relay_stats>(ask_relay_stats)>;

// A room.

/// A client event for a room, and where its answer goes.
struct room_request {
  session_id from;
  user_ptr who;
  std::optional<ack_id> ack;
  std::string event; ///< the name as the client sent it, for the event `error`
  chat_command command;
  /// Of a join: an earlier session of the client missed what came from here on.
  std::optional<sequence> missed_from = std::nullopt;
  std::uint32_t join = 0; ///< of a join: which of its session's
};
/// A recovered session comes back into the room.
struct room_return {
  session_id from;
  user_ptr who;
  room_position after; ///< what it has
  /// It has yet to hear that what lies from here up to `after` did not reach it.
  std::optional<sequence> gap_from = std::nullopt;
};
/// The session's connection ended, or its client left the namespace.
struct room_departure {
  session_id from;
  leave_reason reason = leave_reason::disconnect;
};
/// The session goes on with what another token allows.
struct room_renewal {
  session_id from;
  user_ptr who;
};
/// A message posted over HTTP.
struct room_post {
  std::string user_id;
  std::string username;
  std::string content;
  std::optional<std::string> client_id;
  access_ptr access = open_access(); ///< of the request
};
/// An edit over HTTP; without content, a deletion.
struct room_change {
  std::string user_id;
  sequence seq;
  std::optional<std::string> content;
  access_ptr access = open_access(); ///< of the request
};
/// The message as it is now.
struct posted {
  std::string message_json;
  bool repeated = false;
};
using post_outcome = expected<posted, error>;
struct members_page {
  std::vector<member> members;
  std::int64_t members_total = 0;
  std::string next; ///< empty at the end
};
using members_outcome = expected<members_page, error>;
struct list_members {
  std::optional<std::string> after;
  std::int64_t limit = 0;
  access_ptr access = open_access(); ///< of the request
};

/// What an owner or an admin wants over HTTP.
struct room_order {
  std::string by; ///< the user_id, or the name of an API key
  access_ptr access;
  room_moderation what;
};
/// Somebody holds one more lease on the room, or one less (see room_lease.hpp).
struct lease_taken {};
struct lease_returned {};
/// The time has come that the room asked for.
struct room_tick {};
/// The answer's body as JSON.
using order_outcome = expected<std::string, error>;

/// One room: its members and its order.
using room_actor = compat::typed_actor<
    /// From member sessions and others that hold a lease. Answered through the session's relay.
    caf::result<void>(room_request),
    /// From sessions, once per room they joined.
    caf::result<void>(room_departure),
    /// From chats, of a session that is in the room or asked to be.
    caf::result<void>(room_renewal),
    /// From recovered sessions, which hold a lease. Answered by what they missed.
    caf::result<void>(room_return),
    /// From the HTTP API. What the policy says. Idempotent only with a client_id.
    caf::result<post_outcome>(room_post),
    /// From the HTTP API. What the policy says, `not_found`. A deletion is idempotent.
    caf::result<post_outcome>(room_change),
    /// From the HTTP API. What the policy says. Idempotent.
    caf::result<members_outcome>(list_members),
    /// From the HTTP API. What the policy says; `bad_request`, `limit_exceeded`. Idempotent.
    caf::result<order_outcome>(room_order),
    /// From the gate: the room is a `write_sink`.
    caf::result<void>(write_results),
    /// From the directory: one more lease is out. And from the lease: one less.
    caf::result<void>(lease_taken), caf::result<void>(lease_returned),
    /// To itself: typing expires, presence is told, an empty room retires.
    caf::result<void>(room_tick)>;

// The directory.

/// Find a room, waking it if it sleeps. With `create`, an unknown name is created.
struct resolve_room {
  room_ref room;
  bool create = false;
  std::optional<std::string> owner = std::nullopt; ///< of the created
};
using resolve_outcome = expected<room_lease_ptr, error>;
/// A room's number of users changed.
struct members_changed {
  room_id room;
  std::int64_t total = 0;
};
/// How many users are in these rooms?
struct count_members {
  std::vector<room_id> rooms;
};
using member_counts = std::vector<std::int64_t>;
/// A room with nothing to do asks to go. `leases` is how many it was ever told of: if the
/// directory has given out more, the room must stay.
struct retire_room {
  room_id room;
  std::uint64_t leases = 0;
};
struct ask_directory_stats {};
struct directory_stats {
  std::uint64_t awake = 0;   ///< room actors
  std::uint64_t refused = 0; ///< questions, since too many waited
};

/// Knows which rooms are awake. Pinned to the first io thread.
using directory_actor = compat::typed_actor<
    /// From sessions and the HTTP API. `not_found`, `storage_error`. Idempotent.
    caf::result<resolve_outcome>(resolve_room),
    /// From the HTTP API: a new room; `already_exists` where the name is taken.
    caf::result<room_outcome>(create_room),
    /// From rooms, before the join or leave is answered.
    caf::result<void>(members_changed),
    /// From the HTTP API. Idempotent.
    caf::result<member_counts>(count_members),
    /// From rooms. True: the directory has forgotten the room, it must end now.
    caf::result<bool>(retire_room),
    /// From the metrics page.
    caf::result<directory_stats>(ask_directory_stats)>;

// Recovery.

/// A session that can be recovered has begun.
struct session_started {
  recovery_id session;
  session_actor actor;
};
/// Its connection ended. With `forget`, by its client's own will.
struct session_ended {
  recovery_id session;
  bool forget = false;
};
/// A client wants back the session with this private id.
struct claim_session {
  session_actor from;
  std::string pid;
  std::optional<std::string> offset;
  std::optional<std::string> user_id; ///< as whom it comes, if it says so
  access_ptr access = open_access();  ///< what it comes with: all its rooms must be allowed
  recoverable_ptr fresh = nullptr; ///< the session that begins where this one is not given back
};
struct room_to_return {
  room_lease_ptr room;
  room_position after;
  std::optional<sequence> gap_from; ///< as in `room_return`
};
/// Rooms of which something was missed for good.
using missed_rooms = std::vector<owed_gap>;
struct recovered_session {
  std::string sid;
  std::string user_id;
  std::string username;
  std::vector<room_to_return> rooms;
  missed_rooms missed; ///< of rooms that it has not joined since
};
/// Without a session, the fresh one is to begin, which is told what was missed.
using claim_outcome = expected<recovered_session, missed_rooms>;

/// Gives clients their earlier sessions back. Pinned to the first io thread.
using recovery_actor = compat::typed_actor<
    /// From sessions, before their client hears of it.
    caf::result<void>(session_started),
    /// From sessions, once, behind their departures from their rooms.
    caf::result<void>(session_ended),
    /// From sessions: who claims takes the session over, from a live connection too. Not
    /// idempotent.
    caf::result<claim_outcome>(claim_session)>;

} // namespace hubbub

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(hubbub, caf::first_custom_type_id)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::write_results)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::write_request)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::write_batch)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::create_room)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::writer_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::message_range)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::read_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_query)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::view_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_readings)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::readings_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::search_request)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_refusals)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::refusal_counts)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::search_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_search_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::search_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::store_damaged)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_ref)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::list_rooms)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_state)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::state_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_known)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::known_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_order)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::order_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::list_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::inbound_message)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::connection_closed)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::attach_connection)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::detach_connection)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::relay_orders)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::relay_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_request)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_departure)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_renewal)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_post)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_change)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::post_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::list_members)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::members_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::resolve_room)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::resolve_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::members_changed)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::count_members)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::member_counts)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::retire_room)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::directory_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::token_request)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::token_grant)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::rate_refusals)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::limiter_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::user_arrived)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::user_gone)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::connection_counts)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::supersede_session)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_return)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::session_started)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::session_ended)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::claim_session)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::claim_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::end_recoverable)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::resume_recoverable)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::owe_gaps)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::recoverable_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_recoverable)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_missed)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::missed_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::hand_over_batch)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::hand_over_now)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::commit_queued)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::purge_expired)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_writer_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::do_upkeep)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::send_owed_offsets)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_relay_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::lease_taken)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::lease_returned)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_tick)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_directory_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_limiter_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_connection_counts)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::wake_session)
CAF_END_TYPE_ID_BLOCK(hubbub)
// clang-format on
