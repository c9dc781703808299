#pragma once

#include "bench/peers/floor/connection.hpp"
#include "bench/peers/floor/message_log.hpp"
#include "bench/peers/floor/outbox.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hubbub::floor {

struct room {
  room_id id;
  std::string name; ///< as a JSON string with its quotes
  sequence last_seq;
  std::vector<connection*> members;
};

/// Keeps the rooms, and handles the events of Hubbub's contract that the scenarios use:
/// joining, leaving, sending and typing. A join ack contains neither members nor history.
class chat {
 public:
  chat(outbox& out, message_log& log) : out_(&out), log_(&log) {}

  /// Adds a room that is in the log already.
  void add(const room_record& known);

  /// Handles a Socket.IO packet. False if the connection must be closed.
  [[nodiscard]] bool receive(const connection_ptr& from, std::string_view packet);
  /// Handles messages that the log has stored.
  void publish(const logged_message& sent);
  /// Handles the end of a connection.
  void remove(connection& gone);

 private:
  struct event {
    std::string_view name; ///< as a JSON string; everything that follows is JSON too
    std::string_view argument;
    std::string_view ack;
  };

  void connect(connection& from, std::string_view auth);
  void receive_event(const connection_ptr& from, const event& what);
  void join(connection& from, const event& what);
  void leave(connection& from, const event& what);
  void send_message(const connection_ptr& from, const event& what);
  void type(connection& from, const event& what);

  room* named_by(std::string_view argument);
  room* joined_by(const connection& from, std::string_view argument);
  void drop(connection& from, std::size_t nth, std::string_view reason);
  void tell_others(const room& where, const connection& about, const std::string& payload);
  void answer(connection& to, std::string_view ack, std::string_view fields);
  void refuse(connection& to, std::string_view ack, std::string_view code);

  outbox* out_;
  message_log* log_;
  std::unordered_map<std::string, std::unique_ptr<room>> rooms_; ///< by name
};

} // namespace hubbub::floor
