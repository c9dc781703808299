#include "net/io/memory_watch.hpp"

#include "net/log/log.hpp"

#include <malloc.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

/// jemalloc's control function; null in a program that is not linked with jemalloc.
extern "C" int mallctl(const char*, void*, std::size_t*, void*, std::size_t)
    __attribute__((weak));

namespace hubbub {
namespace {

constexpr std::chrono::milliseconds between_looks{500};
// Pause between two trims: releasing much freed memory takes a while.
constexpr std::chrono::seconds between_trims{5};

/// Returns freed memory to the system, whichever thread freed it.
void give_back_freed_memory() {
  if (mallctl != nullptr)
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0); // of all arenas
  else
    malloc_trim(0);
}

} // namespace

memory_watch::memory_watch(io_thread& home, std::size_t limit, std::size_t (*resident)(),
                           observer tell)
    : home_(&home), limit_(limit > 0 ? limit : automatic_limit(available_memory())),
      resident_(resident), tell_(std::move(tell)) {}

void memory_watch::start() {
  on_time(std::chrono::steady_clock::now());
}

void memory_watch::stop() {
  home_->timers().cancel(*this);
}

void memory_watch::on_time(steady_time now) {
  auto resident = resident_();
  if (resident >= limit_ && (trimmed_ == steady_time{} || now - trimmed_ >= between_trims)) {
    // Freed memory may still count as ours.
    trimmed_ = now;
    give_back_freed_memory();
    resident = resident_();
  }
  const auto pressure = pressure_of(resident, limit_);
  const auto changed = std::exchange(last_, pressure) != pressure;
  if (changed || pressure == memory_pressure::extreme)
    tell_({pressure, resident, limit_, changed});
  home_->timers().set(*this, now + between_looks);
}

void log_memory(const memory_watch::look& found) {
  const log_fields fields{{"resident_bytes", std::uint64_t{found.resident}},
                          {"limit_bytes", std::uint64_t{found.limit}}};
  switch (found.pressure) {
  case memory_pressure::none:
    return log(log_event::memory_left, "memory is below memory_limit again", fields);
  case memory_pressure::high:
    return log(log_event::memory_reached,
               "memory has reached memory_limit: no connection and no session is let in",
               fields);
  case memory_pressure::extreme:
    return log(
        log_event::memory_extreme,
        "memory is far above memory_limit: nobody is let in, and slow readers are closed",
        fields);
  }
}

} // namespace hubbub
