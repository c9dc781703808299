#pragma once

#include "bench/client/dialect.hpp"
#include "bench/client/endpoint.hpp"
#include "bench/client/event_loop.hpp"
#include "bench/client/fault_log.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::bench {

class client;

/// The type of the packet that leaves a namespace.
inline constexpr char socket_disconnect = '1';

/// The interface of the clients' owner, which is told what happens to them.
class client_owner {
 public:
  /// Says that the client has entered the namespace `/`.
  virtual void on_ready(client& who) = 0;
  /// Hands over a Socket.IO packet that arrived at `now()`; the Engine.IO type `4` is cut off.
  virtual void on_packet(client& who, std::string_view packet) = 0;
  /// Says that the connection has ended after `say_goodbye`.
  virtual void on_goodbye(client& who) = 0;
  /// Says that the connection ended or could not be made; `why` is a sentence without its
  /// subject.
  virtual void on_lost(client& who, fault kind, std::string why) = 0;

 protected:
  ~client_owner() = default;
};

/// The parts that all clients of a run share; it outlives them.
struct client_setting {
  event_loop* loop = nullptr;
  const dialect* words = nullptr;
  client_owner* owner = nullptr;
};

/// One Socket.IO client, made cheap so that thousands can share a loop. It speaks
/// Engine.IO and the Socket.IO handshake; derived classes carry the bytes. It
/// may connect again once it is lost, dropped or has said goodbye.
class client {
 public:
  /// Makes a client of one of the servers, which outlives it.
  client(std::size_t number, const client_setting& setting, const endpoint& server)
      : setting_(&setting), server_(&server), number_(number) {}
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  virtual ~client() = default;

  /// Begins to connect; `on_ready` or `on_lost` follows.
  void connect();
  /// Queues a Socket.IO packet, which is written at the end of the loop's pass.
  void send(std::string_view packet) { write('4', packet); }
  /// Leaves the namespace and closes; `on_goodbye` follows.
  void say_goodbye();
  /// Closes the connection at once, without telling the server or the owner.
  void drop();
  /// Stops reading; `read_some` then reads that many bytes.
  virtual void stop_reading() = 0;
  virtual void read_some(std::size_t bytes) = 0;

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] bool is_open() const { return stage_ == stage::open; }

 protected:
  enum class stage : std::uint8_t {
    off,
    connecting, ///< the transport does not carry packets yet
    opening,    ///< waiting for the server's Engine.IO handshake
    greeting,   ///< waiting to be let into the namespace
    open,
    leaving,
  };

  [[nodiscard]] stage current_stage() const { return stage_; }
  [[nodiscard]] const client_setting& setting() const { return *setting_; }
  [[nodiscard]] const endpoint& server() const { return *server_; }
  void on_transport_open() { stage_ = stage::opening; }
  void on_engine_packet(std::string_view text);
  /// Handles the loss of the transport.
  void on_end(fault kind, std::string why);

  virtual void start() = 0;
  virtual void write(char engine_type, std::string_view data) = 0;
  /// Closes the transport once everything written has been sent.
  virtual void finish() = 0;
  /// Closes the transport at once.
  virtual void reset() = 0;
  /// Takes the session's id, once; transports other than polling ignore it.
  virtual void on_session(std::string_view /*handshake*/) {}

 private:
  const client_setting* setting_;
  const endpoint* server_;
  std::size_t number_;
  stage stage_ = stage::off;
};

/// Returns the name that a client goes by.
[[nodiscard]] std::string user_name(std::size_t number);

} // namespace hubbub::bench
