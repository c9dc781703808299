#pragma once

#include "proto/close_reason.hpp"
#include "proto/engine/engine_packet.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// A point in time, always passed as an argument: sessions read no clock.
using steady_time = std::chrono::steady_clock::time_point;

/// Engine.IO's settings, which the handshake tells the client.
struct engine_config {
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds ping_timeout{20'000};
  /// How long the probe of a WebSocket may take until the upgrade is completed.
  std::chrono::milliseconds upgrade_timeout{10'000};
  /// How long a client may go without a poll after the connection of a waiting poll ended. Most
  /// likely the client is gone, but a proxy may have cut the connection, or the page may be
  /// about to poll again.
  std::chrono::milliseconds lost_poll_grace{2'000};
  /// Largest message in bytes, counted after base64 is decoded, and largest body of an HTTP
  /// request other than a POST of Engine.IO. It equals the default of Socket.IO's own servers
  /// (`maxHttpBufferSize`), so that whatever a client could send there it can send here. It
  /// also bounds the memory that a message without end can occupy.
  std::size_t max_payload = 1'000'000;

  /// Returns the largest body of a POST of Engine.IO, in bytes. Base64 makes the largest
  /// binary message a third longer, and JavaScript's client, which estimates that length, fills
  /// a body a little above `max_payload`.
  [[nodiscard]] std::size_t max_post() const { return max_payload + max_payload / 2; }
};

enum class engine_transport : std::uint8_t { polling, websocket };

/// How to answer a long-polling request (docs/architecture.md, "Polling").
enum class request_verdict : std::uint8_t {
  accepted,  ///< GET: answer when there are packets; POST: answer `ok`
  mismatch,  ///< the session uses WebSocket by now: answer 400; the session goes on
  unknown,   ///< the session is closed: answer 400 "Session ID unknown"
  violation, ///< answer 400; the session has been closed
  too_large, ///< a message above `max_payload`: answer 413; the session has been closed
};

/// The connection that an Engine.IO session runs on. The session calls it from within its
/// inputs.
class engine_host {
 public:
  virtual ~engine_host() = default;
  /// Queues a packet after everything that is already queued, whatever the transport.
  virtual void send_packet(engine_type type, std::string_view data) = 0;
  /// Hands over a message that arrived; messages come in order.
  virtual void on_message(std::string data, bool binary) = 0;
  /// Reports how long the client took to answer a ping.
  virtual void on_pong([[maybe_unused]] steady_time::duration round_trip) {}
  /// Answers a waiting poll now: with the queued packets, or with one noop packet if there are
  /// none. Does nothing if no poll waits.
  virtual void release_poll() = 0;
  /// Answers a waiting poll now, since the session ends for this reason: with the queued
  /// packets, or, if there are none, with an error. Does nothing if no poll waits.
  virtual void refuse_poll(close_reason reason) = 0;
  /// Sends one text packet on the probing WebSocket, at once.
  virtual void send_on_candidate(engine_type type, std::string_view data) = 0;
  /// Makes the probing WebSocket the transport: queued packets go there from now on.
  virtual void promote_candidate() = 0;
  /// Closes the probing WebSocket; the session goes on over polling, unless `on_closed`
  /// follows.
  virtual void drop_candidate() = 0;
  /// Reports the end of the session. A waiting poll has been answered. The host closes the
  /// transport after it has written what is queued, where that is still possible.
  virtual void on_closed(close_reason reason) = 0;
};

/// The server's side of one Engine.IO 4 session, as a state machine without socket, clock or
/// thread. Its host feeds it the input and does what it is told through `engine_host`, which is
/// called from within the inputs. For any sequence of inputs, including those that a callback
/// makes (`close` in `on_message`), `on_closed` is called at most once, and nothing is called
/// after it.
class engine_session {
 public:
  /// Calls nothing yet, since the host may not be ready. `host` outlives the session.
  engine_session(engine_host& host, const engine_config& config, engine_transport transport);

  /// Sends the handshake (the open packet) and starts the heartbeat. Call once, first.
  void open(std::string_view sid, steady_time now);

  /// Takes a GET with this session's sid. On `accepted` the host answers at once if packets are
  /// queued or `answer_polls_at_once()` is true; otherwise it keeps the request until either
  /// holds, or until `release_poll`.
  [[nodiscard]] request_verdict on_poll(steady_time now);
  /// Says that the host has answered the waiting poll.
  void on_poll_answered();
  /// Says that the connection of the waiting poll ended before it was answered. The session
  /// ends, unless the next poll comes within `lost_poll_grace` or a WebSocket takes over.
  void on_poll_lost(steady_time now);
  /// True while an upgrade is being probed: a poll that waits would hold up the upgrade.
  [[nodiscard]] bool answer_polls_at_once() const;
  /// Takes a POST with this session's sid, and its body.
  [[nodiscard]] request_verdict on_post(std::string_view body, steady_time now);

  /// Takes a message on the WebSocket that is the transport.
  void on_websocket_message(std::string data, bool binary, steady_time now);
  /// Says that the client broke the rules of WebSockets themselves. It is sent a close packet,
  /// so that it stays away; then the host says that the WebSocket is gone.
  void on_websocket_violation(steady_time now);
  /// Says that the transport's WebSocket is gone.
  void on_websocket_closed(close_reason reason, steady_time now);

  /// Takes a WebSocket with this session's sid that wants to become the transport. False: close
  /// it; the session stays as it is.
  [[nodiscard]] bool on_candidate(steady_time now);
  void on_candidate_message(std::string_view data, bool binary, steady_time now);
  void on_candidate_closed(steady_time now);

  /// Ends the session on the server's behalf. A client that should stay away is sent a close
  /// packet. A client that should reconnect is not, since some clients (python-socketio) take
  /// that packet for a wish of their own user and never return: its WebSocket just closes, or
  /// its waiting poll is refused.
  void close(close_reason reason);

  /// Acts on the time: sends pings, and ends silent sessions and unfinished upgrades. Call it
  /// when `deadline()` has passed; earlier calls do nothing. The inputs above do the same with
  /// their `now` before anything else.
  void on_time(steady_time now);
  /// Returns the time at which `on_time` wants to be called next; nothing once the session is
  /// closed.
  [[nodiscard]] std::optional<steady_time> deadline() const;

  [[nodiscard]] engine_transport transport() const { return transport_; }
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  /// Returns false if the packet is not allowed here.
  [[nodiscard]] bool on_packet(engine_packet packet, steady_time now);
  void on_heartbeat(steady_time now);
  void on_probe();
  void on_upgrade();
  void abandon_upgrade();
  enum class farewell : std::uint8_t { none, close_packet, refusal };
  [[nodiscard]] static farewell farewell_for(close_reason reason);
  void finish(close_reason reason, farewell last);
  [[nodiscard]] bool silent(steady_time now) const;

  engine_host* host_;
  const engine_config* config_;
  engine_transport transport_;
  bool closed_ = false;
  bool poll_waiting_ = false;
  enum class upgrade_state : std::uint8_t {
    none,
    candidate,
    probed
  } upgrade_ = upgrade_state::none;
  bool awaiting_pong_ = false;
  steady_time pinged_at_{};
  steady_time heartbeat_at_{}; ///< when the next ping is due, or the wait for its pong ends
  steady_time upgrade_until_{};
  std::optional<steady_time> next_poll_until_; ///< set after a waiting poll was lost
};

} // namespace hubbub
