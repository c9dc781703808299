#include "actors/bus/bus_health.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

std::chrono::milliseconds whole_ms(bus_health::time_point::duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time);
}

} // namespace

void bus_health::on_connected(time_point now) {
  connected_ = true;
  connected_at_ = now;
  ++connects_;
  first_beat_ = last_beat_ + 1;
  next_beat_ = now;
}

void bus_health::on_failure(const std::string& why, time_point now) {
  connected_ = false;
  next_try_ = now + pause_;
  pause_ = std::min(pause_ * 2, longest_pause);
  lose(why);
}

void bus_health::lose(const std::string& why) {
  is_heard_ = false;
  if (!std::exchange(told_lost_, true) && tell_) tell_({false, why, {}});
}

std::optional<bus_beat> bus_health::take_due_beat(time_point now) {
  if (!connected_ || now < next_beat_) return std::nullopt;
  next_beat_ = now + beat_interval;
  return bus_beat{++last_beat_};
}

void bus_health::on_own_beat(const bus_beat& beat, time_point now) {
  if (!connected_ || beat.number < first_beat_ || beat.number > last_beat_) return;
  const auto lasted = whole_ms(now - heard_at_);
  first_beat_ = beat.number + 1; // one that is doubled proves nothing
  heard_at_ = now;
  is_heard_ = true;
  pause_ = first_pause;
  if (std::exchange(told_lost_, false) && tell_) tell_({true, {}, lasted});
}

bus_health::milliseconds bus_health::until_next(time_point now) const {
  auto next = next_try_;
  if (connected_) next = std::min(next_beat_, std::max(connected_at_, heard_at_) + patience);
  // Rounded up, so that it is due when the wait is over.
  return std::clamp(whole_ms(next - now) + milliseconds{1}, milliseconds{0}, beat_interval);
}

bus_health::milliseconds bus_health::silent(time_point now) const {
  return is_heard_ ? milliseconds{0} : whole_ms(now - heard_at_);
}

} // namespace hubbub
