#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <initializer_list>

namespace hubbub {

/// Some signals to this process, which wait in the kernel until they are asked for
/// (signalfd(2)). There are no handlers, since under the thread sanitizer of LLVM 14 the
/// handler of a signal is sometimes not called.
///
/// Make it before the process has other threads, since a signal goes to any thread that does
/// not block it. The signals stay blocked after its end: one that comes late harms nobody.
class signal_queue {
 public:
  /// Has an error, or the number of a signal.
  using handler = std::function<void(boost::system::error_code error, int number)>;

  /// Throws std::system_error if there is no descriptor for it.
  signal_queue(boost::asio::io_context& io, std::initializer_list<int> numbers);

  /// Calls `act` on the thread of `io`, once, with the next signal: one that has come already,
  /// or one that comes. A signal that comes twice before that counts once.
  void async_wait(handler act);
  /// Ends the waits with an error, except those whose signal has come.
  void cancel();

 private:
  boost::asio::posix::stream_descriptor descriptor_;
};

} // namespace hubbub
