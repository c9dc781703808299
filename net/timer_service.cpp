#include "net/timer_service.hpp"

#include <bit>
#include <chrono>
#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

/// Shorter waits end when they should: conformance suites look at the very deadline.
constexpr std::chrono::seconds shortest_rounded{1};
/// Of longer ones, the part by which they may be late.
constexpr std::uint64_t lateness_divisor = 256;

} // namespace

steady_time rounded_end(steady_time when, steady_time now) {
  const auto wait = when - now;
  if (wait < shortest_rounded) return when;
  // Up to a multiple of a power of two: many waits have the same.
  const auto step = std::bit_floor(static_cast<std::uint64_t>(wait.count()) / lateness_divisor);
  const auto at = static_cast<std::uint64_t>(when.time_since_epoch().count());
  return steady_time{
      steady_time::duration{static_cast<steady_time::rep>((at + step - 1) & ~(step - 1))}};
}

timed::~timed() {
  if (service_ != nullptr) service_->cancel(*this);
}

timer_service::timer_service(boost::asio::io_context& io) : timer_(std::in_place, io) {}

timer_service::~timer_service() {
  stop();
}

void timer_service::stop() {
  for (const auto& e : heap_)
    e.who->service_ = nullptr;
  heap_.clear();
  timer_.reset();
}

void timer_service::set(timed& who, steady_time when) {
  if (!timer_ || (who.service_ != nullptr && who.asked_for_ == when)) return;
  who.asked_for_ = when;
  when = rounded_end(when, std::chrono::steady_clock::now());
  if (who.service_ == nullptr) {
    who.service_ = this;
    heap_.emplace_back();
    put(heap_.size() - 1, {when, &who});
    sift_up(who.place_);
  } else {
    auto& old = heap_[who.place_].when;
    const auto earlier = when < old;
    old = when;
    if (earlier)
      sift_up(who.place_);
    else
      sift_down(who.place_);
  }
  arm();
}

void timer_service::cancel(timed& who) {
  if (who.service_ == nullptr) return;
  remove(who.place_);
  who.service_ = nullptr;
}

// A time that moved away leaves the timer as it is: it fires, finds nothing and is armed anew.
void timer_service::arm() {
  if (heap_.empty() || heap_.front().when >= armed_for_) return;
  armed_for_ = heap_.front().when;
  timer_->expires_at(armed_for_);
  timer_->async_wait([this](boost::system::error_code ec) {
    if (!ec) run();
  });
}

void timer_service::run() {
  armed_for_ = steady_time::max();
  const auto now = std::chrono::steady_clock::now();
  while (!heap_.empty() && heap_.front().when <= now) {
    auto& who = *heap_.front().who;
    cancel(who);
    who.on_time(now);
  }
  arm();
}

void timer_service::remove(std::size_t place) {
  const auto last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  put(place, last);
  sift_up(place);
  sift_down(last.who->place_);
}

void timer_service::put(std::size_t place, const entry& e) {
  heap_[place] = e;
  e.who->place_ = place;
}

void timer_service::sift_up(std::size_t place) {
  const auto moving = heap_[place];
  while (place > 0) {
    const auto parent = (place - 1) / 2;
    if (heap_[parent].when <= moving.when) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, moving);
}

void timer_service::sift_down(std::size_t place) {
  const auto moving = heap_[place];
  for (;;) {
    auto child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
    if (moving.when <= heap_[child].when) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, moving);
}

} // namespace hubbub
