#include "actors/limits/limiter.hpp"

#include "actors/interfaces.hpp" // which lists the messages

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hubbub {
namespace {

using std::chrono::milliseconds;

/// How long newcomers must wait when the limiter has no free bucket.
constexpr milliseconds no_room_for_now{1'000};

} // namespace

limiter::limiter(caf::actor_config& config, const rate_settings& settings)
    : limiter_actor::base(config), settings_(settings) {}

limiter::behavior_type limiter::make_behavior() {
  return {
      [this](const token_request& request) { return grant(request); },
      [this](const rate_refusals& news) {
        for (std::size_t i = 0; i < rated_kinds; ++i)
          stats_.refusals.counts[i] += news.counts[i];
      },
      [this](const members_elsewhere& news) { elsewhere_.take(news.changed, news.gone); },
      [this](ask_limiter_stats) {
        stats_.buckets = buckets_.size();
        return stats_;
      },
  };
}

/// Returns the part of a rate that this node gives out: all of it, or an equal part on each
/// node on which the user is. Of what may come at once it is one token at least, or the user
/// could do nothing at all.
rate limiter::limit_of(const token_request& request) const {
  const auto& whole =
      (request.is_address ? settings_.per_address : settings_.per_user)[request.what];
  if (request.is_address || !whole.limited()) return whole;
  const auto others = elsewhere_.nodes_of(request.key);
  if (others == 0) return whole;
  auto part = whole * (1.0 / static_cast<double>(others + 1));
  part.burst = std::max(part.burst, std::min(whole.burst, 1.0));
  return part;
}

token_grant limiter::grant(const token_request& request) {
  const auto limit = limit_of(request);
  if (!limit.limited()) return {request.wanted};
  const auto now = clock().now();
  auto* from = bucket(request, now);
  if (!from) return {0, no_room_for_now};
  from->owe(limit, request.owed, now);
  const auto tokens = std::floor(std::min(request.wanted, from->available(limit, now)));
  if (tokens >= 1) {
    from->owe(limit, tokens, now);
    return {tokens};
  }
  const std::chrono::duration<double> until_one{(1 - from->available(limit, now)) /
                                                limit.per_second};
  return {0, std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(until_one))};
}

rate_bucket* limiter::bucket(const token_request& request, rate_bucket::time_point now) {
  const auto key = request.key + static_cast<char>(request.what);
  if (const auto found = buckets_.find(key); found != buckets_.end()) return &found->second;
  if (buckets_.size() >= sweep_at_) {
    std::erase_if(buckets_, [now](const auto& entry) { return entry.second.full(now); });
    sweep_at_ = std::min(max_buckets, std::max<std::size_t>(1'000, 2 * buckets_.size()));
  }
  if (buckets_.size() >= max_buckets) return nullptr;
  return &buckets_.try_emplace(key).first->second;
}

} // namespace hubbub
