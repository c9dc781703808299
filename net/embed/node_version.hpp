#pragma once

#include <caf/error.hpp>
#include <hubbub/gateway.hpp>

#include <chrono>

namespace caf {
class actor_system;
} // namespace caf

namespace hubbub {

/// Returns the version of this library.
[[nodiscard]] api::version own_version();

/// Returns no error if nodes of these versions understand each other, which takes the same
/// major and the same minor version; otherwise `errc::other_version` with a sentence that names
/// both.
[[nodiscard]] caf::error check_version(const api::version& ours, const api::version& theirs);

/// Asks a gateway for its version, waits for the answer and checks it. Errors:
/// `errc::other_version`; `errc::late` if there was none in time; `errc::unreachable`.
[[nodiscard]] caf::error check_version_of(caf::actor_system& system, const gateway_actor& other,
                                          std::chrono::milliseconds limit);

} // namespace hubbub
