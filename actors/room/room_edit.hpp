#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_publish.hpp"
#include "actors/room/room_storage.hpp"

namespace hubbub {

/// Edits and deletions: by the author only, and in the order of the log.
class room_edit {
 public:
  room_edit(room_core& core, room_storage& storage, room_publish& publish)
      : core_(core), storage_(storage), publish_(publish) {}

  void run(room_request& request, command::edit_message& command);
  void run(room_request& request, const command::delete_message& command);
  void on_outcome(const changed& result, const room_request& request);

 private:
  void change(room_request& request, write_op operation);

  room_core& core_;
  room_storage& storage_;
  room_publish& publish_;
};

} // namespace hubbub
