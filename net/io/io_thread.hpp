#pragma once

#include "actors/interfaces.hpp"
#include "actors/metrics/pass_clock.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/trace/flight_recorder.hpp"
#include "net/admission/census.hpp"
#include "net/compression/frame_deflater.hpp"
#include "net/compression/message_inflater.hpp"
#include "net/io/flush_list.hpp"
#include "net/io/io_thread_handle.hpp"
#include "net/io/server_config.hpp"
#include "net/io/server_stats.hpp"
#include "net/io/timer_service.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace hubbub {

class io_thread;

/// An owner of a socket of an io thread, which must be gone before the thread ends. The
/// operations on its socket keep it alive.
class transport {
 public:
  /// Makes a transport; `permit` counts its socket among the open ones.
  explicit transport(io_thread& thread, census::permit permit = {});
  virtual ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// Called when the server stops: end once the current work is done.
  virtual void drain() = 0;
  /// Closes the socket now.
  virtual void abort() = 0;

 protected:
  [[nodiscard]] io_thread& thread() const { return *thread_; }
  /// Takes the permit, which moves on with the socket.
  [[nodiscard]] census::permit take_permit() { return std::move(permit_); }

 private:
  io_thread* thread_;
  census::permit permit_;
};

/// One io_context with its operating system thread and everything that lives on it. Except for
/// `context()`, everything is used on that thread alone: nothing here is locked.
class io_thread {
 public:
  io_thread(caf::actor_system& system, const server_config& config, std::size_t index);
  /// Destroys the thread; `join` must have been called if `start` was.
  ~io_thread();
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;

  /// Starts the thread, or has the host start one. Call once. If the host fails, a
  /// thread of our own runs instead, so that everything ends in the usual way.
  void start();
  /// True if the host has thrown, or dropped what its thread was to call.
  [[nodiscard]] bool host_failed() const { return host_failed_; }
  /// Starts a thread of our own if the host has dropped what its thread was to call, so that
  /// what waits here is done.
  void run_dropped();
  /// Runs ready handlers on the calling thread, and those that become ready by it; for a thread
  /// that is not started. True if there were any.
  bool run_ready() { return io_->poll() > 0; }

  /// Returns the io_context, to which other threads post.
  [[nodiscard]] boost::asio::io_context& context() { return *io_; }
  [[nodiscard]] const server_config& config() const { return config_; }
  [[nodiscard]] const io_thread_handle& handle() const { return handle_; }
  [[nodiscard]] timer_service& timers() { return timers_; }
  [[nodiscard]] server_stats& stats() { return stats_; }

  /// Returns the space for the buffers of one gathered write; it belongs to the current writer.
  [[nodiscard]] std::span<boost::asio::const_buffer> gather_space() { return gather_space_; }

  /// Returns memory to read into; it belongs to the current reader until it has handled what it
  /// read. So connections that wait for something to read hold no memory for it.
  [[nodiscard]] std::span<char> read_space() { return read_space_; }

  /// Returns the deflater for all WebSockets of this thread that compress.
  [[nodiscard]] frame_deflater& deflater() { return deflater_; }
  [[nodiscard]] message_inflater& inflater() { return inflater_; }

  /// Returns the flight recorder of this thread; null if there is none.
  [[nodiscard]] flight_recorder* recorder() const { return recorder_; }
  void record_in(flight_recorder* recorder) { recorder_ = recorder; }

  /// Returns a number for a session that no other of this thread has had.
  [[nodiscard]] std::uint64_t next_serial() { return ++last_serial_; }

  /// True if the request that has come is one of those that are written to the log.
  [[nodiscard]] bool samples_access() {
    return config_.access_log > 0 && ++requests_seen_ % config_.access_log == 0;
  }

  /// Has `flush` called when the handlers that are ready now have run; until then `who` must
  /// not be destroyed without `forget_flush`.
  void flush_soon(flushable& who) {
    if (dirty_.add(who)) unit_.end_pass_soon();
  }
  void forget_flush(const flushable& who) { dirty_.forget(who); }

  /// Sets the census, in which sockets and sessions are counted, and its thread. Called once,
  /// first.
  void count_in(census& counter, boost::asio::io_context& home) {
    census_ = &counter;
    census_home_ = &home;
  }
  /// Runs `what` with the census, on its thread: at once if that is this one.
  template <class F>
  void at_census(F what) {
    boost::asio::dispatch(*census_home_, [counter = census_, what = std::move(what)]() mutable {
      what(*counter);
    });
  }
  /// True while memory is short, so that no session may be opened.
  [[nodiscard]] bool short_of_memory() const { return short_of_memory_; }
  void set_short_of_memory(bool is_short) { short_of_memory_ = is_short; }

  /// True once the server is stopping: nothing new is begun.
  [[nodiscard]] bool draining() const { return draining_; }
  /// True while sessions may be opened.
  [[nodiscard]] bool opens_sessions() const { return !draining_ && !emptying_; }
  /// Has no session opened from now on; those that are open are served, as is everything else.
  void stop_opening() { emptying_ = true; }
  /// True if what sessions send is not taken any more: a session that sends something is
  /// closed instead, so that its client repeats it to the process that follows.
  [[nodiscard]] bool is_deaf() const { return is_deaf_; }
  void stop_listening() { is_deaf_ = true; }
  /// True if sessions are told nothing any more, since nothing they could be told is true.
  [[nodiscard]] bool is_mute() const { return is_mute_; }
  void stop_telling() { is_mute_ = true; }
  /// Drains all transports; `done` is called when they and the sessions are gone.
  void drain(std::function<void()> done);
  /// Says that a transport or a session ended.
  void on_ended();

  /// Ends the relay, closes the rest, and has the thread return when its last handler has run.
  /// Called on the owner's thread.
  void finish();
  void join();

 private:
  friend class transport;
  void flush_all();
  void abort_all();
  void run_here();

  const server_config& config_;
  std::unique_ptr<boost::asio::io_context> io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  io_unit unit_;
  timer_service timers_;
  pass_clock_ptr passes_ = std::make_shared<pass_clock>(); ///< the relay writes to it
  io_thread_handle handle_;
  server_stats stats_;
  frame_deflater deflater_;
  message_inflater inflater_;
  std::uint64_t last_serial_ = 0;
  std::uint64_t requests_seen_ = 0; ///< for the log; counted while some are logged
  // Linux takes up to 1024 buffers at once, but giving other connections their turn matters
  // more than the last per cent. It is a member, since clearing it for each write would cost
  // more than everything else.
  std::array<boost::asio::const_buffer, 64> gather_space_;
  std::array<char, 4'096> read_space_; // enough for several messages of a chat
  flush_list dirty_;
  std::unordered_set<transport*> transports_;
  census* census_ = nullptr;
  boost::asio::io_context* census_home_ = nullptr;
  flight_recorder* recorder_ = nullptr;
  bool short_of_memory_ = false;
  bool draining_ = false;
  bool emptying_ = false; ///< sessions are being closed, a few at a time
  bool is_deaf_ = false;
  bool is_mute_ = false;
  std::function<void()> on_drained_;
  std::thread thread_;        ///< none if the host has started one
  std::future<void> is_over_; ///< ready when the host's has left; not valid without one
  /// Kept by the thread that runs this, so that no other one does; outlives this object.
  std::shared_ptr<std::promise<void>> taken_ = std::make_shared<std::promise<void>>();
  bool host_failed_ = false;
};

} // namespace hubbub
