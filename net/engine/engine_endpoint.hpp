#pragma once

#include "net/engine/engine_connection.hpp"
#include "net/engine/engine_http.hpp"
#include "net/engine/recent_sids.hpp"
#include "net/forward/forwarder.hpp"
#include "net/http/http_exchange.hpp"
#include "net/io/io_thread.hpp"
#include "net/websocket/websocket.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Makes the consumer of a new Engine.IO session. Called on the session's thread.
using consumer_factory = std::function<std::unique_ptr<engine_consumer>(
    io_thread& thread, const std::shared_ptr<engine_connection>& connection)>;

/// Answers a request for a WebSocket that cannot be accepted, and closes its connection.
using websocket_refusal = void (*)(io_thread& thread, websocket_request request,
                                   http_response response);

/// Receives one io thread's Engine.IO requests for one path. It opens sessions, and finds open
/// ones by their sid, on this thread or another. A request travels to its session's thread and
/// its answer back; a WebSocket moves there for good.
class engine_endpoint final : private engine_registry {
 public:
  engine_endpoint(io_thread& thread, consumer_factory make_consumer, websocket_refusal refuse);

  /// Introduces the endpoints of all io threads, by their index. Called once, before the first
  /// request.
  void join(std::vector<engine_endpoint*> endpoints) { endpoints_ = std::move(endpoints); }

  /// Says who passes on requests for sessions of other nodes; null for nobody.
  void forward_by(forwarder* by) { forwarder_ = by; }

  /// Returns what is wrong with a request, as far as that is known without its session.
  [[nodiscard]] std::optional<engine_http_error> check(const http_request& request,
                                                       bool wants_websocket) const;
  /// Handles a polling request that passed `check`. If the returned function is not empty, call
  /// it when the client has gone before the answer.
  [[nodiscard]] std::function<void()> poll(http_request request, http_responder respond);
  /// Handles a WebSocket that passed `check`.
  void upgrade(websocket_request request);

  /// Ends the session of a POST whose body was larger than `max_post()`. The request has no
  /// body.
  void refuse_body(const http_request& request);

  /// Closes the sessions that hold most memory for clients that do not read, or do not complete
  /// their messages, until this many bytes are free or no session holds anything.
  void relieve(std::size_t bytes);
  /// Returns how many sessions are open.
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  /// Closes up to `count` sessions and returns how many it closed.
  std::size_t close_some(std::size_t count, close_reason reason);
  /// Closes the sessions whose transport is polling.
  void close_polling(close_reason reason);
  /// Calls `look` with each session. It may send to them, but close none.
  void visit(const std::function<void(engine_connection&)>& look) const;
  /// Closes all sessions, some in each loop pass.
  void close_all(close_reason reason);

 private:
  void on_session_closed(const std::string& sid) override;
  void on_poll_overtaken(const std::string& sid) override;
  void on_posts_overtaken(const std::string& sid) override;
  void on_wait_ended(std::uint64_t wait_id) override { unconnected_.erase(wait_id); }
  /// Has the session counted, and closes it if there are too many.
  void enrol(const std::string& sid, const client_address& client);
  /// Ends the oldest session without a namespace if there are too many.
  void close_oldest_unconnected();

  [[nodiscard]] engine_endpoint* home_of(std::string_view sid) const;
  /// Returns the other node that answers a request; none if the request is for this one, if
  /// nobody knows its node, or if another node has passed it on.
  [[nodiscard]] std::optional<std::size_t> node_of(const http_request& request) const;
  std::function<void()> pass_on(std::size_t node, http_request request, http_responder respond);
  void pass_websocket_on(std::size_t node, websocket_request request);
  /// The parts of the opening request that the session keeps; see `connection`.
  struct opening {
    bool wants_recovery = false;
    client_address client;
    /// Null if sessions keep none.
    std::shared_ptr<const std::vector<std::pair<std::string, std::string>>> headers;
  };
  [[nodiscard]] opening opening_of(const http_request& request) const;
  /// Opens a session; `socket` is the transport, or null for polling.
  std::shared_ptr<engine_connection> open(std::shared_ptr<websocket> socket,
                                          const opening& asked);
  void open_polling(const http_request& request, const http_responder& respond);
  void serve(const std::string& sid, std::uint64_t id, const http_request& request,
             http_responder respond);
  void abandon(const std::string& sid, std::uint64_t id);
  /// Answers an opening handshake: `take` gets the WebSocket, and then reading begins. A
  /// request that is no proper handshake gets its HTTP error.
  template <class Take>
  void accept(websocket_request request, const Take& take);
  void probe(const std::string& sid, websocket_request request);
  void move_to(engine_endpoint& home, const std::string& sid, websocket_request request);
  [[nodiscard]] std::shared_ptr<engine_connection> find(const std::string& sid) const;

  io_thread* thread_;
  consumer_factory make_consumer_;
  websocket_refusal refuse_;
  std::vector<engine_endpoint*> endpoints_;
  forwarder* forwarder_ = nullptr;
  /// The sessions by their sid, whose text each connection holds.
  std::unordered_map<std::string_view, std::shared_ptr<engine_connection>> sessions_;
  std::map<std::uint64_t, engine_connection*> unconnected_; ///< the oldest first
  /// Sessions that their clients closed. A client may close while its poll is under way on
  /// another connection, and the close may arrive first. That poll is not an error: it is
  /// answered as if it had been waiting.
  recent_sids closed_by_clients_{std::chrono::milliseconds{500}, 1'000};
  /// Sessions that the server ended and whose clients should come back. What such a client
  /// still posts (one that slept posts before it polls) is answered as if it had been
  /// processed, and its next poll tells it of the end. That is for python-socketio, which takes
  /// a refused POST for the end of everything, does not tell its user and never comes back.
  recent_sids wanted_back_{std::chrono::minutes{10}, 10'000};
  /// Until when clients of the process that this one replaced may post for their sessions,
  /// which nobody knows here; such posts are answered in the same way.
  steady_time strangers_until_;
};

} // namespace hubbub
