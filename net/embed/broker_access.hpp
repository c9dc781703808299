#pragma once

#include "include/hubbub/broker.hpp"
#include "net/hubbub_config.hpp"

#include <functional>

namespace hubbub {

class chat_server;

/// What the program `hubbub` needs of its broker beyond what other hosts can do: it has
/// settings that a `broker_config` lacks, and leaves its sockets to the process that replaces
/// it.
struct broker_access {
  /// Makes a broker with the settings of the program, which were validated. `on_drain_wanted`
  /// is that of `chat_server`.
  [[nodiscard]] static broker make(caf::actor_system& system, hubbub_config settings,
                                   std::function<void()> on_drain_wanted);
  /// Returns the chat of a broker that runs.
  [[nodiscard]] static chat_server& chat_of(broker& running);
};

} // namespace hubbub
