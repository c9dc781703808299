#pragma once

// Hides the differences between CAF versions. Actors are written as classes against the names
// below; on 0.17 (Debian 12) they map to its spellings, on 1.x to the newer ones.

#include <caf/all.hpp>
#include <caf/config.hpp>

#include <utility>

#if defined(CAF_VERSION_MAJOR) || CAF_VERSION >= 1800
#include <caf/init_global_meta_objects.hpp>
#define HUBBUB_CAF_017 0
#else
#define HUBBUB_CAF_017 1
#endif

namespace hubbub::compat {

#if HUBBUB_CAF_017

namespace detail {
template <class Signature>
struct signature;
template <class... R, class... A>
struct signature<caf::result<R...>(A...)> {
  using type = typename caf::replies_to<A...>::template with<R...>;
};
} // namespace detail

/// A typed actor handle from signatures `result<R>(A...)`.
template <class... Signatures>
using typed_actor = caf::typed_actor<typename detail::signature<Signatures>::type...>;

/// Registers a type-id block: before 0.18 with the configuration, later with the process.
template <class Block>
void add_types(caf::actor_system_config& config) {
  config.add_message_types<Block>();
}

template <class Self, class Handle, class... Ts>
void send(Self* self, const Handle& to, Ts&&... xs) {
  self->send(to, std::forward<Ts>(xs)...);
}
template <class Handle, class... Ts>
void anon_send(const Handle& to, Ts&&... xs) {
  caf::anon_send(to, std::forward<Ts>(xs)...);
}
template <class Self, class Handle, class Duration, class... Ts>
auto request(Self* self, const Handle& to, Duration timeout, Ts&&... xs) {
  return self->request(to, timeout, std::forward<Ts>(xs)...);
}
template <class Self, class Handle, class Duration, class... Ts>
void delayed_send(Self* self, const Handle& to, Duration delay, Ts&&... xs) {
  self->delayed_send(to, delay, std::forward<Ts>(xs)...);
}

/// Calls `f(address)` when the actor behind `handle` has ended. All watches of one actor share
/// the last `f`.
template <class Self, class Handle, class F>
void watch(Self* self, const Handle& handle, F f) {
  self->monitor(handle);
  self->set_down_handler([f = std::move(f)](const caf::down_msg& down) { f(down.source); });
}

/// Ends a watch. An actor that ends before the one it watches must call it: until then its
/// memory is kept for the message.
template <class Self, class Handle>
void unwatch(Self* self, const Handle& handle) {
  self->demonitor(handle.address());
}

#else

template <class... Signatures>
using typed_actor = caf::typed_actor<Signatures...>;

template <class Block>
void add_types(caf::actor_system_config&) {
  caf::init_global_meta_objects<Block>();
  caf::core::init_global_meta_objects();
}

template <class Self, class Handle, class... Ts>
void send(Self* self, const Handle& to, Ts&&... xs) {
  self->mail(std::forward<Ts>(xs)...).send(to);
}
template <class Handle, class... Ts>
void anon_send(const Handle& to, Ts&&... xs) {
  caf::anon_mail(std::forward<Ts>(xs)...).send(to);
}
template <class Self, class Handle, class Duration, class... Ts>
auto request(Self* self, const Handle& to, Duration timeout, Ts&&... xs) {
  return self->mail(std::forward<Ts>(xs)...).request(to, timeout);
}
template <class Self, class Handle, class Duration, class... Ts>
void delayed_send(Self* self, const Handle& to, Duration delay, Ts&&... xs) {
  self->mail(std::forward<Ts>(xs)...).delay(delay).send(to);
}

template <class Self, class Handle, class F>
void watch(Self* self, const Handle& handle, F f) {
  self->monitor(handle, [f = std::move(f), address = handle->address()](
                            const caf::error&) mutable { f(address); });
}

/// Does nothing: a watch is small here and ends with the watched actor.
template <class Self, class Handle>
void unwatch(Self*, const Handle&) {}

#endif

} // namespace hubbub::compat

/// Makes a type known as a message of an id block that never leaves the process, so
/// that CAF need not know how to serialize it. Stands between CAF_BEGIN_TYPE_ID_BLOCK and
/// CAF_END_TYPE_ID_BLOCK, outside of any namespace; an actor whose interface holds a type
/// without it does not compile.
#define HUBBUB_LOCAL_MESSAGE(block, type)                                                      \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)                                                          \
  CAF_ADD_TYPE_ID(block, (type))
