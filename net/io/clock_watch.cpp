#include "net/io/clock_watch.hpp"

#include "net/log/log.hpp"

#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

constexpr std::chrono::seconds between_looks_at_clocks{1};

} // namespace

std::optional<std::chrono::milliseconds> clock_steps::look(wall_time wall, steady_time steady) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto before = std::exchange(last_, moment{wall, steady});
  if (!before) return std::nullopt;
  const auto step = duration_cast<milliseconds>(wall - before->wall) -
                    duration_cast<milliseconds>(steady - before->steady);
  if (std::chrono::abs(step) < smallest) return std::nullopt;
  return step;
}

void clock_watch::start() {
  on_time(std::chrono::steady_clock::now());
}

void clock_watch::stop() {
  home_->timers().cancel(*this);
}

void clock_watch::on_time(steady_time) {
  // The time of the call may be late; both clocks are read together.
  if (const auto step =
          steps_.look(std::chrono::system_clock::now(), std::chrono::steady_clock::now()))
    log(log_event::clock_jumped, "the system's clock was set while the server ran",
        {{"step_ms", std::int64_t{step->count()}}});
  home_->timers().set(*this, std::chrono::steady_clock::now() + between_looks_at_clocks);
}

} // namespace hubbub
