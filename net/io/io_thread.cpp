#include "net/io/io_thread.hpp"

#include "actors/session/relay.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace hubbub {
namespace {

/// True for the first of all threads that ask.
bool is_first(std::promise<void>& taken) {
  try {
    taken.set_value();
    return true;
  } catch (const std::future_error&) {
    return false;
  }
}

} // namespace

transport::transport(io_thread& thread, census::permit permit)
    : thread_(&thread), permit_(std::move(permit)) {
  thread.transports_.insert(this);
}

transport::~transport() {
  thread_->transports_.erase(this);
  thread_->on_ended();
}

io_thread::io_thread(caf::actor_system& system, const server_config& config, std::size_t index)
    : config_(config), io_(std::make_unique<boost::asio::io_context>(1)),
      work_(boost::asio::make_work_guard(*io_)), unit_(system, *io_, [this] { flush_all(); }),
      timers_(*io_), deflater_(config.compression_min_bytes) {
  handle_ = {index, &unit_, system.spawn<pinned<relay>>(unit_, passes_)};
}

void io_thread::start() {
  if (!config_.start_thread) return run_here();
  auto over = std::make_shared<std::promise<void>>();
  is_over_ = over->get_future();
  std::function<void()> body = [this, over = std::move(over), taken = taken_] {
    if (!is_first(*taken)) return; // this object may be gone
    io_->run();
    over->set_value(); // and from here on, too
  };
  try {
    config_.start_thread(std::move(body));
  } catch (...) {
    host_failed_ = true;
    if (is_first(*taken_)) run_here();
  }
  run_dropped();
}

void io_thread::run_here() {
  is_over_ = {};
  thread_ = std::thread{[this] { io_->run(); }};
}

void io_thread::run_dropped() {
  using namespace std::chrono_literals;
  const bool is_dropped = is_over_.valid() &&
                          is_over_.wait_for(0s) == std::future_status::ready &&
                          is_first(*taken_);
  if (!is_dropped) return;
  host_failed_ = true;
  run_here();
}

io_thread::~io_thread() {
  // Handlers that never ran own transports, which still need the rest of this object.
  timers_.stop();
  dirty_.clear();
  work_.reset();
  io_.reset();
}

void io_thread::flush_all() {
  dirty_.flush_all();
  if (const auto since = std::exchange(passes_->oldest, {}); since != steady_time{})
    stats_.fan_outs.observe(std::chrono::steady_clock::now() - since);
}

void io_thread::drain(std::function<void()> done) {
  draining_ = true;
  on_drained_ = std::move(done);
  // A transport may end itself, and others, while it drains.
  const std::vector<transport*> all{transports_.begin(), transports_.end()};
  for (auto* each : all) {
    if (transports_.contains(each)) each->drain();
  }
  on_ended();
}

void io_thread::on_ended() {
  if (!on_drained_ || !transports_.empty() || stats_.sessions_open > 0) return;
  std::exchange(on_drained_, nullptr)();
}

void io_thread::finish() {
  caf::anon_send_exit(handle_.relay, caf::exit_reason::user_shutdown);
  boost::asio::post(*io_, [this] {
    draining_ = true;
    on_drained_ = nullptr;
    abort_all();
    timers_.stop();
    work_.reset();
  });
}

void io_thread::abort_all() {
  const std::vector<transport*> all{transports_.begin(), transports_.end()};
  for (auto* each : all) {
    if (transports_.contains(each)) each->abort();
  }
}

void io_thread::join() {
  if (thread_.joinable()) thread_.join();
  if (is_over_.valid()) is_over_.wait();
}

} // namespace hubbub
