#include "actors/store/store_health.hpp"

#include <utility>

namespace hubbub {

store_health::store_health(store_watch tell) : tell_(std::move(tell)) {
  if (!tell_) tell_ = [](const store_news&) {};
}

store_news store_health::news(store_change what, time_point now) const {
  return {what, why_.value_or(store_error::io), failed_, !is_healthy(now),
          std::chrono::duration_cast<std::chrono::milliseconds>(now - first_)};
}

void store_health::on_commit(std::chrono::nanoseconds took) {
  if (took < slow_commit) return;
  store_news told;
  told.what = store_change::slow;
  told.lasted = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  tell_(told);
}

void store_health::on_success(time_point now) {
  if (!why_) return;
  const auto over = news(store_change::well, now);
  why_.reset();
  failed_ = 0;
  untried_ = false;
  tell_(over);
}

void store_health::on_failure(store_error why, time_point now) {
  if (why == store_error::corrupt) return on_damage(now);
  const bool is_news = why_ != why || untried_;
  const bool was_unready = !is_healthy(now);
  if (!why_) first_ = now;
  why_ = why;
  last_ = now;
  ++failed_;
  untried_ = false;
  if (!is_news) return;
  auto told = news(store_change::failed, now);
  told.was_unready = was_unready;
  tell_(told);
}

void store_health::on_damage(time_point now) {
  const auto was_unready = !is_healthy(now);
  if (std::exchange(damaged_, true)) return;
  why_.reset();
  tell_({store_change::damaged, store_error::corrupt, 0, was_unready, {}});
}

void store_health::on_time(time_point now) {
  if (!why_ || untried_ || !is_healthy(now)) return;
  untried_ = true;
  tell_(news(store_change::untried, now));
}

bool store_health::wants_time(time_point now) {
  if (!why_ || untried_ || now < awaited_) return false;
  awaited_ = now + retry_after;
  return true;
}

bool store_health::is_healthy(time_point now) const {
  return !damaged_ && (!why_ || now - last_ >= retry_after);
}

} // namespace hubbub
