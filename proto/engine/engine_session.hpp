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

/// Time is an argument: sessions read no clock.
using steady_time = std::chrono::steady_clock::time_point;

/// Engine.IO's settings, told to the client in the handshake.
struct engine_config {
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds ping_timeout{20'000};
  /// How long a WebSocket may probe before it completes the upgrade.
  std::chrono::milliseconds upgrade_timeout{10'000};
  /// How long a client may be without a poll after the connection of a waiting one ended: it
  /// has most likely gone, but a proxy may have cut it off, and a page may poll anew.
  std::chrono::milliseconds lost_poll_grace{2'000};
  /// Bytes of one WebSocket message or one POST body. As Socket.IO's own servers have it
  /// (`maxHttpBufferSize`), so that what a client could send there it can send here; and it is
  /// what anybody may have us hold with a message that never ends.
  std::size_t max_payload = 1'000'000;
};

enum class engine_transport : std::uint8_t { polling, websocket };

/// What to do with a long-polling request (docs/architecture.md, "Polling").
enum class request_verdict : std::uint8_t {
  accepted,  ///< GET: answer when there are packets; POST: answer `ok`
  mismatch,  ///< the session speaks WebSocket by now: 400, the session goes on
  unknown,   ///< the session is closed: 400 "Session ID unknown"
  violation, ///< 400, and the session has been closed
};

/// What an Engine.IO session tells its connection to do. Called from within the session's
/// inputs.
class engine_host {
 public:
  virtual ~engine_host() = default;
  /// Queue a packet behind everything already queued, whatever the transport.
  virtual void send_packet(engine_type type, std::string_view data) = 0;
  /// A message arrived, in order.
  virtual void on_message(std::string data, bool binary) = 0;
  /// Answer a waiting poll now: with what is queued, or with one noop packet if nothing is.
  /// Does nothing if no poll waits.
  virtual void release_poll() = 0;
  /// Answer a waiting poll now: with what is queued, or, if nothing is, with an error in the
  /// place of packets, since the session ends for this reason. Does nothing if no poll waits.
  virtual void refuse_poll(close_reason reason) = 0;
  /// Send one text packet on the probing WebSocket, at once.
  virtual void send_on_candidate(engine_type type, std::string_view data) = 0;
  /// The probing WebSocket is the transport from now on: queued packets go there.
  virtual void promote_candidate() = 0;
  /// Close the probing WebSocket; the session goes on over polling, unless `on_closed` follows.
  virtual void drop_candidate() = 0;
  /// The session is over. A waiting poll has been answered. The host closes the transport after
  /// what is queued has been written, where that is still possible.
  virtual void on_closed(close_reason reason) = 0;
};

/// The server's side of one Engine.IO 4 session, as a state machine without socket, clock or
/// thread. Its host feeds it what arrived and does what it is told through `engine_host`, which
/// is called from within the inputs. Whatever the inputs, and also if a callback makes further
/// ones
/// (`close` in `on_message`), `on_closed` is called at most once, and nothing after it.
class engine_session {
 public:
  /// Does nothing yet: the host may not be ready to be called. `host` outlives the session.
  engine_session(engine_host& host, const engine_config& config, engine_transport transport);

  /// Sends the handshake (the open packet) and starts the heartbeat. Call once, first.
  void open(std::string_view sid, steady_time now);

  /// A GET with this sid. On `accepted` the host answers at once when packets are queued or
  /// `answer_polls_at_once()`, else keeps the request until one of them, or `release_poll`.
  [[nodiscard]] request_verdict on_poll(steady_time now);
  /// The host has answered the waiting poll.
  void on_poll_answered();
  /// The connection of the waiting poll ended before it was answered. Unless the next poll
  /// comes within `lost_poll_grace`, or a WebSocket takes over, the session ends.
  void on_poll_lost(steady_time now);
  /// True while an upgrade is being probed: a held poll would hold up the upgrade.
  [[nodiscard]] bool answer_polls_at_once() const;
  /// A POST with this sid and its body.
  [[nodiscard]] request_verdict on_post(std::string_view body, steady_time now);

  /// A message on the WebSocket that is the transport.
  void on_websocket_message(std::string data, bool binary, steady_time now);
  /// The transport's WebSocket is gone.
  void on_websocket_closed(close_reason reason, steady_time now);

  /// A WebSocket with this sid wants to take over. False: close it, the session stays as it is.
  [[nodiscard]] bool on_candidate(steady_time now);
  void on_candidate_message(std::string_view data, bool binary, steady_time now);
  void on_candidate_closed(steady_time now);

  /// The server ends the session. A client that is to stay away is sent a close packet; one
  /// that is wanted back is not, since some clients (python-socketio) take the packet for their
  /// own user's wish and never come back: its WebSocket just closes, its waiting poll is
  /// refused.
  void close(close_reason reason);

  /// Call when `deadline()` has passed (earlier calls do nothing): sends pings, ends silence
  /// and unfinished upgrades. The inputs above do the same with their `now` before anything
  /// else.
  void on_time(steady_time now);
  /// When `on_time` wants to be called next; empty once closed.
  [[nodiscard]] std::optional<steady_time> deadline() const;

  [[nodiscard]] engine_transport transport() const { return transport_; }
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  /// False: the packet has no place here.
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
  steady_time heartbeat_at_{}; ///< the next ping, or the end of waiting for its pong
  steady_time upgrade_until_{};
  std::optional<steady_time> next_poll_until_; ///< after one was lost
};

} // namespace hubbub
