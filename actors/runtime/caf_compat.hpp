#pragma once

// Names for what CAF spells differently from version to version, and the CAF side of pinning.
// Actors are written as classes against them. CAF 0.17 (Debian 12) is the only version that
// they know.

#include "actors/runtime/local_message.hpp"

#include <caf/all.hpp>
#include <caf/config.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(CAF_VERSION_MAJOR) || CAF_VERSION >= 1800
#error "Hubbub is written for CAF 0.17 (Debian 12: libcaf-dev)"
#endif

namespace hubbub::compat {

namespace detail {
template <class Signature>
struct signature;
template <class... R, class... A>
struct signature<caf::result<R...>(A...)> {
  using type = typename caf::replies_to<A...>::template with<R...>;
};

template <class Block, std::size_t... I>
constexpr bool all_local(std::index_sequence<I...>) {
  return (is_local_message<typename caf::type_by_id<Block::begin + I>::type>::value && ...);
}
} // namespace detail

/// True if all messages of a type-id block are local.
template <class Block>
constexpr bool only_local_messages =
    detail::all_local<Block>(std::make_index_sequence<Block::end - Block::begin>());

/// A typed actor handle from signatures `result<R>(A...)`.
template <class... Signatures>
using typed_actor = caf::typed_actor<typename detail::signature<Signatures>::type...>;

/// Registers a type-id block: before 0.18 with the configuration, later with the process. A
/// block of local messages alone needs no registration, since nothing looks for a type by its
/// name.
template <class Block>
void add_types(caf::actor_system_config& config) {
  if constexpr (!only_local_messages<Block>) config.add_message_types<Block>();
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

/// An actor that has messages to handle, with a reference to it.
using job = caf::resumable*;

/// Returns how many messages wait for an actor; on the thread that runs it.
template <class Actor>
std::size_t waiting_messages(Actor& actor) {
  return actor.mailbox().closed() ? 0 : actor.mailbox().size();
}
/// Returns how many messages wait for the actor of a job if it is of class `Base`, else 0; on
/// the thread that runs it.
template <class Base>
std::size_t waiting_messages_of(job what) {
  auto* const actor = dynamic_cast<Base*>(what);
  return actor == nullptr ? 0 : waiting_messages(*actor);
}

/// The base of a class that runs the actors which are pinned to it, in its own order. CAF hands
/// it such an actor, on any thread, by calling `take(job)` of `Unit`; other actors go to CAF's
/// scheduler.
template <class Unit>
class runner : public caf::execution_unit {
 public:
  explicit runner(caf::actor_system& system) : caf::execution_unit(&system) {}

  void exec_later(caf::resumable* what) final {
    if (what->subtype() == caf::resumable::io_actor)
      static_cast<Unit*>(this)->take(what);
    else
      system().scheduler().enqueue(what);
  }

 protected:
  /// Lets an actor handle up to `most` messages. True if it has more; then the job goes on.
  bool run_some(job what, std::size_t most) {
    if (what->resume(this, most) == caf::resumable::resume_later) return true;
    caf::intrusive_ptr_release(what); // the reference that came with the job
    return false;
  }
};

/// An actor of class `Base` that runs on a `runner`.
template <class Base, class Unit>
class pinned final : public Base {
 public:
  template <class... Ts>
  pinned(caf::actor_config& config, Unit& unit, Ts&&... xs)
      : Base(config, std::forward<Ts>(xs)...), unit_(&unit) {}

  using Base::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override {
    Base::enqueue(std::move(element), unit_);
  }
  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    Base::launch(unit_, lazy, hide);
  }
  typename Base::subtype_t subtype() const override { return caf::resumable::io_actor; }

 private:
  Unit* unit_;
};

} // namespace hubbub::compat

/// The number from which on our types of messages are counted. A program that embeds Hubbub
/// counts its own from `caf::first_custom_type_id` on, and may set this when it builds Hubbub:
/// types of the same number would be taken for one another, without a word from the linker.
#ifndef HUBBUB_FIRST_TYPE_ID
#define HUBBUB_FIRST_TYPE_ID (caf::first_custom_type_id + 10'000)
#endif
