#pragma once

#include "actors/limit_interfaces.hpp"
#include "actors/limits/rate_accounts.hpp"
#include "actors/limits/users_elsewhere.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace hubbub {

/// Keeps what users and addresses may still do on all io threads together, and leases it to the
/// threads in chunks (rate_accounts.hpp). It is bounded: a bucket that is full again is
/// forgotten, and if too many are in use, newcomers get nothing until some are free.
///
/// A user who is on several nodes has one rate in all of them together: each node gives out its
/// part, whatever is used of the others'.
class limiter : public limiter_actor::base {
 public:
  limiter(caf::actor_config& config, const rate_settings& settings);

  behavior_type make_behavior() override;

  /// Maximum number of buckets at a time; each takes about 100 bytes.
  static constexpr std::size_t max_buckets = 100'000;

 private:
  [[nodiscard]] token_grant grant(const token_request& request);
  [[nodiscard]] rate limit_of(const token_request& request) const;
  [[nodiscard]] rate_bucket* bucket(const token_request& request, rate_bucket::time_point now);

  rate_settings settings_;
  std::unordered_map<std::string, rate_bucket> buckets_;
  std::size_t sweep_at_ = 1'000;
  users_elsewhere elsewhere_; ///< knows nobody if this node is alone, or users have no rates
  limiter_stats stats_;
};

/// Takes from an account, and asks for more tokens, in the name of `self`, if they run out.
/// Returns zero if the tokens were taken, else how long to wait.
template <class Self>
[[nodiscard]] std::chrono::milliseconds
take_leased(Self* self, const limiter_actor& from, const std::shared_ptr<rate_account>& account,
            rated what, double count, rate_account::time_point now) {
  const auto wait = account->take(what, count, now);
  if (auto request = account->due(what, now))
    compat::request(self, from, caf::infinite, *std::move(request))
        .then(
            [self, account, what](const token_grant& grant) {
              account->receive(what, grant, self->clock().now());
            },
            [](const caf::error&) {}); // the server is stopping
  return wait;
}

} // namespace hubbub
