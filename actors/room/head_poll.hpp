#pragma once

#include "actors/interfaces.hpp"

#include <chrono>
#include <unordered_map>

namespace hubbub {

/// Tells rooms that other nodes have written to their logs. It asks for the ends of the logs of
/// all awake rooms together, in one statement, and tells each room whose log has moved since
/// the last time; what a room wrote itself it knows already. It looks at single rooms when the
/// bus asks it to.
class head_poll : public head_poll_actor::base {
 public:
  head_poll(caf::actor_config& config, directory_actor directory, reader_actor reader,
            std::chrono::milliseconds interval);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// What a room was told of its log. One that slept and woke again was told nothing.
  struct told_head {
    caf::actor_id room = 0;
    revision rev;
    friend bool operator==(const told_head&, const told_head&) = default;
  };

  void poll();
  void poll(const awake_list& rooms);
  void tell(const awake_list& rooms, const heads_outcome& heads);
  void look(const look_at& question);
  void poll_again();

  directory_actor directory_;
  reader_actor reader_;
  std::chrono::milliseconds interval_;
  std::unordered_map<room_id, told_head> heads_; ///< of the rooms that were awake
};

} // namespace hubbub
