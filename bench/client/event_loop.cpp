#include "bench/client/event_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace hubbub::bench {
namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;
constexpr std::size_t events_at_once = 256;

} // namespace

event_loop::event_loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(buffer_bytes) {
  tick();
}

moment event_loop::tick() {
  return now_ = std::chrono::steady_clock::now().time_since_epoch();
}

void event_loop::watch(int descriptor, event_handler& handler, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event);
}

void event_loop::change(int descriptor, event_handler& handler, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event);
}

void event_loop::at(moment when, std::function<void()> what) {
  timers_.push({when, timers_made_++, std::move(what)});
}

void event_loop::turn(std::chrono::nanoseconds longest) {
  end_pass(); // for calls that were requested between turns
  const auto wait = time_to_wait(longest);
  const timespec until{wait.count() / 1'000'000'000, wait.count() % 1'000'000'000};
  std::array<epoll_event, events_at_once> events; // NOLINT(*-member-init): the kernel fills it
  const auto count = ::epoll_pwait2(epoll_.number(), events.data(),
                                    static_cast<int>(events.size()), &until, nullptr);
  const auto woken = tick();
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    static_cast<event_handler*>(event.data.ptr)->on_events(event.events);
  }
  run_timers();
  end_pass();
  if (count > 0) delays_.add(tick() - woken, static_cast<std::uint64_t>(count));
}

std::chrono::nanoseconds event_loop::time_to_wait(std::chrono::nanoseconds longest) const {
  if (timers_.empty()) return longest;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::clamp<std::chrono::nanoseconds>(timers_.top().when - now, {}, longest);
}

void event_loop::run_timers() {
  const auto due = tick();
  while (!timers_.empty() && timers_.top().when <= due) {
    const auto what = timers_.top().what;
    timers_.pop();
    what();
  }
}

void event_loop::end_pass() {
  // Handlers may call `at_pass_end` again from within.
  for (std::size_t i = 0; i < ending_.size(); ++i)
    ending_[i]->on_pass_end();
  ending_.clear();
}

} // namespace hubbub::bench
