#pragma once

#include "actors/interfaces.hpp"
#include "proto/access/access.hpp"
#include "proto/chat/api_body.hpp"
#include "proto/limits.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// What the desk of a bridge needs of the chat.
struct bridge_desk_setup {
  directory_actor directory;
  std::vector<relay_actor> relays;
  chat_limits limits;
  bool creates_rooms = true; ///< rooms that messages name are created
  /// Wakes the bridge, which waits on its sockets, when it has been answered; none in tests.
  std::shared_ptr<const bus_bell> bell = nullptr;
};

/// Passes the events of a bridge on: to the relays, which know who is in a room, or, those that
/// are to be stored, to rooms as messages. Only rooms that are awake have members; no other is
/// woken for an event that is not stored.
class bridge_desk : public bridge_desk_actor::base {
 public:
  bridge_desk(caf::actor_config& config, bridge_desk_setup setup);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// Events that came together, and what has become of them so far.
  struct task {
    caf::typed_response_promise<bridge_taken> promise;
    std::shared_ptr<const bridge_events> events;
    std::shared_ptr<const bus_bell> bell;
    bridge_taken result = {};
    std::size_t open = 1; ///< answers that are due; that of the directory
  };
  using task_ptr = std::shared_ptr<task>;
  using found_rooms = std::unordered_map<room_ref, room_id>;

  caf::result<bridge_taken> take(bridge_events& events);
  void pass_on(const task_ptr& todo, const found_rooms& rooms);
  void store(const task_ptr& todo, const bridge_events::entry& event);
  void post(const task_ptr& todo, const room_ref& room, const post_message& what);
  static void fail(const task_ptr& todo, const std::string& why);
  static void done(const task_ptr& todo);

  bridge_desk_setup setup_;
  access_ptr access_; ///< of what it stores
};

} // namespace hubbub
