#include "net/log/log_sink.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace hubbub {
namespace {

// A pipe that can be written to takes as much at once without blocking (PIPE_BUF).
constexpr std::size_t whole_piece = 4'096;

} // namespace

void log_sink::write(log_level level, std::chrono::system_clock::time_point time,
                     std::string_view body) {
  if (!waiting_.empty() && !drain()) {
    ++lost_;
    return;
  }
  // What follows is whole lines: a line that has begun is written to its end first.
  if (lost_ > 0) {
    append_log_line(
        waiting_, format_, kind_of(log_event::lines_lost).level, time,
        log_body(format_, log_event::lines_lost,
                 "lines of the log were left out: they could not be written in time",
                 {{"lines", lost_}}));
    lost_ = 0;
  }
  append_log_line(waiting_, format_, level, time, body);
  static_cast<void>(drain());
}

bool log_sink::drain() {
  std::size_t done = 0;
  while (done < waiting_.size() && is_writable()) {
    const auto size = std::min(whole_piece, waiting_.size() - done);
    const auto written = ::write(descriptor_, waiting_.data() + done, size);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR && errno != EAGAIN) {
      done = waiting_.size(); // nobody will ever read it
    }
  }
  waiting_.erase(0, done);
  return waiting_.empty();
}

bool log_sink::is_writable() {
  pollfd asked{descriptor_, POLLOUT, 0};
  const auto patience = stuck_ ? 0 : static_cast<int>(patience_.count());
  const auto ready = ::poll(&asked, 1, patience);
  stuck_ = ready == 0;
  return ready > 0;
}

} // namespace hubbub
