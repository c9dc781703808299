#pragma once

#include "proto/chat/chat_command.hpp"
#include "proto/socket/socket_packet.hpp"

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

/// One client event on its way to a room.
struct errand {
  std::optional<ack_id> ack;
  std::string event; ///< the name as the client sent it
  room_command command;
};

/// A client's events in the order in which they were sent. The first may wait for its room to
/// be found, and then holds up those after it, since two names may turn out to be one room.
class errand_queue {
 public:
  void push(errand todo) {
    if (!errands_) errands_ = std::make_unique<std::list<errand>>();
    errands_->push_back(std::move(todo));
  }
  /// Returns the first event if it may run; null if there is none or it waits for its room.
  [[nodiscard]] errand* next() {
    return !errands_ || errands_->empty() || held_ ? nullptr : &errands_->front();
  }
  /// Returns the first event; the queue must not be empty.
  [[nodiscard]] const errand& front() const { return errands_->front(); }
  /// Removes and returns the first event, which waits no longer.
  [[nodiscard]] errand pop() {
    held_ = false;
    auto first = std::move(errands_->front());
    errands_->pop_front();
    return first;
  }
  /// Makes the first event wait for its room.
  void hold() { held_ = true; }
  void clear() {
    errands_.reset();
    held_ = false;
  }

 private:
  /// Null until there is a first one: most clients only listen.
  std::unique_ptr<std::list<errand>> errands_;
  bool held_ = false;
};

} // namespace hubbub
