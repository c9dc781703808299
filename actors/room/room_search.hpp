#pragma once

#include "actors/room/room_core.hpp"

#include <cstddef>
#include <optional>

namespace hubbub {

/// Searches a room's log. A search waits for earlier requests of its session; nothing waits for
/// a search.
class room_search {
 public:
  explicit room_search(room_core& core) : core_(core) {}

  void run(room_request& request, const command::search_messages& command);

 private:
  void on_found(const room_request& request, const std::optional<search_outcome>& outcome);

  room_core& core_;
  std::size_t searches_ = 0; ///< searches without an answer
};

} // namespace hubbub
