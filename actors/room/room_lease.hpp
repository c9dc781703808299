#pragma once

#include "actors/interfaces.hpp"

#include <string>
#include <utility>

namespace hubbub {

/// Keeps a room awake. The directory tells the room of each lease before it hands it out, and
/// the lease tells the room when it ends. So a room that has outlived all its leases knows that
/// no message can be on its way, and may retire without losing one.
class room_lease {
 public:
  room_lease(room_actor room, room_id id, std::string name)
      : room_(std::move(room)), id_(id), name_(std::move(name)) {}
  room_lease(const room_lease&) = delete;
  room_lease& operator=(const room_lease&) = delete;
  ~room_lease() { compat::anon_send(room_, lease_returned{}); }

  [[nodiscard]] const room_actor& room() const { return room_; }
  [[nodiscard]] room_id id() const { return id_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  room_actor room_;
  room_id id_;
  std::string name_;
};

} // namespace hubbub
