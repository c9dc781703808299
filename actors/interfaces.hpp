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
    caf::result<void>(caf::flush_atom),
    /// From the metrics page.
    caf::result<relay_stats>(caf::get_atom)>;

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
    caf::result<void>(caf::add_atom), caf::result<void>(caf::delete_atom),
    /// To itself: typing expires, presence is told, an empty room retires.
    caf::result<void>(caf::tick_atom)>;

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
    caf::result<directory_stats>(caf::get_atom)>;

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

// Local messages: CAF need not know how to serialize them.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::write_results)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::write_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::write_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::ask_refusals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::refusal_counts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::create_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::writer_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::message_range)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::read_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::view_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::ask_readings)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::readings_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::search_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::search_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::ask_search_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::search_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::store_damaged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_ref)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::list_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::find_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::state_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::find_known)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::known_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::order_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::list_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::inbound_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::connection_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::attach_connection)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::detach_connection)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::relay_orders)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::relay_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_departure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_renewal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_post)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::post_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::list_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::members_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::resolve_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::resolve_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::members_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::count_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::member_counts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::retire_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::directory_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::supersede_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_return)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::session_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::session_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::claim_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::claim_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::end_recoverable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::resume_recoverable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::owe_gaps)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::recoverable_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::find_recoverable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::find_missed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::missed_outcome)

CAF_BEGIN_TYPE_ID_BLOCK(hubbub, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(hubbub, (hubbub::write_results))
CAF_ADD_TYPE_ID(hubbub, (hubbub::write_request))
CAF_ADD_TYPE_ID(hubbub, (hubbub::write_batch))
CAF_ADD_TYPE_ID(hubbub, (hubbub::create_room))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::writer_stats))
CAF_ADD_TYPE_ID(hubbub, (hubbub::message_range))
CAF_ADD_TYPE_ID(hubbub, (hubbub::read_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_query))
CAF_ADD_TYPE_ID(hubbub, (hubbub::view_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::ask_readings))
CAF_ADD_TYPE_ID(hubbub, (hubbub::readings_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::search_request))
CAF_ADD_TYPE_ID(hubbub, (hubbub::ask_refusals))
CAF_ADD_TYPE_ID(hubbub, (hubbub::refusal_counts))
CAF_ADD_TYPE_ID(hubbub, (hubbub::search_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::ask_search_stats))
CAF_ADD_TYPE_ID(hubbub, (hubbub::search_stats))
CAF_ADD_TYPE_ID(hubbub, (hubbub::store_damaged))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_ref))
CAF_ADD_TYPE_ID(hubbub, (hubbub::list_rooms))
CAF_ADD_TYPE_ID(hubbub, (hubbub::find_state))
CAF_ADD_TYPE_ID(hubbub, (hubbub::state_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::find_known))
CAF_ADD_TYPE_ID(hubbub, (hubbub::known_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_order))
CAF_ADD_TYPE_ID(hubbub, (hubbub::order_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::list_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::inbound_message))
CAF_ADD_TYPE_ID(hubbub, (hubbub::connection_closed))
CAF_ADD_TYPE_ID(hubbub, (hubbub::attach_connection))
CAF_ADD_TYPE_ID(hubbub, (hubbub::detach_connection))
CAF_ADD_TYPE_ID(hubbub, (hubbub::relay_orders))
CAF_ADD_TYPE_ID(hubbub, (hubbub::relay_stats))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_request))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_departure))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_renewal))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_post))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_change))
CAF_ADD_TYPE_ID(hubbub, (hubbub::post_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::list_members))
CAF_ADD_TYPE_ID(hubbub, (hubbub::members_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::resolve_room))
CAF_ADD_TYPE_ID(hubbub, (hubbub::resolve_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::members_changed))
CAF_ADD_TYPE_ID(hubbub, (hubbub::count_members))
CAF_ADD_TYPE_ID(hubbub, (hubbub::member_counts))
CAF_ADD_TYPE_ID(hubbub, (hubbub::retire_room))
CAF_ADD_TYPE_ID(hubbub, (hubbub::directory_stats))
CAF_ADD_TYPE_ID(hubbub, (hubbub::token_request))
CAF_ADD_TYPE_ID(hubbub, (hubbub::token_grant))
CAF_ADD_TYPE_ID(hubbub, (hubbub::rate_refusals))
CAF_ADD_TYPE_ID(hubbub, (hubbub::limiter_stats))
CAF_ADD_TYPE_ID(hubbub, (hubbub::user_arrived))
CAF_ADD_TYPE_ID(hubbub, (hubbub::user_gone))
CAF_ADD_TYPE_ID(hubbub, (hubbub::connection_counts))
CAF_ADD_TYPE_ID(hubbub, (hubbub::supersede_session))
CAF_ADD_TYPE_ID(hubbub, (hubbub::room_return))
CAF_ADD_TYPE_ID(hubbub, (hubbub::session_started))
CAF_ADD_TYPE_ID(hubbub, (hubbub::session_ended))
CAF_ADD_TYPE_ID(hubbub, (hubbub::claim_session))
CAF_ADD_TYPE_ID(hubbub, (hubbub::claim_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::end_recoverable))
CAF_ADD_TYPE_ID(hubbub, (hubbub::resume_recoverable))
CAF_ADD_TYPE_ID(hubbub, (hubbub::owe_gaps))
CAF_ADD_TYPE_ID(hubbub, (hubbub::recoverable_outcome))
CAF_ADD_TYPE_ID(hubbub, (hubbub::find_recoverable))
CAF_ADD_TYPE_ID(hubbub, (hubbub::find_missed))
CAF_ADD_TYPE_ID(hubbub, (hubbub::missed_outcome))
CAF_END_TYPE_ID_BLOCK(hubbub)
