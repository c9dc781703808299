// Limits how fast an address or a user may make requests.
#include "actors/limits/limiter.hpp"
#include "actors/session/session_rates.hpp"
#include "net/api/api_service.hpp"

namespace hubbub {

std::optional<error> api_service::too_early_from_address(const api_call& call) {
  if (!accounts_) return std::nullopt;
  const auto now = clock().now();
  return too_early(accounts_->of_address(call.request().client, now), call, now);
}

std::optional<error> api_service::too_early_for_user(const api_call& call) {
  const auto& user_id = call.access()->user_id;
  if (!accounts_ || user_id.empty()) return std::nullopt;
  const auto now = clock().now();
  return too_early(accounts_->of_user(user_id, now), call, now);
}

std::optional<error> api_service::too_early_to_create(const api_call& call) {
  if (!accounts_) return std::nullopt;
  const auto now = clock().now();
  const auto& user_id = call.access()->user_id;
  if (auto why =
          take(accounts_->of_address(call.request().client, now), rated::creates, 1, now))
    return why;
  if (user_id.empty()) return std::nullopt;
  return take(accounts_->of_user(user_id, now), rated::creates, 1, now);
}

std::optional<error> api_service::too_early(const std::shared_ptr<rate_account>& account,
                                            const api_call& call,
                                            rate_account::time_point now) {
  if (auto why = take(account, rated::events, 1, now)) return why;
  return take(account, rated::bytes, static_cast<double>(call.request().body.size()), now);
}

std::optional<error> api_service::take(const std::shared_ptr<rate_account>& account, rated what,
                                       double count, rate_account::time_point now) {
  if (!account) return std::nullopt;
  const auto wait = take_leased(this, setup_->actors.limiter, account, what, count, now);
  if (wait.count() == 0) return std::nullopt;
  if (const auto news = accounts_->note_refusal(what, now))
    compat::anon_send(setup_->actors.limiter, *news);
  return too_fast(what, wait);
}

} // namespace hubbub
