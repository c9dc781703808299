#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_search.hpp"
#include "actors/room/room_storage.hpp"

namespace hubbub {

/// Answers with the content of the log and with what a search finds there, and notes how far
/// users have read it.
class room_read {
 public:
  room_read(room_core& core, room_storage& storage)
      : core_(core), storage_(storage), search_(core) {}

  void run(room_request& request, const command::get_messages& command);
  void run(room_request& request, const command::mark_read& command);
  void run(room_request& request, const command::search_messages& command) {
    search_.run(request, command);
  }
  void on_outcome(const marked& result, const room_request& request);
  /// Takes what another node says about how far a user has read.
  void hear(const bus_read& read);

 private:
  void on_page(const room_request& request, const view_outcome& outcome);
  void on_reading(const room_request& request, const view_outcome& outcome);

  room_core& core_;
  room_storage& storage_;
  room_search search_;
};

} // namespace hubbub
