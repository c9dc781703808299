#pragma once

#include "actors/crypto/recovery_seal.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "proto/access/access.hpp"
#include "proto/close_reason.hpp"

#include <memory>
#include <optional>
#include <string>

/// A session's interface, the messages to it, and its client.
namespace hubbub {

struct inbound_message {
  std::string data;
  bool binary = false;
};
struct connection_closed {
  close_reason reason = close_reason::transport_error;
};

/// Tells a session that a time has come which it asked its connection for.
struct wake_session {};
/// Tells a session that its client has come back over another connection and takes the session
/// over.
struct supersede_session {};
/// Tells a session that its client must go, and must not reconnect by itself.
struct dismiss_session {};

/// One client connection's protocol and application. Pinned to the connection's io thread.
using session_actor = compat::typed_actor<
    /// Sent by the connection: one Engine.IO message, in order.
    caf::result<void>(inbound_message),
    /// Sent by the connection, once, as the last message. The session leaves its rooms and
    /// ends.
    caf::result<void>(connection_closed),
    /// Sent by the connection, see `connection::wake_session_at`.
    caf::result<void>(wake_session),
    /// Sent by the recovery actor. The session ends its connection.
    caf::result<void>(supersede_session),
    /// Sent by the connection when somebody on call wants it. Idempotent.
    caf::result<void>(dismiss_session)>;

/// The identity of a session that can be recovered.
struct recoverable {
  recovery_identity identity;
  std::string sid; ///< its Socket.IO sid
};
using recoverable_ptr = std::shared_ptr<const recoverable>;
/// The identity and the rights of a client. All of its messages share one of these.
struct user {
  std::string user_id;
  std::string username;
  recoverable_ptr recovery = nullptr; ///< usually null: few sessions can be recovered
  access_ptr access = open_access();  ///< never null; permissions in rooms follow from it
};
using user_ptr = std::shared_ptr<const user>;

} // namespace hubbub
