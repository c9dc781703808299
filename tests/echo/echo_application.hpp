#pragma once

#include "actors/session/session.hpp"

namespace hubbub {

/// Asks to be answered when the sender's turn has come.
struct take_turn {};
/// Tells the pacer that its oldest request is due.
struct turn_over {};
/// Answers one request after a few milliseconds.
using pacer_actor = compat::typed_actor<
    /// Sent by echo applications. Idempotent.
    caf::result<bool>(take_turn),
    /// Sent to itself.
    caf::result<void>(turn_over)>;

/// Makes the application that Socket.IO conformance is tested against. It has the namespaces
/// `/` and `/custom`, which send `auth` with the CONNECT's payload; `message` comes back as
/// `message-back`, and `message-with-ack` as its ack.
[[nodiscard]] application_factory echo_applications(const pacer_actor& pacer);

[[nodiscard]] pacer_actor spawn_pacer(caf::actor_system& system);

} // namespace hubbub

CAF_BEGIN_TYPE_ID_BLOCK(hubbub_echo, caf::id_block::hubbub::end)
HUBBUB_LOCAL_MESSAGE(hubbub_echo, hubbub::take_turn)
HUBBUB_LOCAL_MESSAGE(hubbub_echo, hubbub::turn_over)
CAF_END_TYPE_ID_BLOCK(hubbub_echo)
