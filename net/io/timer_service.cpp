#include "net/io/timer_service.hpp"

#include <bit>
#include <chrono>
#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

/// Shorter waits end exactly when they should, since conformance suites check deadlines.
constexpr std::chrono::seconds shortest_rounded{1};
/// Longer waits may be late by this fraction.
constexpr std::uint64_t lateness_divisor = 256;

} // namespace

steady_time rounded_end(steady_time when, steady_time now) {
  const auto wait = when - now;
  if (wait < shortest_rounded) return when;
  // Rounded up to a multiple of a power of two, so that many waits end at the same time.
  const auto step = std::bit_floor(static_cast<std::uint64_t>(wait.count()) / lateness_divisor);
  const auto at = static_cast<std::uint64_t>(when.time_since_epoch().count());
  return steady_time{
      steady_time::duration{static_cast<steady_time::rep>((at + step - 1) & ~(step - 1))}};
}

timed::~timed() {
  if (among_ != nullptr) among_->service->cancel(*this);
}

timer_service::timer_service(boost::asio::io_context& io) : timer_(std::in_place, io) {}

timer_service::~timer_service() {
  stop();
}

void timer_service::stop() {
  for (auto& [when, due] : due_)
    due.waiting.clear_and_dispose([](timed* who) { who->among_ = nullptr; });
  due_.clear();
  timer_.reset();
}

void timer_service::set(timed& who, steady_time when) {
  if (!timer_ || (who.among_ != nullptr && who.asked_for_ == when)) return;
  who.asked_for_ = when;
  when = rounded_end(when, std::chrono::steady_clock::now());
  if (who.among_ != nullptr && who.among_->when == when) return;
  cancel(who);
  auto& due = due_.try_emplace(when, timers_due{this, when, {}}).first->second;
  due.waiting.push_back(who);
  who.among_ = &due;
  arm();
}

void timer_service::cancel(timed& who) {
  if (who.among_ == nullptr) return;
  auto& due = *std::exchange(who.among_, nullptr);
  due.waiting.erase(due.waiting.iterator_to(who));
  if (due.waiting.empty()) due_.erase(due.when);
}

// A time that moved later leaves the timer as it is: it fires, finds nothing and is armed anew.
void timer_service::arm() {
  if (due_.empty() || due_.begin()->first >= armed_for_) return;
  armed_for_ = due_.begin()->first;
  timer_->expires_at(armed_for_);
  timer_->async_wait([this](boost::system::error_code ec) {
    if (!ec) run();
  });
}

void timer_service::run() {
  armed_for_ = steady_time::max();
  const auto now = std::chrono::steady_clock::now();
  while (!due_.empty() && due_.begin()->first <= now) {
    auto& who = due_.begin()->second.waiting.front();
    cancel(who);
    who.on_time(now);
  }
  arm();
}

} // namespace hubbub
