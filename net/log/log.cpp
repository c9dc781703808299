#include "net/log/log.hpp"

#include "net/log/log_rates.hpp"
#include "net/log/log_sink.hpp"

#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>

namespace hubbub {
namespace {

/// Lines that may wait for the log's thread; the oldest make room. About a megabyte.
constexpr std::size_t queue_length = 2'048;
/// How long standard error may take no bytes until it counts as stuck.
constexpr std::chrono::milliseconds until_stuck{1'000};

/// How lines are made. Set before other threads log.
log_format format_in_use = log_format::text;
bool started = false;

spdlog::level::level_enum spdlog_level(log_level level) {
  switch (level) {
  case log_level::trace: return spdlog::level::trace;
  case log_level::debug: return spdlog::level::debug;
  case log_level::info: return spdlog::level::info;
  case log_level::warning: return spdlog::level::warn;
  case log_level::error: return spdlog::level::err;
  case log_level::off: break;
  }
  return spdlog::level::off;
}

log_level our_level(spdlog::level::level_enum level) {
  switch (level) {
  case spdlog::level::trace: return log_level::trace;
  case spdlog::level::debug: return log_level::debug;
  case spdlog::level::info: return log_level::info;
  case spdlog::level::warn: return log_level::warning;
  default: return log_level::error;
  }
}

/// True if standard error is a terminal whose user wants colours (https://no-color.org).
bool wants_colours() {
  const auto* const said = std::getenv("NO_COLOR");
  return (said == nullptr || *said == '\0') && ::isatty(STDERR_FILENO) == 1;
}

/// Passes lines on, on the log's thread.
class stderr_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  /// Makes a sink; `pool` has the thread that uses it, and so outlives it.
  stderr_sink(log_format format, spdlog::details::thread_pool* pool)
      : out_(STDERR_FILENO, format, until_stuck), pool_(pool) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    const auto overrun = pool_->overrun_counter();
    out_.count_lost(overrun - overrun_);
    overrun_ = overrun;
    out_.write(our_level(line.level), line.time, {line.payload.data(), line.payload.size()});
  }
  void flush_() override {}

 private:
  log_sink out_;
  spdlog::details::thread_pool* pool_;
  std::size_t overrun_ = 0;
};

} // namespace

void start_log(log_level level, log_format format) {
  if (format == log_format::text && wants_colours()) format = log_format::coloured_text;
  format_in_use = format;
  started = true;
  spdlog::init_thread_pool(queue_length, 1);
  const auto pool = spdlog::thread_pool();
  spdlog::set_default_logger(std::make_shared<spdlog::async_logger>(
      "hubbub", std::make_shared<stderr_sink>(format, pool.get()), pool,
      spdlog::async_overflow_policy::overrun_oldest));
  spdlog::set_level(spdlog_level(level));
}

void stop_log() {
  // The sink belongs to the log's thread, and so is destroyed after it.
  const auto logger = spdlog::default_logger();
  spdlog::shutdown();
}

bool logs(log_event event) {
  if (!started) return false;
  const auto* out = spdlog::default_logger_raw();
  return out != nullptr && out->should_log(spdlog_level(kind_of(event).level));
}

void log(log_event event, std::string_view message, log_fields fields) {
  if (!logs(event)) return;
  thread_local log_rates rates;
  const auto left_out = rates.take(event, std::chrono::steady_clock::now());
  if (!left_out) return;
  const auto body = log_body(format_in_use, event, message, fields, *left_out);
  spdlog::default_logger_raw()->log(spdlog_level(kind_of(event).level),
                                    spdlog::string_view_t{body.data(), body.size()});
}

} // namespace hubbub
