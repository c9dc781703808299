#include "bench/peers/floor/message_log.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <utility>

namespace hubbub::floor {
namespace {

timestamp now() {
  using namespace std::chrono;
  return timestamp{duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

template <class Items>
void move_to_end(Items& to, Items& from) {
  if (to.empty()) return to.swap(from);
  std::move(from.begin(), from.end(), std::back_inserter(to));
  from.clear();
}

} // namespace

message_log::message_log(store& opened, writing where) : writer_(opened.writer()) {
  if (auto copier = opened.upkeep()) copying_.emplace(*writer_, std::move(copier));
  if (where == writing::in_the_loop) return;
  news_ = bench::file_descriptor{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  thread_ = std::thread{[this] { run_thread(); }};
}

message_log::~message_log() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard{lock_};
    ends_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

room_id message_log::create(std::string name) {
  const write_op op = op::create_room{std::move(name)};
  const auto outcomes = write({&op, 1});
  const auto* const made = std::get_if<room_record>(&outcomes.front());
  return made ? made->id : room_id{};
}

void message_log::end_pass() {
  if (batch_.empty()) return;
  if (!thread_.joinable()) {
    commit(batch_);
    move_to_end(done_, batch_);
    return;
  }
  {
    const std::lock_guard guard{lock_};
    move_to_end(handed_over_, batch_);
  }
  wake_.notify_one();
}

std::vector<logged_message> message_log::take_done() {
  if (!thread_.joinable()) return std::exchange(done_, {});
  std::uint64_t ignored = 0;
  std::ignore = ::read(news_.number(), &ignored, sizeof ignored);
  const std::lock_guard guard{lock_};
  return std::exchange(committed_, {});
}

std::vector<write_outcome> message_log::write(std::span<const write_op> ops) {
  const std::lock_guard guard{writer_lock_};
  if (copying_) copying_->settle();
  return writer_->commit(ops, now());
}

void message_log::commit(batch& messages) {
  std::vector<write_op> ops;
  ops.reserve(messages.size());
  for (auto& each : messages)
    ops.emplace_back(std::move(each.append));
  auto outcomes = write(ops);
  for (std::size_t i = 0; i < messages.size(); ++i)
    messages[i].outcome = std::move(outcomes[i]);
}

void message_log::run_thread() {
  batch current;
  while (true) {
    {
      std::unique_lock guard{lock_};
      wake_.wait(guard, [this] { return ends_ || !handed_over_.empty(); });
      if (handed_over_.empty()) return;
      current.swap(handed_over_);
    }
    commit(current);
    {
      const std::lock_guard guard{lock_};
      move_to_end(committed_, current);
    }
    constexpr std::uint64_t one = 1;
    std::ignore = ::write(news_.number(), &one, sizeof one);
  }
}

} // namespace hubbub::floor
