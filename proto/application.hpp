#pragma once

#include "proto/close_reason.hpp"
#include "proto/json.hpp"
#include "proto/socket_packet.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// What runs on top of a Socket.IO session: the chat is one, the echo server another. One
/// object a connection, called on its session's thread, in the order in which things arrived.
/// It may call the session's `emit`, `ack` and `disconnect` from within.
class application {
 public:
  virtual ~application() = default;

  /// A client wants into a namespace. Empty: welcome. Otherwise the object of the CONNECT_ERROR
  /// as JSON (`{"message":…}`). `auth` is absent where the client sent none.
  [[nodiscard]] virtual std::optional<std::string> on_connect(std::string_view nsp,
                                                              json::value auth) = 0;
  /// The CONNECT packet is queued: from now on the application may send to the namespace.
  virtual void on_connected(std::string_view nsp, json::value auth) = 0;
  virtual void on_event(event_packet event) = 0;
  /// The answer to an event that the application sent with an ack id.
  virtual void on_ack(ack_packet ack) = 0;
  /// The namespace is left by either side, or the connection ended (then for each namespace).
  /// Once for each `on_connected`.
  virtual void on_disconnect(std::string_view nsp, close_reason reason) = 0;
};

} // namespace hubbub
