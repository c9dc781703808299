#include "net/program/signal_queue.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

namespace hubbub {
namespace {

/// Unblocks what a queue has blocked, at the end of a test.
class kept_mask {
 public:
  kept_mask() { ::pthread_sigmask(SIG_BLOCK, nullptr, &mask_); }
  kept_mask(const kept_mask&) = delete;
  kept_mask& operator=(const kept_mask&) = delete;
  ~kept_mask() { ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr); }

 private:
  sigset_t mask_{};
};

/// Runs what is ready or comes until `holds`, for some seconds at most.
template <class Holds>
void run_until(boost::asio::io_context& io, const Holds& holds) {
  while (!holds())
    REQUIRE(io.run_one_for(std::chrono::seconds{10}) == 1);
}

/// Notes the signals that a queue tells of.
class noted_signals {
 public:
  explicit noted_signals(signal_queue& queue) : queue_(&queue) { wait(); }
  [[nodiscard]] const std::vector<int>& seen() const { return seen_; }
  [[nodiscard]] bool was_cancelled() const { return was_cancelled_; }

 private:
  void wait() {
    queue_->async_wait([this](boost::system::error_code e, int number) {
      was_cancelled_ = e == boost::asio::error::operation_aborted;
      if (e) return;
      seen_.push_back(number);
      wait();
    });
  }

  signal_queue* queue_;
  std::vector<int> seen_;
  bool was_cancelled_ = false;
};

TEST_CASE("a signal that comes before anybody waits is kept") {
  const kept_mask before;
  boost::asio::io_context io;
  signal_queue queue{io, {SIGUSR1, SIGWINCH}};
  ::raise(SIGWINCH); // which is ignored otherwise
  ::raise(SIGUSR1);  // which ends a process otherwise
  ::raise(SIGUSR1);  // the same order once more
  const noted_signals noted{queue};
  run_until(io, [&] { return noted.seen().size() == 2; });
  io.poll();
  CHECK(noted.seen() == std::vector{SIGUSR1, SIGWINCH});
}

TEST_CASE("a signal while somebody waits is told to the queue that is for it") {
  const kept_mask before;
  boost::asio::io_context io;
  signal_queue one{io, {SIGUSR1}};
  signal_queue other{io, {SIGUSR2}};
  const noted_signals noted{one};
  const noted_signals others{other};
  io.poll();
  ::raise(SIGUSR2);
  run_until(io, [&] { return !others.seen().empty(); });
  ::raise(SIGUSR1);
  run_until(io, [&] { return !noted.seen().empty(); });
  CHECK(noted.seen() == std::vector{SIGUSR1});
  CHECK(others.seen() == std::vector{SIGUSR2});
}

TEST_CASE("a wait for signals can be cancelled, and the next one gets what came") {
  const kept_mask before;
  boost::asio::io_context io;
  signal_queue queue{io, {SIGUSR1}};
  const noted_signals first{queue};
  queue.cancel();
  ::raise(SIGUSR1);
  const noted_signals second{queue};
  run_until(io, [&] { return !second.seen().empty(); });
  CHECK(first.was_cancelled());
  CHECK(first.seen().empty());
  CHECK(second.seen() == std::vector{SIGUSR1});
}

TEST_CASE("threads made after a queue leave its signals to it") {
  const kept_mask before;
  boost::asio::io_context io;
  const signal_queue queue{io, {SIGUSR2}};
  bool is_blocked = false;
  std::thread{[&is_blocked] {
    sigset_t mask;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    is_blocked = ::sigismember(&mask, SIGUSR2) == 1;
  }}.join();
  CHECK(is_blocked);
}

} // namespace
} // namespace hubbub
