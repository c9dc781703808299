#pragma once

#include "actors/session/session.hpp"

namespace hubbub {

/// Answers one request after a few milliseconds.
using pacer_actor = compat::typed_actor<
    /// Sent by echo applications. Idempotent.
    caf::result<caf::ok_atom>(caf::tick_atom),
    /// Sent to itself when the oldest request is due.
    caf::result<void>(caf::flush_atom)>;

/// Makes the application that Socket.IO conformance is tested against. It has the namespaces
/// `/` and `/custom`, which send `auth` with the CONNECT's payload; `message` comes back as
/// `message-back`, and `message-with-ack` as its ack.
[[nodiscard]] application_factory echo_applications(const pacer_actor& pacer);

[[nodiscard]] pacer_actor spawn_pacer(caf::actor_system& system);

} // namespace hubbub
