#pragma once

#include <caf/expected.hpp>
#include <hubbub/export.hpp>
#include <hubbub/gateway.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace caf {
class actor_system;
} // namespace caf

namespace hubbub {

/// How a node watches over another.
struct remote_settings {
  /// How often the other node is asked whether it is there: CAF itself notices the end of a
  /// connection, but not a node that has fallen silent. Each time is above 0, and at most 3,650
  /// days.
  std::chrono::milliseconds ping_interval{5'000};
  /// How long it may take to answer until it counts as gone.
  std::chrono::milliseconds ping_limit{15'000};
  /// Maximum number of requests that may wait for it; more are `overloaded`.
  std::size_t max_pending = 1'000;
};

/// Connects to a gateway that another node has published (`broker::publish`), and returns an
/// actor of this node that stands for it. The host has loaded CAF's middleman
/// (`config.load<caf::io::middleman>()`). Errors: `other_version` if the other node runs
/// another minor version of Hubbub, `unreachable` if it does not say which within `ping_limit`,
/// `bad_config` for a time out of range, and those of CAF.
///
/// When the other node is gone, requests are answered with `unreachable`, subscriptions get the
/// event `ended`, and the actor ends. To go on, connect again and subscribe after the last
/// cursor.
[[nodiscard]] HUBBUB_EXPORT caf::expected<gateway_actor>
remote_gateway(caf::actor_system& system, const std::string& host, std::uint16_t port,
               const remote_settings& settings = {});

} // namespace hubbub
