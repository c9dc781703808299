#include "actors/runtime/pinned.hpp"

#include <boost/asio/post.hpp>

namespace hubbub {

namespace {

/// Maximum number of messages that one actor may handle before the others of its thread have
/// their turn.
constexpr std::size_t max_throughput = 256;
/// Maximum number of rounds of actors that wake one another within one pass. A message of a
/// client takes five: session, room, gate or relay.
constexpr std::size_t max_rounds = 16;

} // namespace

void io_unit::take(const compat::job& actor) {
  if (io_->get_executor().running_in_this_thread())
    make_ready(actor);
  else
    boost::asio::post(*io_, [this, actor] { make_ready(actor); });
}

void io_unit::make_ready(const compat::job& actor) {
  ready_.push_back(actor);
  end_pass_soon();
}

void io_unit::end_pass_soon() {
  ++arrivals_;
  if (end_posted_ || in_end_) return;
  begun_ = std::chrono::steady_clock::now();
  postponed_ = 0;
  post_end();
}

/// Posts the end of the pass after all handlers that are ready now.
void io_unit::post_end() {
  end_posted_ = true;
  arrivals_seen_ = arrivals_;
  boost::asio::post(*io_, [this] { end_pass(); });
}

void io_unit::end_pass() {
  if (arrivals_ != arrivals_seen_ && postponed_ < max_postponed) {
    ++postponed_;
    return post_end();
  }
  end_posted_ = false;
  in_end_ = true;
  run_ready();
  in_end_ = false;
  begun_ = {};
  if (!ready_.empty()) end_pass_soon();
  end_of_pass_();
}

std::chrono::nanoseconds io_unit::oldest_wait() const {
  if (begun_ == std::chrono::steady_clock::time_point{}) return {};
  return std::chrono::steady_clock::now() - begun_;
}

void io_unit::run_ready() {
  for (std::size_t round = 0; round < max_rounds && !ready_.empty(); ++round) {
    running_.swap(ready_);
    for (running_at_ = 0; running_at_ < running_.size();) {
      const auto& actor = running_[running_at_++];
      if (run_some(actor, max_throughput)) ready_.push_back(actor);
    }
    running_.clear();
    running_at_ = 0;
  }
}

} // namespace hubbub
