#include "net/program/signal_queue.hpp"

#include <boost/asio/buffer.hpp>
#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <memory>
#include <system_error>
#include <utility>

namespace hubbub {
namespace {

/// Blocks the signals, and returns a descriptor from which they can be read.
int opened_for(std::initializer_list<int> numbers) {
  sigset_t mask;
  ::sigemptyset(&mask);
  for (const auto each : numbers)
    ::sigaddset(&mask, each);
  ::pthread_sigmask(SIG_BLOCK, &mask, nullptr);
  const auto descriptor = ::signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor < 0) throw std::system_error{errno, std::generic_category(), "signalfd"};
  return descriptor;
}

} // namespace

signal_queue::signal_queue(boost::asio::io_context& io, std::initializer_list<int> numbers)
    : descriptor_(io) {
  descriptor_.assign(opened_for(numbers));
}

void signal_queue::async_wait(handler act) {
  auto read = std::make_shared<signalfd_siginfo>();
  const auto buffer = boost::asio::buffer(read.get(), sizeof *read);
  descriptor_.async_read_some(buffer, [read = std::move(read), act = std::move(act)](
                                          boost::system::error_code e, std::size_t) {
    act(e, e ? 0 : static_cast<int>(read->ssi_signo));
  });
}

void signal_queue::cancel() {
  descriptor_.cancel();
}

} // namespace hubbub
