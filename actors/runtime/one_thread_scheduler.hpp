#pragma once

namespace caf {
class actor_system_config;
} // namespace caf

namespace hubbub::compat {

/// The name, which CAF asks for, of an actor of which many come and go. If one ends while a
/// request of its own is under way, the time limit of that request runs out by itself, under
/// the scheduler below: CAF's clock would be woken by the end of every actor, on the chance
/// that it had set one. (A common base class would have to be looked for at run time, for more
/// instructions than anything else about the end.)
inline constexpr char leaves_time_limits[] = "short-lived";

/// Gives CAF a scheduler of one thread that sleeps when there is nothing to do. CAF's policy
/// `stealing` would poll.
void use_one_thread(caf::actor_system_config& config);

} // namespace hubbub::compat
