#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_edit.hpp"
#include "actors/room/room_publish.hpp"
#include "actors/room/room_storage.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace hubbub {

/// Hands messages, edits and deletions to the verbs that carry them out. If the program around
/// the chat checks messages, it is asked first; then what one user writes waits here, in the
/// order in which it came.
class room_check {
 public:
  room_check(room_core& core, room_storage& storage, room_publish& publish);

  void run(room_request& request, command::send_message& command) {
    if (desk_) return take(request);
    publish_.run(request, command);
  }
  void run(room_request& request, command::edit_message& command) {
    if (desk_) return take(request);
    edit_.run(request, command);
  }
  void run(room_request& request, const command::delete_message& command) {
    if (desk_) return take(request);
    edit_.run(request, command);
  }
  /// Has a repeat answered (see `room_publish::run_repeat`); it adds no text, so nobody checks
  /// it.
  void run_repeat(room_request& request) {
    if (desk_) return take(request, true);
    publish_.run_repeat(request);
  }
  void on_outcome(const changed& result, const room_request& request) {
    edit_.on_outcome(result, request);
  }
  /// Forgets everything, at the room's end.
  void clear();

 private:
  /// A request, with what the program around the chat says of it.
  struct held {
    room_request request;
    bool only_repeats; ///< its sender may not send, but may be told of a repeat
    std::optional<draft_verdict> verdict;
  };
  using held_ptr = std::shared_ptr<held>;

  void take(room_request& request, bool only_repeats = false);
  void ask(const held_ptr& which, message_draft draft);
  void on_verdict(const held_ptr& which, draft_verdict verdict);
  void go_on(const std::string& sender);
  void end(held& which);
  void carry_out(room_request& request);

  room_core& core_;
  room_storage& storage_;
  room_publish& publish_;
  room_edit edit_;
  hook_desk_actor desk_; ///< null: nobody checks messages
  /// By the user's id; what came first is first.
  std::unordered_map<std::string, std::deque<held_ptr>> waiting_;
};

} // namespace hubbub
