#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_membership.hpp"
#include "actors/room/room_presence.hpp"
#include "actors/room/room_storage.hpp"
#include "proto/chat/moderation_command.hpp"
#include "proto/chat/moderation_event.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

/// Carries out orders of owners and admins: they are stored first, then in force.
class room_moderate {
 public:
  room_moderate(room_core& core, room_storage& storage, room_presence& presence,
                room_membership& membership)
      : core_(core), storage_(storage), presence_(presence), membership_(membership) {}

  /// Carries out an order of a socket; the policy has allowed it.
  template <class Moderation>
  void run(room_request& request, Moderation& command) {
    const auto wanted = std::move(command); // the request is moved into the task
    obey(task_of(request), wanted);
  }
  /// Carries out an order over HTTP, if the policy allows it.
  [[nodiscard]] caf::result<order_outcome> run(room_order& asked);

 private:
  /// A moderation order, and where its answer goes.
  struct room_task {
    std::string by;
    std::optional<room_request> request;                ///< set if it came from a socket
    caf::typed_response_promise<order_outcome> promise; ///< used if it came over HTTP
  };
  using task_ptr = std::shared_ptr<room_task>;

  [[nodiscard]] static task_ptr task_of(room_request& request);
  void obey(const task_ptr& given, const command::configure_room& command);
  void obey(const task_ptr& given, const command::put_standing& command);
  void obey(const task_ptr& given, const command::lift_standing& command);
  void obey(const task_ptr& given, const command::kick_user& command);
  void obey(const task_ptr& given, const command::get_standings& command);
  void store_first(const task_ptr& given, write_op operation, const outcome_handler& then);
  void refuse(room_task& given, const error& why);
  void grant(room_task& given, std::string fields);
  void configure(const task_ptr& given, const command::configure_room& command);
  void on_configured(room_task& given, const room_record& now);
  void on_put(room_task& given, const standing& now);
  void on_lifted(room_task& given, const command::lift_standing& command);

  room_core& core_;
  room_storage& storage_;
  room_presence& presence_;
  room_membership& membership_;
};

} // namespace hubbub
