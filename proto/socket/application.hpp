#pragma once

#include "proto/close_reason.hpp"
#include "proto/json/json.hpp"
#include "proto/socket/socket_packet.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

/// The answer to a CONNECT that lets the client in.
struct welcome {
  std::string sid = {}; ///< the session's id; empty: a new one is made
  std::string pid = {}; ///< the private id, if the session can be recovered
};
/// The answer to a CONNECT that keeps the client out: the object of the CONNECT_ERROR as JSON
/// (`{"message":…}`).
struct refusal {
  std::string error_json;
};
/// The answer to a CONNECT that is still open: `socket_session::decide` will follow.
struct decided_later {};
using admission = std::variant<welcome, refusal, decided_later>;

/// The application on top of a Socket.IO session: the chat is one, the echo server another.
/// There is one object for each connection, called on its session's thread, in the order in
/// which things arrive. It may call the session's `emit`, `ack` and `disconnect` from within.
class application {
 public:
  virtual ~application() = default;

  /// Decides whether a client may enter a namespace. `auth` is absent if the client sent none.
  [[nodiscard]] virtual admission on_connect(std::string_view nsp, json::value auth) = 0;
  /// Says that the CONNECT packet is queued: from now on the application may send to the
  /// namespace.
  virtual void on_connected(std::string_view nsp, json::value auth) = 0;
  virtual void on_event(event_packet event) = 0;
  /// Hands over the answer to an event that the application sent with an ack id.
  virtual void on_ack(ack_packet ack) = 0;
  /// Says that either side left the namespace, or that the connection ended (then for each
  /// namespace). Called once for each `on_connected`.
  virtual void on_disconnect(std::string_view nsp, close_reason reason) = 0;
  /// Called when the session was woken; a time at which the application asked to be woken may
  /// have come.
  virtual void on_time() {}
};

} // namespace hubbub
