#pragma once

#include "actors/interfaces.hpp"
#include "actors/room/member_table.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// Collects what a room sends during one turn, which may be about several messages, in order;
/// at the end of the turn it goes in one message to the relay of each io thread that it
/// concerns. Requests are answered here too, whoever makes them: calls over HTTP at once.
class relay_outbox {
 public:
  /// Makes an outbox for `room`, whose members are looked up in `members`, and for this many io
  /// threads.
  /// Errors are counted in `counter`, the one of the room's thread, if there is one, and
  /// recorded with the room's `name`.
  relay_outbox(room_id room, const member_table& members, std::size_t threads,
               refusal_counter_ptr counter = {}, std::string name = {})
      : room_(room), members_(&members), orders_(threads), counter_(std::move(counter)),
        name_(std::move(name)) {}

  /// Sends something to all members but those in `except`. `at` is the position of its
  /// receivers in the room's log, if the event is in the log.
  void say_all(const frame_ptr& what, const std::vector<session_id>& except = {},
               bool is_volatile = false, const std::optional<room_position>& at = std::nullopt);
  /// Sends something to one session, or about it, to its relay.
  void say(session_id session, relay_order order);
  /// Sends something to all of a user's sessions in the room, except one if given.
  void say_user(const std::string& user_id, const frame_ptr& what,
                const std::optional<session_id>& except = std::nullopt);
  /// Answers a socket; without a frame its request only counts as answered.
  void answer(const socket_asker& socket, frame_ptr what,
              const std::optional<room_position>& at = std::nullopt);
  /// Answers a request: a socket by the frame `ack_of(ack_id)`, if it wants an ack, and a call
  /// over HTTP by the `call_answer` that `body_of()` returns.
  template <class AckOf, class BodyOf>
  void answer(const room_request& request, const AckOf& ack_of, const BodyOf& body_of,
              const std::optional<room_position>& at = std::nullopt) {
    if (const auto* socket = request.from_socket())
      answer(*socket, socket->ack ? ack_of(*socket->ack) : nullptr, at);
    else
      deliver(request, body_of());
  }
  /// Refuses a request: a socket's by its ack or by the event `error`, a call over HTTP by the
  /// error.
  void refuse(const room_request& request, const error& why);

  /// Says that what follows is about outcomes of writes, of which the thread has just heard.
  void begin_written() {
    if (counter_) since_ = counter_->measures().answered_at;
  }
  /// Says that what follows is about something else.
  void end_written() { since_ = {}; }

  /// Calls `send(thread, orders)` for each io thread that has orders, and starts anew.
  template <class Send>
  void flush(const Send& send) {
    for (std::size_t thread = 0; thread < orders_.size(); ++thread)
      if (!orders_[thread].empty()) send(thread, std::exchange(orders_[thread], {}));
  }
  /// Counts a message to other nodes until `end_saying_elsewhere`. Returns false, and counts
  /// nothing, if the bus has yet to take too many.
  [[nodiscard]] bool begin_saying_elsewhere() {
    if (said_elsewhere_ >= most_said_elsewhere) return false;
    ++said_elsewhere_;
    return true;
  }
  void end_saying_elsewhere() { --said_elsewhere_; }
  static constexpr std::size_t most_said_elsewhere = 64;
  /// Drops the collected orders; from now on nothing is kept.
  void close() { orders_.clear(); }

 private:
  /// Answers a call over HTTP, at once.
  static void deliver(const room_request& request, call_outcome outcome);

  room_id room_;
  const member_table* members_;
  std::vector<relay_orders> orders_; ///< one for each io thread
  refusal_counter_ptr counter_;
  std::string name_;
  std::size_t said_elsewhere_ = 0;
  /// When the thread heard of the outcomes that the room is telling; the epoch if it tells
  /// something else.
  std::chrono::steady_clock::time_point since_{};
};

/// Returns the connection of a request, for the flight recorder.
[[nodiscard]] trace_connection connection_of(const room_request& request);
/// Returns the ack or the event that refuses a socket's request.
[[nodiscard]] frame_ptr refusal_of(const socket_asker& socket, const error& why);

} // namespace hubbub
