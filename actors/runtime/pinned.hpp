#pragma once

#include "actors/runtime/caf_compat.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace hubbub {

/// Runs actors on the thread of one io_context, so that an actor and the sockets of its thread
/// share that thread: no lock, no strand, no hop. Outlives every actor pinned to it.
///
/// It works in passes: first what the sockets have ready is read, then the actors run that were
/// woken by it, and those that they wake in turn, and at last what was said is written. So what
/// arrived together is stored together and leaves in one write a connection.
class io_unit final : public caf::execution_unit {
 public:
  /// `end_of_pass` is called, on the thread, when the actors of a pass have run.
  io_unit(
      caf::actor_system& system, boost::asio::io_context& io,
      std::function<void()> end_of_pass = [] {})
      : caf::execution_unit(&system), io_(&io), end_of_pass_(std::move(end_of_pass)) {}

  /// An ordinary actor woken from this thread goes back to CAF's own scheduler.
  void exec_later(caf::resumable* job) override;

  /// On its thread: something is to be done at the end of this pass.
  void end_pass_soon();

 private:
  void make_ready(caf::resumable* job);
  void post_end();
  void end_pass();
  void run_ready();
  void run(caf::resumable* job);

  boost::asio::io_context* io_;
  std::function<void()> end_of_pass_;
  std::vector<caf::resumable*> ready_;
  std::vector<caf::resumable*> running_; ///< its memory is used again and again
  std::uint64_t arrivals_ = 0;           ///< calls of `end_pass_soon`
  std::uint64_t arrivals_seen_ = 0;
  std::size_t postponed_ = 0; ///< how often the end of this pass was
  bool end_posted_ = false;
  bool in_end_ = false;
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
