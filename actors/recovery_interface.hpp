#pragma once

#include "actors/presence_interfaces.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "actors/session_interface.hpp"
#include "persistence/store.hpp"
#include "proto/access/access.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The interface of the recovery actor, and the messages to it.
namespace hubbub {

class room_lease;
/// Keeps a room awake as long as it is held (see room_lease.hpp).
using room_lease_ptr = std::shared_ptr<const room_lease>;

/// A session that can be recovered has begun.
struct session_started {
  recovery_id session;
  session_actor actor;
};
/// The session's connection ended. With `forget`, the client wanted that itself.
struct session_ended {
  recovery_id session;
  bool forget = false;
};
/// A client wants to recover the session with this private id.
struct reclaim_session {
  session_actor from;
  std::string pid;
  std::optional<std::string> offset;
  std::optional<std::string> user_id; ///< the user the client says it is, if it says so
  /// The client's rights: all rooms of the session must be allowed.
  access_ptr access = open_access();
  recoverable_ptr fresh = nullptr; ///< the session that begins if the old one is not recovered
};
struct room_to_return {
  room_lease_ptr room;
  room_position after;
  std::optional<sequence> gap_from; ///< as in `room_return`
};
/// Rooms of which messages were missed for good.
using missed_rooms = std::vector<owed_gap>;
struct recovered_session {
  std::string sid;
  std::string user_id;
  std::string username;
  std::vector<room_to_return> rooms;
  missed_rooms missed; ///< in rooms that the session has not joined since
};
/// The recovered session. Without one, the fresh session begins and is told what was missed.
using reclaim_outcome = expected<recovered_session, missed_rooms>;

/// Asks to tell the store once more that a session lives.
struct resume_session {
  recovery_id session;
  std::uint64_t attempt = 0; ///< ignored if the session was recovered again since
};

/// Asks to tell the store once more what it could not be told of sessions.
struct tell_unsaved {};

/// Recovers earlier sessions for clients. Pinned to the first io thread.
using recovery_actor = compat::typed_actor<
    /// Sent by sessions, before their client is told of the session.
    caf::result<void>(session_started),
    /// Sent by sessions, once, after the departures from their rooms.
    caf::result<void>(session_ended),
    /// Sent by sessions. The client that reclaims a session takes it over, also from a live
    /// connection. Not idempotent.
    caf::result<reclaim_outcome>(reclaim_session),
    /// Sent by the presence actor, whose `taken_watcher` it is: these sessions live on other
    /// nodes now, and their connections here end. Idempotent.
    caf::result<void>(sessions_taken),
    /// Sent to itself: the store could not be told that a recovered session lives again.
    caf::result<void>(resume_session),
    /// Sent to itself: the store could not be told of the ends of some sessions, or of gaps.
    /// Idempotent.
    caf::result<void>(tell_unsaved)>;

} // namespace hubbub
