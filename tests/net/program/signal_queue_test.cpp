#include "net/program/signal_queue.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <csignal>
#include <thread>
#include <vector>

namespace hubbub {
namespace {

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
  boost::asio::io_context io;
  signal_queue queue{io, {SIGUSR1, SIGWINCH}};
  ::raise(SIGWINCH); // which is ignored otherwise
  ::raise(SIGUSR1);  // which ends a process otherwise
  ::raise(SIGUSR1);  // the same order once more
  const noted_signals noted{queue};
  while (noted.seen().size() < 2)
    io.run_one();
  io.poll();
  CHECK(noted.seen() == std::vector{SIGUSR1, SIGWINCH});
}

TEST_CASE("a signal while somebody waits is told to the queue that is for it") {
  boost::asio::io_context io;
  signal_queue one{io, {SIGUSR1}};
  signal_queue other{io, {SIGUSR2}};
  const noted_signals noted{one};
  const noted_signals others{other};
  io.poll();
  ::raise(SIGUSR2);
  while (others.seen().empty())
    io.run_one();
  ::raise(SIGUSR1);
  while (noted.seen().empty())
    io.run_one();
  CHECK(noted.seen() == std::vector{SIGUSR1});
  CHECK(others.seen() == std::vector{SIGUSR2});
}

TEST_CASE("a wait for signals can be cancelled, and the next one gets what came") {
  boost::asio::io_context io;
  signal_queue queue{io, {SIGUSR1}};
  const noted_signals first{queue};
  queue.cancel();
  ::raise(SIGUSR1);
  const noted_signals second{queue};
  while (second.seen().empty())
    io.run_one();
  CHECK(first.was_cancelled());
  CHECK(first.seen().empty());
  CHECK(second.seen() == std::vector{SIGUSR1});
}

TEST_CASE("threads made after a queue leave its signals to it") {
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
