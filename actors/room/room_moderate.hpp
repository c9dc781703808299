#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_membership.hpp"
#include "actors/room/room_presence.hpp"
#include "actors/room/room_storage.hpp"
#include "proto/chat/moderation_command.hpp"
#include "proto/chat/moderation_event.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// Carries out orders of owners and admins, once it is known that they may give them: they are
/// stored first, then in force. While the room is being handed over, the orders that come wait,
/// since who may give them and whom they may concern is being decided.
class room_moderate {
 public:
  room_moderate(room_core& core, room_storage& storage, room_presence& presence,
                room_membership& membership)
      : core_(core), storage_(storage), presence_(presence), membership_(membership) {}

  template <class Moderation>
  void run(room_request& request, Moderation& command) {
    const auto wanted = std::move(command); // it is in the request, which moves away
    handle(std::make_shared<const room_request>(std::move(request)), wanted);
  }
  /// Carries out an order that is stored, whoever gave it and wherever: moves the room to its
  /// place in the log, changes the rights, and tells those whom it concerns. Returns how many
  /// sockets a kick or a ban has removed.
  std::int64_t obey(const room_order& order);
  /// Drops the orders that wait; their givers hear nothing.
  void clear() { waiting_.clear(); }

 private:
  /// An order until it is answered.
  using task_ptr = std::shared_ptr<const room_request>;
  /// An order that waits for a handover.
  struct waiting_order {
    task_ptr given;
    std::function<void()> again; ///< judges it and carries it out
  };

  void handle(const task_ptr& given, const command::configure_room& command);
  void handle(const task_ptr& given, const command::put_standing& command);
  void handle(const task_ptr& given, const command::lift_standing& command);
  void handle(const task_ptr& given, const command::kick_user& command);
  void handle(const task_ptr& given, const command::get_standings& command);
  void store_first(const task_ptr& given, write_op operation, const outcome_handler& then,
                   const std::function<void()>& again);
  void wait(const task_ptr& given, const std::function<void()>& again);
  void go_on();
  /// Returns what judges an order once more, by what the room knows then, and carries it out.
  template <class Moderation>
  [[nodiscard]] std::function<void()> again(const task_ptr& given, const Moderation& command) {
    return [this, given, command] {
      // The command of the request was moved from; what judges it goes by its kind alone.
      if (const auto why = core_.rights.judge(*given->who, given->command))
        return core_.outbox.refuse(*given, *why);
      handle(given, command);
    };
  }
  void grant(const room_request& given, const std::string& fields);
  void configure(const task_ptr& given, const command::configure_room& command);
  std::int64_t on_put(const standing& now);
  void on_lifted(const standing& was);
  void on_configured(const room_order& now);
  void note_change(bool is_new, trace_room_change what, const std::string& by);

  room_core& core_;
  room_storage& storage_;
  room_presence& presence_;
  room_membership& membership_;
  bool is_handing_over_ = false; ///< a change of the owner is being stored
  std::vector<waiting_order> waiting_;
};

} // namespace hubbub
