#include "net/engine/gradual_close.hpp"

#include "net/engine/engine_endpoint.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hubbub {

std::size_t left_after(std::size_t at_first, std::chrono::milliseconds time,
                       steady_time::duration time_left) {
  if (time_left.count() <= 0 || time.count() <= 0) return 0;
  const std::chrono::duration<double> part = time_left;
  const std::chrono::duration<double> whole = time;
  return static_cast<std::size_t>(
      std::ceil(static_cast<double>(at_first) * std::min(part / whole, 1.0)));
}

void gradual_close::start(std::chrono::milliseconds time, std::function<void()> done) {
  home_->stop_opening();
  const auto now = std::chrono::steady_clock::now();
  at_first_ = sessions();
  time_ = time;
  end_ = now + time;
  done_ = std::move(done);
  on_time(now);
}

void gradual_close::on_time(steady_time now) {
  const auto open = sessions();
  if (open == 0) {
    if (const auto done = std::exchange(done_, nullptr)) done();
    return;
  }
  auto closing = open - std::min(open, left_after(at_first_, time_, end_ - now));
  for (auto* each : endpoints_)
    closing -= each->close_some(closing, close_reason::shutdown);
  home_->timers().set(*this, now + closing_step);
}

std::size_t gradual_close::sessions() const {
  std::size_t sum = 0;
  for (const auto* each : endpoints_)
    sum += each->sessions();
  return sum;
}

} // namespace hubbub
