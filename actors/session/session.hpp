#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/one_thread_scheduler.hpp"
#include "proto/socket/application.hpp"
#include "proto/socket/socket_session.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

class session;

/// What an application may use of the session it runs on. Lives as long as the application.
struct session_context {
  session* self = nullptr; ///< the actor, for sending and asking in its name
  session_id id;
  connection_ptr out; ///< for frames that are ready to send
  relay_actor relay;  ///< the relay of the connection's io thread, for sessions in rooms
};

/// Makes the application of one connection.
using application_factory =
    std::function<std::unique_ptr<application>(const session_context& context)>;

/// What all sessions of a server share. Immutable once the server runs.
struct session_setup {
  socket_config config;
  application_factory make_application;
};

/// The actor of one client connection: decodes Socket.IO and runs an application. Pinned to the
/// connection's io thread, whose connection it calls.
class session : public session_actor::base, private socket_host {
 public:
  session(caf::actor_config& config, session_id id, connection_ptr out, relay_actor relay,
          std::shared_ptr<const session_setup> setup, steady_time now);

  behavior_type make_behavior() override;
  void on_exit() override;
  [[nodiscard]] const char* name() const override { return compat::leaves_time_limits; }

  /// Returns the Socket.IO session, by which the application sends events and acks, and ends a
  /// namespace.
  [[nodiscard]] socket_session& socket() { return *socket_; }
  /// Returns the connection, for frames that are ready to send.
  [[nodiscard]] const connection_ptr& out() const { return out_; }
  /// Returns the relay of the connection's io thread.
  [[nodiscard]] const relay_actor& relay() const { return relay_; }
  /// Returns the bytes that the client has sent since the last call.
  [[nodiscard]] std::size_t take_received_bytes() { return std::exchange(received_bytes_, 0); }

 private:
  void send(frame_ptr frame) override;
  void close(close_reason reason) override;
  void on_connected() override;
  [[nodiscard]] std::string new_sid() override;
  void on_message(inbound_message& message);
  void hear(const connection_closed& closed);
  void hear(wake_session);
  void hear(supersede_session);
  void hear(dismiss_session);
  void wake_in_time();
  void finish(close_reason reason);

  session_id id_;
  connection_ptr out_;
  relay_actor relay_;
  std::shared_ptr<const session_setup> setup_;
  steady_time started_;
  std::size_t received_bytes_ = 0;
  std::size_t held_ = 0; ///< value that the connection was told
  std::unique_ptr<application> app_;
  /// Kept within the actor: the allocator rounds the actor's size up by about this much anyway.
  std::optional<socket_session> socket_;
};

} // namespace hubbub
