#pragma once

#include "actors/connection.hpp"
#include "net/http/http_exchange.hpp"
#include "net/io/io_thread.hpp"
#include "net/websocket/frame_queue.hpp"
#include "net/websocket/websocket.hpp"
#include "proto/engine/engine_session.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {

class engine_connection;

/// The program on top of an Engine.IO session. It receives the session's messages on its io
/// thread.
class engine_consumer {
 public:
  virtual ~engine_consumer() = default;
  virtual void on_message(std::string data, bool binary) = 0;
  /// Called at the time that was set with `connection::wake_session_at`.
  virtual void on_wake() = 0;
  /// Called when the client must go, and must not reconnect by itself.
  virtual void on_dismissed() {}
  /// Called once, as the last call.
  virtual void on_closed(close_reason reason) = 0;
};

/// Knows connections by their sid.
class engine_registry {
 public:
  /// Says that the session is over: polls for it are answered "Session ID unknown" from now on.
  virtual void on_session_closed(const std::string& sid) = 0;
  /// Says that a polling client should come back: what it still posts must not keep it away.
  virtual void on_posts_overtaken(const std::string& sid) = 0;
  /// Says that the client closed the session while no poll was waiting: the close may have
  /// overtaken one.
  virtual void on_poll_overtaken(const std::string& sid) = 0;
  /// Says that the session no longer waits for a namespace: it has one, or is over. `wait_id`
  /// is the value from `wait_for_namespace`.
  virtual void on_wait_ended(std::uint64_t wait_id) = 0;

 protected:
  ~engine_registry() = default;
};

/// One Engine.IO session with its transports. It carries packets between the state machine, a
/// waiting poll or a WebSocket, and the consumer. Lives on one io thread.
class engine_connection final : public connection,
                                public flushable,
                                public timed,
                                private engine_host,
                                private websocket_owner,
                                public std::enable_shared_from_this<engine_connection> {
 public:
  engine_connection(io_thread& thread, engine_registry& registry, std::string sid,
                    engine_transport transport);
  ~engine_connection() override;

  /// Returns the session's sid, which does not change.
  [[nodiscard]] const std::string& sid() const { return sid_; }
  /// Returns a number that no other session of this thread has.
  [[nodiscard]] std::uint64_t serial() const { return serial_; }

  /// Begins with the handshake. `socket` is the transport, or null for polling.
  void open(std::unique_ptr<engine_consumer> consumer, std::shared_ptr<websocket> socket);

  /// Records its id among the sessions without a namespace, until the session is connected
  /// or over; not 0.
  void wait_for_namespace(std::uint64_t wait_id) { wait_id_ = wait_id; }

  /// Takes a GET; `id` names it for `abandon_poll`.
  void poll(std::uint64_t id, http_responder respond);
  /// Says that the client of a waiting poll has gone.
  void abandon_poll(std::uint64_t id);
  void post(std::string_view body, const http_responder& respond);
  /// Returns the bytes of memory that wait for the client to read, or to complete a message.
  [[nodiscard]] std::size_t held_bytes() const;
  /// Returns those of them that wait for the client to read.
  [[nodiscard]] std::size_t queued_bytes() const {
    if (websocket_) return websocket_->queued_bytes();
    return polling_ ? polling_->queue.footprint() : 0;
  }
  [[nodiscard]] bool is_polling() const { return websocket_ == nullptr; }
  /// Names the connection for people, as the log does.
  [[nodiscard]] std::string number() const;
  /// Has the program tell the client to go for good.
  void dismiss() {
    if (consumer_) consumer_->on_dismissed();
  }
  /// Closes the session as a slow reader, and releases what waits.
  void give_up();

  /// Offers a WebSocket that wants to replace polling.
  void probe(std::shared_ptr<websocket> socket);

  void send(const frame_ptr& frame) override;
  void send_volatile(const frame_ptr& frame) override;
  void close(close_reason reason) override;
  void wake_session_at(steady_time when) override;
  void note_held(std::size_t bytes) override { session_held_ = bytes; }
  void on_connected() override;
  void on_too_fast(std::string_view what) override;
  void on_kept_out(const refused_connect& what) override;
  void flush() override;
  void on_time(steady_time now) override;

 private:
  struct waiting_poll {
    std::uint64_t id = 0;
    http_responder respond;
  };
  /// The state of a session that polls. A WebSocket needs none of it.
  struct polling_side {
    frame_queue queue;                     ///< frames that wait for a poll
    std::unique_ptr<waiting_poll> waiting; ///< null: no poll waits
    std::shared_ptr<websocket> candidate;  ///< the WebSocket that wants to replace polling
    bool probe_answered = false;           ///< the candidate's
    bool closed_by_client = false;
  };

  void on_pong(steady_time::duration round_trip) override;
  void send_packet(engine_type type, std::string_view data) override;
  void on_message(std::string data, bool binary) override;
  void release_poll() override;
  void refuse_poll(close_reason reason) override;
  void send_on_candidate(engine_type type, std::string_view data) override;
  void promote_candidate() override;
  void drop_candidate() override;
  void on_closed(close_reason reason) override;

  void on_websocket_message(websocket& from, std::string data, bool binary) override;
  void on_websocket_violation(websocket& from) override;
  void on_websocket_closed(websocket& from, close_reason reason) override;

  void end_candidate(websocket& socket, bool probe_answered);
  /// True while the client may be told something.
  [[nodiscard]] bool may_tell() const { return !engine_.closed() && !thread_->is_mute(); }
  /// True if more waits for the client than the soft bound of its queue.
  [[nodiscard]] bool is_crowded() const {
    return queued_bytes() > thread_->config().max_volatile_bytes;
  }
  void enqueue(const frame_ptr& frame);
  void put(const frame_ptr& frame);
  [[nodiscard]] polling_side& polling() {
    if (!polling_) polling_ = std::make_unique<polling_side>();
    return *polling_;
  }
  [[nodiscard]] websocket* candidate() const {
    return polling_ ? polling_->candidate.get() : nullptr;
  }
  /// Returns the poll that waits, which does so no longer; null if there is none.
  [[nodiscard]] std::unique_ptr<waiting_poll> take_poll() {
    return polling_ ? std::move(polling_->waiting) : nullptr;
  }
  [[nodiscard]] bool make_room(const frame& next);
  void skip_messages();
  void overrun(std::string_view reason);
  /// Records a step of the user's story, with the room that it is about, if there is one.
  void note(trace_record step, std::string_view room) const;
  [[nodiscard]] std::string_view user() const;
  void set_timer();

  io_thread* thread_;
  std::uint64_t serial_;
  engine_registry* registry_;
  std::string sid_;
  engine_session engine_;
  std::unique_ptr<engine_consumer> consumer_;
  std::unique_ptr<polling_side> polling_; ///< null as long as nothing of it is needed
  std::shared_ptr<websocket> websocket_;  ///< the transport, or null for polling
  steady_time wake_at_ = steady_time::max();
  std::size_t session_held_ = 0;
  /// Its id among the sessions without a namespace; 0: not one of them.
  std::uint64_t wait_id_ = 0;
};

} // namespace hubbub
