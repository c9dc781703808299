#include "bench/scenario/churn.hpp"

#include <algorithm>

namespace hubbub::bench {

churn::churn(run& of) : run_(&of), due_(of.clients.size()) {
  for (std::size_t i = 0; i < of.clients.size(); ++i)
    free_.push_back(i);
  of.clients.observe(this);
}

void churn::begin() {
  going_ = true;
  const auto& asked = run_->asked;
  next_due_ = run_->loop.tick();
  if (asked.rate > 0) {
    pause_ = std::chrono::nanoseconds{static_cast<std::int64_t>(1e9 / asked.rate)};
    return begin_due();
  }
  for (std::size_t i = 0; i < std::min(asked.cycles, run_->clients.size()); ++i)
    begin_cycle(next_due_);
}

void churn::finish() {
  going_ = false;
  const auto now = run_->loop.tick();
  if (run_->asked.rate > 0) note_due(now);
  for (const auto due : late_)
    times_.add(now - due);
  never_begun_ = late_.size();
  late_.clear();
  run_->clients.await([this] { return under_way_ == 0 || run_->faults.total() > 0; },
                      "to leave");
  run_->clients.observe(nullptr);
}

void churn::on_joined(client& who, std::string_view /*ack*/) {
  run_->clients.leave(who.number());
}

void churn::on_left(client& who) {
  who.say_goodbye();
}

void churn::on_goodbye(client& who) {
  const auto now = run_->loop.now();
  times_.add(now - due_[who.number()]);
  ++done_;
  --under_way_;
  free_.push_back(who.number());
  if (!going_) return;
  if (run_->asked.rate == 0) return begin_cycle(now);
  begin_late();
}

void churn::begin_cycle(moment due) {
  const auto number = free_.front();
  free_.pop_front();
  due_[number] = due;
  ++under_way_;
  run_->clients.connect_and_join(number);
}

void churn::begin_late() {
  for (; !late_.empty() && !free_.empty(); late_.pop_front())
    begin_cycle(late_.front());
}

void churn::note_due(moment now) {
  for (; next_due_ <= now; next_due_ += pause_)
    late_.push_back(next_due_);
}

void churn::begin_due() {
  if (!going_) return;
  note_due(run_->loop.tick());
  begin_late();
  run_->loop.at(next_due_, [this] { begin_due(); });
}

} // namespace hubbub::bench
