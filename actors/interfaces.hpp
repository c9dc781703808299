#pragma once

#include "actors/bridge_interfaces.hpp"
#include "actors/bus_interfaces.hpp"
#include "actors/connection.hpp"
#include "actors/hook_interfaces.hpp"
#include "actors/limit_interfaces.hpp"
#include "actors/recovery_interface.hpp"
#include "actors/relay_interface.hpp"
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
#include <utility>
#include <variant>
#include <vector>

/// Every actor's interface and every message between actors. Those of a session are in
/// session_interface.hpp, those of a relay in relay_interface.hpp, those of recovery in
/// recovery_interface.hpp, those of the store in store_interfaces.hpp, those of the bus between
/// nodes in bus_interfaces.hpp, those of the bridge in bridge_interfaces.hpp, what the program
/// around the chat is asked in hook_interfaces.hpp, those of actors that count and limit in
/// limit_interfaces.hpp. Messages never leave the process (they hold shared frames and
/// handles), so they need no serialization.
namespace hubbub {

// Messages to a room.

/// The answer to a call over HTTP: its body as JSON.
struct call_answer {
  std::string body;
  bool repeated = false; ///< the same had been done before
};
using call_outcome = expected<call_answer, error>;

/// The socket that asks a room for something. The answer goes to the relay of its session.
struct socket_asker {
  session_id session;
  std::optional<ack_id> ack = std::nullopt;
  std::string event = {}; ///< the name as the client sent it, for the event `error`
  /// The first message that an earlier session of the client missed; for a join only.
  std::optional<sequence> missed_from = std::nullopt;
  std::uint32_t join = 0; ///< of a join: which of its session's joins it is
};
/// A call over HTTP that asks a room for something. It need not be a member, and nothing that
/// it asks for waits for its other calls.
struct http_asker {
  caf::typed_response_promise<call_outcome> promise;
};

/// A command for a room, who gives it, and where its answer goes. Sockets send it as it is;
/// what is asked over HTTP comes as a `room_call`.
struct room_request {
  std::variant<socket_asker, http_asker> asker;
  user_ptr who;
  room_command command;

  /// Returns the socket that asks; null for a call over HTTP.
  [[nodiscard]] const socket_asker* from_socket() const {
    return std::get_if<socket_asker>(&asker);
  }
  /// Returns the socket that asks, for commands that only sockets give.
  [[nodiscard]] const socket_asker& socket() const { return std::get<socket_asker>(asker); }
};

/// The commands that are given over HTTP too. Their field `room` is empty then, since the path
/// names the room.
using call_command =
    std::variant<command::send_message, command::edit_message, command::delete_message,
                 command::get_members, command::configure_room, command::put_standing,
                 command::lift_standing, command::kick_user, command::get_standings>;
/// A command for a room over HTTP. `who` is the author of a message or a change; for the other
/// commands it is the user or the API key that makes the call. Its rights are those of the
/// call.
struct room_call {
  user_ptr who;
  call_command command;
};
/// A recovered session returns to the room.
struct room_return {
  session_id from;
  user_ptr who;
  room_position after; ///< what the session has
  /// Set if the session must still be told that the messages from here up to `after` did not
  /// reach it.
  std::optional<sequence> gap_from = std::nullopt;
};
/// The session's connection ended, or its client left the namespace.
struct room_departure {
  session_id from;
  /// Nothing if the server stops: the client comes back, so that members are told nothing.
  std::optional<leave_reason> reason = leave_reason::disconnect;
};
/// The session continues with the rights of another token.
struct room_renewal {
  session_id from;
  user_ptr who;
};
/// A session observes the room, or no longer: it hears everything that the room tells its
/// members, and stands in no list. Its relay says when that begins.
struct room_observation {
  session_id from;
  bool begins = true;
};
/// Sends an event of the program around the chat to the room's members. It is in no log.
struct room_broadcast {
  std::string event;     ///< none of the chat's own
  std::string args_json; ///< the arguments as JSON, joined by commas
  bool is_volatile = false;
};
/// True if the members on all nodes are told, as far as the room knows; false if only those
/// here are; or why nobody is.
using broadcast_outcome = expected<bool, error>;
/// Somebody holds one more lease on the room, or one less (see room_lease.hpp).
struct lease_taken {};
struct lease_returned {};
/// The time has come that the room asked for.
struct room_tick {};

/// One room: it owns its members and the order of its messages.
using room_actor = compat::typed_actor<
    /// Sent by member sessions and others that hold a lease. Answered through the session's
    /// relay.
    caf::result<void>(room_request),
    /// Sent by sessions, once for each room that they joined.
    caf::result<void>(room_departure),
    /// Sent by chats, for a session that is in the room or asked to be.
    caf::result<void>(room_renewal),
    /// Sent by the gateway, which holds a lease when it begins. Idempotent.
    caf::result<void>(room_observation),
    /// Sent by recovered sessions, which hold a lease. Answered with what they missed.
    caf::result<void>(room_return),
    /// Sent by the HTTP API. Errors: those of the permissions and of the command. Idempotent,
    /// except for edits and for new messages without a client_id.
    caf::result<call_outcome>(room_call),
    /// Sent by the gate: the room is a `write_sink`.
    caf::result<void>(write_results),
    /// Sent by the directory: there is one lease more. And by the lease: there is one less.
    caf::result<void>(lease_taken), caf::result<void>(lease_returned),
    /// Sent to itself: typing expires, presence is sent, an empty room retires.
    caf::result<void>(room_tick),
    /// Sent by the head poll and the bus: the room is a `log_follower`. Idempotent.
    caf::result<void>(log_moved), caf::result<void>(bus_news), caf::result<void>(bus_said),
    /// Sent by the presence actor: the room is a `presence_listener`.
    caf::result<void>(members_elsewhere),
    /// Sent by the gateway, which holds a lease. Not idempotent.
    caf::result<broadcast_outcome>(room_broadcast)>;

// Messages to the directory.

/// Finds a room, and wakes it if it sleeps; without `wake` there is no lease on one that
/// sleeps, which may not exist either. With `create`, an unknown name is created.
struct resolve_room {
  room_ref room;
  bool create = false;
  std::optional<std::string> owner = std::nullopt; ///< the owner of a room that is created
  bool wake = true;
};
/// Null if the room sleeps and is not to be woken.
using resolve_outcome = expected<room_lease_ptr, error>;
/// A room's number of users changed.
struct members_changed {
  room_id room;
  std::int64_t total = 0;
};
/// A room without work asks whether it may end. `leases` is the number of leases that it was
/// ever told of: if the directory has given out more, the room must stay.
struct retire_room {
  room_id room;
  std::uint64_t leases = 0;
};
/// Asks for the rooms that are awake.
struct ask_awake {};
using awake_list = std::vector<std::pair<room_id, room_actor>>;
/// Asks which of these rooms are awake.
struct find_awake {
  std::vector<room_ref> rooms;
};
struct awake_ids {
  std::vector<room_id> ids; ///< in the order of the rooms; 0: it is not awake
};
/// A room is awake from now on, with its log at this position; without one it was awake
/// already.
struct room_woke {
  room_lease_ptr room;
  std::optional<room_position> at;
};
using room_watcher = compat::typed_actor<caf::result<void>(room_woke)>;
/// Asks to be told of the rooms that are awake, and from now on of each that wakes.
struct watch_rooms {
  room_watcher watcher;
};
struct ask_directory_stats {};
struct directory_stats {
  std::uint64_t awake = 0;   ///< room actors
  std::uint64_t refused = 0; ///< requests refused because too many waited
};

/// Knows which rooms are awake. Pinned to the first io thread.
using directory_actor = compat::typed_actor<
    /// Sent by sessions and the HTTP API. Errors: `not_found`, `storage_error`. Idempotent.
    caf::result<resolve_outcome>(resolve_room),
    /// Sent by the HTTP API: a new room. Error: `already_exists` if the name is taken.
    caf::result<room_outcome>(op::create_room),
    /// Sent by rooms, before the join or leave is answered.
    caf::result<void>(members_changed),
    /// Sent by the HTTP API and the gateway: how many users are in rooms on all nodes, awake
    /// here or not. Error: `io`. Idempotent; wakes nothing.
    caf::result<counts_outcome>(count_members),
    /// Sent by rooms. True: the directory has forgotten the room, which must end now.
    caf::result<bool>(retire_room),
    /// Sent by the head poll.
    caf::result<awake_list>(ask_awake),
    /// Sent by the bridge. Idempotent; wakes nothing.
    caf::result<awake_ids>(find_awake),
    /// Sent by the gateway. Answered with true after what is awake has been told; a watcher
    /// that asks again is told of that again.
    caf::result<bool>(watch_rooms),
    /// Sent by the metrics page.
    caf::result<directory_stats>(ask_directory_stats)>;

} // namespace hubbub

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(hubbub, HUBBUB_FIRST_TYPE_ID + 100) // after those of the library's users
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::write_results)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::write_request)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::write_batch)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::op::create_room)
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
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_measures)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::chat_measures)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::search_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::feed_index)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_search_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::search_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::store_damaged)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::index_due)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bring_search_up)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_ref)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::list_rooms)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_state)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::state_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_known)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::known_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::list_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::inbound_message)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::session_event)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::attach_connection)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::detach_connection)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::relay_orders)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::relay_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_request)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_departure)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_renewal)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::message_draft)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::draft_verdict)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::foreign_event)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::foreign_answer)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::arrival_question)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::arrival_verdict)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::chat_notice)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_call)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_broadcast)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::broadcast_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::call_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::resolve_room)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::resolve_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::members_changed)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::count_members)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::counts_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_members)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::members_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::retire_room)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::directory_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::token_request)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::token_grant)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::rate_refusals)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::limiter_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::user_arrived)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::user_gone)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::connection_counts)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_return)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::session_started)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::session_ended)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::reclaim_session)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::reclaim_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::op::end_recoverable)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::op::resume_recoverable)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::op::owe_gaps)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::recoverable_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_recoverable)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_missed)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::missed_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_log)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::log_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_heads)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::heads_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::log_moved)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bus_news)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bus_said)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::look_at)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::head_watcher)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bus_subscribe)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bus_unsubscribe)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bus_posts)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bus_pass)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_bus_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bus_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::lease_report)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::lease_outcome)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::member_state)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::members_elsewhere)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::presence_listen)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::presence_unlisten)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::dismiss_elsewhere)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::presence_due)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::presence_moved)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::presence_freeze)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::presence_watcher)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::sessions_taken)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::taken_watcher)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_presence_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::presence_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::close_connections)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_awake)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::awake_list)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::find_awake)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::awake_ids)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::wide_events)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bridge_pass)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bridge_events)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bridge_taken)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_bridge_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::bridge_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::poll_heads)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::hand_over_batch)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::hand_over_now)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::commit_queued)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::purge_expired)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_writer_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::do_upkeep)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::send_owed_offsets)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::send_wide_events)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_relay_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_observation)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_woke)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::watch_rooms)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::lease_taken)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::lease_returned)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::room_tick)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_directory_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_limiter_stats)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::ask_connection_counts)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::resume_session)
HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::tell_unsaved)
CAF_END_TYPE_ID_BLOCK(hubbub)
// clang-format on
