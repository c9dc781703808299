#include "bench/peers/floor/copying_thread.hpp"

#include <utility>

namespace hubbub::floor {

copying_thread::copying_thread(store_writer& writer, std::unique_ptr<store_upkeep> copier)
    : writer_(&writer), copier_(std::move(copier)), thread_([this] { run(); }) {
  writer_->leave_upkeep([this](bool urgent) { want(urgent); });
}

copying_thread::~copying_thread() {
  writer_->leave_upkeep(nullptr);
  {
    const std::lock_guard guard{lock_};
    ends_ = true;
  }
  change_.notify_all();
  thread_.join();
}

void copying_thread::settle() {
  while (take_copied())
    writer_->on_upkeep_done(); // the writer may want more
}

void copying_thread::want(bool urgent) {
  {
    const std::lock_guard guard{lock_};
    ++wanted_;
    urgent_ = urgent_ || urgent;
  }
  change_.notify_all();
}

bool copying_thread::take_copied() {
  std::unique_lock guard{lock_};
  if (std::exchange(urgent_, false)) change_.wait(guard, [this] { return wanted_ == 0; });
  if (copied_ == 0) return false;
  --copied_;
  return true;
}

void copying_thread::run() {
  std::unique_lock guard{lock_};
  while (true) {
    change_.wait(guard, [this] { return ends_ || wanted_ > 0; });
    if (ends_) return;
    guard.unlock();
    copier_->run();
    guard.lock();
    --wanted_;
    ++copied_;
    change_.notify_all();
  }
}

} // namespace hubbub::floor
