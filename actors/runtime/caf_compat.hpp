#pragma once

// Hides the differences between CAF versions, and is the only file of the program that knows
// them. Actors are written as classes against the names below; on 0.17 (Debian 12) they map to
// its spellings, on 1.x to the newer ones. Only 0.17 is built and tested. The names for 1.x
// agree with the headers of its main branch, no more: nothing has run on it.

#include <caf/all.hpp>
#include <caf/config.hpp>

#include <cstddef>
#include <cstdint>
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

/// Gives CAF's own scheduler one thread that sleeps when there is nothing to do. The policy
/// `stealing` would poll.
inline void use_one_thread(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", 1);
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

struct job {
  caf::resumable_ptr actor;
  std::uint64_t event = 0;
};

template <class Actor>
std::size_t waiting_messages(Actor& actor) {
  return actor.mailbox().size();
}
template <class Base>
std::size_t waiting_messages_of(const job& what) {
  auto* const actor = dynamic_cast<Base*>(what.actor.get());
  return actor == nullptr ? 0 : waiting_messages(*actor);
}

template <class Unit>
class runner : public caf::scheduler {
 public:
  explicit runner(caf::actor_system&) {}

  void schedule(caf::resumable_ptr what, std::uint64_t event) final {
    static_cast<Unit*>(this)->take(job{std::move(what), event});
  }
  void delay(caf::resumable_ptr what, std::uint64_t event) final {
    schedule(std::move(what), event);
  }
  bool is_system_scheduler() const noexcept final { return false; }
  void start() final {}
  void stop() final {}

 protected:
  /// An actor that has more to do hands itself to `delay` here, and decides itself how much it
  /// does at a time.
  bool run_some(const job& what, std::size_t) {
    what.actor->resume(this, what.event);
    return false;
  }
};

template <class Base, class Unit>
class pinned final : public Base {
 public:
  template <class... Ts>
  pinned(caf::actor_config& config, Unit& unit, Ts&&... xs)
      : Base(config, std::forward<Ts>(xs)...), unit_(&unit) {}

  caf::scheduler* pinned_scheduler() const noexcept override { return unit_; }

 private:
  Unit* unit_;
};

inline void use_one_thread(caf::actor_system_config& config) {
  config.set("caf.scheduler.policy", "sharing");
  config.set("caf.scheduler.max-threads", 1);
}

#endif

} // namespace hubbub::compat

/// The number from which on our types of messages are counted. A program that embeds Hubbub
/// counts its own from `caf::first_custom_type_id` on, and may set this when it builds Hubbub:
/// types of the same number would be taken for one another, without a word from the linker.
#ifndef HUBBUB_FIRST_TYPE_ID
#define HUBBUB_FIRST_TYPE_ID (caf::first_custom_type_id + 10'000)
#endif

/// Makes a type known as a message of an id block that never leaves the process, so
/// that CAF need not know how to serialize it. Stands between CAF_BEGIN_TYPE_ID_BLOCK and
/// CAF_END_TYPE_ID_BLOCK, outside of any namespace; an actor whose interface holds a type
/// without it does not compile.
#define HUBBUB_LOCAL_MESSAGE(block, type)                                                      \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)                                                          \
  CAF_ADD_TYPE_ID(block, (type))
