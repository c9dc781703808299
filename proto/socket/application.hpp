#pragma once

#include "proto/close_reason.hpp"
#include "proto/json/json.hpp"
#include "proto/socket/socket_packet.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

/// The client may come in.
struct welcome {
  std::string sid = {}; ///< empty: a new one
  std::string pid = {}; ///< its private id, if the session can be recovered
};
/// The client may not: the object of the CONNECT_ERROR as JSON (`{"message":…}`).
struct refusal {
  std::string error_json;
};
/// `socket_session::decide` follows.
struct decided_later {};
using admission = std::variant<welcome, refusal, decided_later>;

/// What runs on top of a Socket.IO session: the chat is one, the echo server another. One
/// object a connection, called on its session's thread, in the order in which things arrived.
/// It may call the session's `emit`, `ack` and `disconnect` from within.
class application {
 public:
  virtual ~application() = default;

  /// A client wants into a namespace. `auth` is absent where the client sent none.
  [[nodiscard]] virtual admission on_connect(std::string_view nsp, json::value auth) = 0;
  /// The CONNECT packet is queued: from now on the application may send to the namespace.
  virtual void on_connected(std::string_view nsp, json::value auth) = 0;
  virtual void on_event(event_packet event) = 0;
  /// The answer to an event that the application sent with an ack id.
  virtual void on_ack(ack_packet ack) = 0;
  /// The namespace is left by either side, or the connection ended (then for each namespace).
  /// Once for each `on_connected`.
  virtual void on_disconnect(std::string_view nsp, close_reason reason) = 0;
  /// The session was woken: a time may have come that the application asked to be woken at.
  virtual void on_time() {}
};

} // namespace hubbub
