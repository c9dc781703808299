#pragma once

#include "include/hubbub/broker.hpp"
#include "net/chat_server.hpp"
#include "net/hubbub_config.hpp"

#include <functional>

namespace hubbub {

/// What the program `hubbub` does with a broker beyond what hosts may: it has settings that
/// `broker_config` has not, and leaves its place to another process.
class broker_door {
 public:
  /// Makes a broker. `on_drain_wanted` is called as `chat_server::on_drain_wanted` says.
  [[nodiscard]] static broker make(caf::actor_system& system, const hubbub_config& settings,
                                   std::function<void()> on_drain_wanted);
  /// Returns the chat of a broker that runs.
  [[nodiscard]] static chat_server& chat(broker& running);
};

} // namespace hubbub
