#pragma once

#include "proto/close_reason.hpp"
#include "proto/engine/engine_session.hpp"
#include "proto/socket/application.hpp"
#include "proto/socket/socket_packet.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

struct socket_config {
  /// How long a session may stay without a first namespace. Refused attempts do not count.
  std::chrono::milliseconds connect_timeout{45'000};
  /// How long all attachments that a packet announces may take together. The incomplete packet
  /// takes memory, and pings go on meanwhile.
  std::chrono::milliseconds attachments_timeout{60'000};
  /// Maximum number of namespaces that one connection may be in.
  std::size_t max_namespaces = 16;
  /// Maximum number of CONNECTs that may be refused in a row; the last of them closes the
  /// connection. Each may cost the check of a signature, and no other limit stops a client that
  /// has been in a namespace before. A client with a bad token asks its user for another one
  /// after the first refusal.
  std::size_t max_refused_connects = 10;
  /// Maximum number of packets for namespaces that the client has left or was taken out of.
  /// Some may be on their way at that time and are dropped, but each costs the work of reading
  /// it.
  std::size_t max_crossing_packets = 1'000;
  socket_limits limits;
};

/// The connection on which a Socket.IO session runs.
class socket_host {
 public:
  virtual ~socket_host() = default;
  virtual void send(frame_ptr frame) = 0;
  /// Ends the Engine.IO session. It may answer by `socket_session::on_closed`, now or later.
  virtual void close(close_reason reason) = 0;
  /// Says that a first namespace has let the client in.
  virtual void on_connected() {}
  /// Returns a new unguessable id (at least 120 random bits) for a namespace's `sid`.
  [[nodiscard]] virtual std::string new_sid() = 0;
};

/// The server's side of one Socket.IO 5 connection, without I/O: it decodes messages, keeps the
/// namespaces, and hands events to an application. A violation of the protocol closes the
/// connection.
///
/// Host and application may call back into the session from any of its calls. For any sequence
/// of inputs, the application receives exactly one `on_disconnect` for each namespace that it
/// let in, and nothing after `on_closed`.
class socket_session {
 public:
  /// Binds the session; `host`, `app` and `config` outlive it.
  socket_session(socket_host& host, application& app, const socket_config& config,
                 steady_time now);

  /// Takes one Engine.IO message.
  void on_message(std::string data, bool binary, steady_time now);
  /// Says that the connection is gone, and tells the application once for each namespace.
  void on_closed(close_reason reason);
  /// Ends a connection that has no namespace, or owes attachments, by `deadline()`.
  void on_time(steady_time now);
  /// Returns when `on_time` must be called; nothing if the session waits for nothing. Only
  /// `on_message` makes it earlier than it was.
  [[nodiscard]] std::optional<steady_time> deadline() const;
  /// Returns the bytes of memory that a packet takes whose attachments are still due.
  [[nodiscard]] std::size_t held() const { return decoder_.held(); }

  /// Sends an event. If it has an ack id, the answer arrives at `application::on_ack`. Like the
  /// calls below, it does nothing for a namespace that is not connected.
  void emit(std::string_view nsp, std::string_view name, std::string_view args_json,
            const std::vector<std::string>& attachments = {}, std::optional<ack_id> id = {});
  void ack(std::string_view nsp, ack_id id, std::string_view args_json,
           const std::vector<std::string>& attachments = {});
  /// Answers a CONNECT that was `decided_later`. Does nothing if the connection has ended
  /// meanwhile.
  void decide(std::string_view nsp, const admission& verdict);
  /// Takes the client out of a namespace: sends DISCONNECT, then calls `on_disconnect`.
  void disconnect(std::string_view nsp, close_reason reason);
  /// Takes the client out of every namespace.
  void disconnect_all(close_reason reason);
  [[nodiscard]] bool connected(std::string_view nsp) const;

 private:
  enum class state : std::uint8_t {
    open,
    ending, ///< the host was told to close: nothing goes in or out
    closed, ///< the application has been told
  };

  void on_packet(connect_packet packet);
  void on_packet(const disconnect_packet& packet);
  void on_packet(event_packet packet);
  void on_packet(ack_packet packet);
  /// True if a packet for `nsp` is to be handled. A packet for a namespace that was left
  /// crossed the DISCONNECT on its way and is dropped; one for any other namespace is a
  /// violation.
  [[nodiscard]] bool admit(std::string_view nsp);
  void answer(const connect_packet& packet, const admission& verdict);
  void refuse(std::string_view nsp, std::string_view error_json);
  void leave(std::string_view nsp, close_reason reason);
  void send_all(const std::vector<frame_ptr>& frames);
  void end(close_reason reason);
  void violate() { end(close_reason::parse_error); }

  /// What most clients never need.
  struct troubles {
    /// The namespaces left most recently, at most `max_namespaces`.
    std::vector<std::string> left;
    std::vector<connect_packet> undecided;
    std::size_t refused = 0; ///< refused CONNECTs since a namespace let the client in
    /// Packets for left namespaces since a namespace let the client in.
    std::size_t crossing = 0;
  };
  [[nodiscard]] troubles& trouble() {
    if (!troubles_) troubles_ = std::make_unique<troubles>();
    return *troubles_;
  }
  [[nodiscard]] std::size_t undecided_count() const {
    return troubles_ ? troubles_->undecided.size() : 0;
  }
  [[nodiscard]] bool is_undecided(std::string_view nsp) const;

  socket_host* host_;
  application* app_;
  const socket_config* config_;
  socket_decoder decoder_;
  std::vector<std::string> namespaces_; ///< in order; mostly one
  std::unique_ptr<troubles> troubles_;  ///< null until there is one
  std::optional<steady_time> connect_until_;
  std::optional<steady_time> attachments_until_;
  state state_ = state::open;
};

} // namespace hubbub
