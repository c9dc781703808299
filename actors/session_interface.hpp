#pragma once

#include "actors/crypto/recovery_seal.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "proto/access/access.hpp"
#include "proto/close_reason.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

/// A session's interface, the messages to it, and its client.
namespace hubbub {

struct inbound_message {
  std::string data;
  bool binary = false;
};
/// Sent by the connection, once, as the last message. The session leaves its rooms and ends.
struct connection_closed {
  close_reason reason = close_reason::transport_error;
};
/// Sent by the connection when a time has come which the session asked it for; see
/// `connection::wake_session_at`.
struct wake_session {};
/// Sent by the recovery actor: the client has come back over another connection and takes the
/// session over. The session ends its connection.
struct supersede_session {};
/// Sent by the connection when somebody on call wants it: the client must go, and must not
/// reconnect by itself. Idempotent.
struct dismiss_session {};
/// What happens to a session besides what its client sends.
using session_event =
    std::variant<connection_closed, wake_session, supersede_session, dismiss_session>;

/// One client connection's protocol and application. Pinned to the connection's io thread.
using session_actor = compat::typed_actor<
    /// Sent by the connection: one Engine.IO message, in order.
    caf::result<void>(inbound_message),
    /// Everything else, in one clause: each would take 48 bytes of every session.
    caf::result<void>(session_event)>;

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
