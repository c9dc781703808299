#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/pinned.hpp"
#include "net/admission/census.hpp"
#include "net/compression/frame_deflater.hpp"
#include "net/compression/message_inflater.hpp"
#include "net/io/io_lane.hpp"
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
#include <memory>
#include <span>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace hubbub {

class io_thread;

/// What owns a socket of an io thread and must be gone before the thread ends. It is kept alive
/// by the operations on its socket.
class transport {
 public:
  /// `seat`: of the socket, in the count of those that are open.
  explicit transport(io_thread& thread, census::seat seat = {});
  virtual ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// The server is stopping: end once what is under way is done.
  virtual void drain() = 0;
  /// Close the socket now.
  virtual void abort() = 0;

 protected:
  [[nodiscard]] io_thread& thread() const { return *thread_; }
  /// Goes on with the socket.
  [[nodiscard]] census::seat take_seat() { return std::move(seat_); }

 private:
  io_thread* thread_;
  census::seat seat_;
};

/// What has written to its queue and wants to be told when the loop pass ends.
class flushable {
 public:
  virtual ~flushable() = default;
  virtual void flush() = 0;
};

/// One io_context with its operating system thread and what lives there. But for `context()`,
/// everything is used on that thread alone: nothing here is locked.
class io_thread {
 public:
  io_thread(caf::actor_system& system, const server_config& config, std::size_t index);
  /// `join` was called, if `start` was.
  ~io_thread();
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;

  /// The thread runs from here on. Once.
  void start();
  /// Before that: runs on the calling thread what is ready, and what that makes ready. True if
  /// there was anything.
  bool run_ready() { return io_->poll() > 0; }

  /// Other threads post to it.
  [[nodiscard]] boost::asio::io_context& context() { return *io_; }
  [[nodiscard]] const server_config& config() const { return config_; }
  [[nodiscard]] const io_lane& lane() const { return lane_; }
  [[nodiscard]] timer_service& timers() { return timers_; }
  [[nodiscard]] server_stats& stats() { return stats_; }

  /// Room for the buffers of one gathered write; belongs to whoever is writing.
  [[nodiscard]] std::span<boost::asio::const_buffer> gather_space() { return gather_space_; }

  /// For all WebSockets of this thread that compress.
  [[nodiscard]] frame_deflater& deflater() { return deflater_; }
  [[nodiscard]] message_inflater& inflater() { return inflater_; }

  /// A number for a session that no other of this thread has had.
  [[nodiscard]] std::uint64_t next_serial() { return ++last_serial_; }

  /// Has `flush` called when the handlers that are ready now have run.
  void flush_soon(std::shared_ptr<flushable> who);

  /// Where sockets and sessions are counted, and the thread that does it. Called once, first.
  void count_in(census& book, boost::asio::io_context& home) {
    census_ = &book;
    census_home_ = &home;
  }
  /// Runs `what` with the census, on its thread: at once if that is this one.
  template <class F>
  void at_census(F what) {
    boost::asio::dispatch(*census_home_,
                          [book = census_, what = std::move(what)]() mutable { what(*book); });
  }
  /// While this holds no session is opened.
  [[nodiscard]] bool short_of_memory() const { return short_of_memory_; }
  void set_short_of_memory(bool is_short) { short_of_memory_ = is_short; }

  /// True once the server is stopping: nothing new is begun.
  [[nodiscard]] bool draining() const { return draining_; }
  /// Drains all transports; `done` is called when they and the sessions are gone.
  void drain(std::function<void()> done);
  /// A transport or a session ended.
  void on_ended();

  /// From the owner's thread: ends the relay, closes what is left, and has the thread return
  /// when its last handler has run.
  void finish();
  void join();

 private:
  friend class transport;
  void flush_all();
  void abort_all();

  const server_config& config_;
  std::unique_ptr<boost::asio::io_context> io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  io_unit unit_;
  timer_service timers_;
  io_lane lane_;
  server_stats stats_;
  frame_deflater deflater_;
  message_inflater inflater_;
  std::uint64_t last_serial_ = 0;
  // Linux takes up to 1024 buffers at once, but sharing one turn among connections matters more
  // than the last per cent. Kept, since clearing it for each write would cost more than all
  // else.
  std::array<boost::asio::const_buffer, 64> gather_space_;
  std::vector<std::shared_ptr<flushable>> dirty_;
  std::vector<std::shared_ptr<flushable>> flushing_; ///< its memory is used again and again
  std::unordered_set<transport*> transports_;
  census* census_ = nullptr;
  boost::asio::io_context* census_home_ = nullptr;
  bool short_of_memory_ = false;
  bool draining_ = false;
  std::function<void()> on_drained_;
  std::thread thread_;
};

} // namespace hubbub
