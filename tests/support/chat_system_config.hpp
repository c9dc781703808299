#pragma once

#include "actors/runtime/one_thread_scheduler.hpp"
#include "net/chat_server.hpp"

namespace hubbub::test {

/// The configuration of an actor system for a chat server alone, which runs on threads of its
/// own.
struct chat_system_config : caf::actor_system_config {
  chat_system_config() {
    add_chat_types(*this);
    compat::use_one_thread(*this);
  }
};

} // namespace hubbub::test
