#pragma once

#include "actors/caf_compat.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace hubbub {

/// Runs actors as completions of one io_context, so that an actor and the sockets of its thread
/// share that thread: no lock, no strand, no hop. Outlives every actor pinned to it.
class io_unit final : public caf::execution_unit {
 public:
  io_unit(caf::actor_system& system, boost::asio::io_context& io)
      : caf::execution_unit(&system), io_(&io) {}

  /// An ordinary actor woken from this thread goes back to CAF's own scheduler.
  void exec_later(caf::resumable* job) override {
    if (job->subtype() != caf::resumable::io_actor) {
      system().scheduler().enqueue(job);
      return;
    }
    boost::asio::post(*io_, [this, job] { run(job); });
  }

 private:
  /// Messages one actor may handle before the others of its thread have their turn.
  static constexpr std::size_t max_throughput = 256;

  void run(caf::resumable* job) {
    if (job->resume(this, max_throughput) == caf::resumable::resume_later)
      boost::asio::post(*io_, [this, job] { run(job); });
    else
      caf::intrusive_ptr_release(job); // enqueue() or launch() took this reference
  }

  boost::asio::io_context* io_;
};

/// An actor of class `Base` that runs on an `io_unit`. Decided where it is spawned, so that the
/// same class also runs on any CAF scheduler: `system.spawn<pinned<room>>(unit, args…)`.
template <class Base>
class pinned final : public Base {
 public:
  template <class... Ts>
  pinned(caf::actor_config& config, io_unit& unit, Ts&&... xs)
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
  io_unit* unit_;
};

} // namespace hubbub
