#pragma once

#include "actors/runtime/caf_compat.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace hubbub {

/// Runs actors on the thread of one io_context, so that an actor and the sockets of its thread
/// share that thread: no lock, no strand, no hop. Outlives every actor pinned to it.
///
/// It works in passes: first ready sockets are read, then the actors that this woke run, then
/// those that they wake in turn, and at last the output is written. So messages that arrive
/// together are stored together, and leave in one write for each connection.
class io_unit final : public compat::runner<io_unit> {
 public:
  /// How often the end of a pass is postponed for sockets that turn out to be ready. Each time
  /// costs only a check, and their input becomes part of the pass.
  static constexpr std::size_t max_postponed = 4;

  /// Makes a unit. `end_of_pass` is called, on the thread, when the actors of a pass have run.
  io_unit(
      caf::actor_system& system, boost::asio::io_context& io,
      std::function<void()> end_of_pass = [] {})
      : compat::runner<io_unit>(system), io_(&io), end_of_pass_(std::move(end_of_pass)) {}

  /// Runs an actor of this unit later; called by CAF on any thread.
  void take(const compat::job& actor);

  /// Says, on its thread, that something has to be done at the end of this pass.
  void end_pass_soon();

  /// Calls `f` with each actor that has messages and is not running; on the unit's thread.
  template <class F>
  void for_each_ready(const F& f) const {
    for (auto i = running_at_; i < running_.size(); ++i)
      f(running_[i]);
    for (const auto& actor : ready_)
      f(actor);
  }
  /// Returns how long the oldest message of any actor has waited at most: since the pass began
  /// in which it came.
  [[nodiscard]] std::chrono::nanoseconds oldest_wait() const;

 private:
  void make_ready(const compat::job& actor);
  void post_end();
  void end_pass();
  void run_ready();

  boost::asio::io_context* io_;
  std::function<void()> end_of_pass_;
  std::vector<compat::job> ready_;
  std::vector<compat::job> running_;              ///< its memory is reused
  std::size_t running_at_ = 0;                    ///< the next one of those to run
  std::chrono::steady_clock::time_point begun_{}; ///< of this pass; the epoch between passes
  std::uint64_t arrivals_ = 0;                    ///< calls of `end_pass_soon`
  std::uint64_t arrivals_seen_ = 0;
  std::size_t postponed_ = 0; ///< how often the end of this pass was postponed
  bool end_posted_ = false;
  bool in_end_ = false;
};

/// An actor of class `Base` that runs on an `io_unit`. That is decided where it is spawned, so
/// the same class also runs on any CAF scheduler: `system.spawn<pinned<room>>(unit, args…)`.
template <class Base>
using pinned = compat::pinned<Base, io_unit>;

} // namespace hubbub
