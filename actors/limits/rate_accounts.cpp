#include "actors/limits/rate_accounts.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

using namespace std::chrono_literals;

/// Time after which a missing answer was lost with its sender.
constexpr auto answer_lost = 1s;
/// Pause between sweeps, so that not every newcomer causes one when nothing could be removed.
constexpr auto sweep_interval = 200ms;
/// How long an unused account is remembered: longer than a refused client waits before it comes
/// back.
constexpr auto remembered = 60s;

/// Often enough for a metrics page, too rarely for a flood to matter.
constexpr auto report_interval = 1s;

} // namespace

rate_key rate_key_of(std::string_view user_id) {
  return "u" + std::string{user_id};
}

rate_key rate_key_of(const client_address& address) {
  const auto key = limit_key(address);
  return "a" + std::string{reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}

rate_account::rate_account(rate_key key, bool is_address, const rate_table& limits,
                           double first_part)
    : key_(std::move(key)), is_address_(is_address), first_part_(first_part), limits_(&limits) {
}

double rate_account::chunk(const rate& limit) {
  constexpr double chunks_a_burst = 8;
  return std::max(1.0, limit.burst / chunks_a_burst);
}

rate_account::milliseconds rate_account::wait(rated what, double count, time_point now) {
  used_at_ = now;
  const auto& limit = (*limits_)[what];
  if (!limit.limited()) return 0ms;
  auto& tokens = credits_[static_cast<std::size_t>(what)];
  if (!std::exchange(tokens.begun, true) && first_part_ > 0)
    tokens.left = tokens.owed = std::max(1.0, first_part_ * chunk(limit));
  // More than a chunk is paid for by later tokens.
  if (tokens.left >= std::min(count, chunk(limit))) return 0ms;
  if (tokens.promised && now >= tokens.ask_at) return 0ms;
  tokens.lacking = true;
  return std::max(1ms, std::chrono::ceil<milliseconds>(tokens.ask_at - now));
}

rate_account::milliseconds rate_account::take(rated what, double count, time_point now) {
  const auto late = wait(what, count, now);
  if (late > 0ms || !(*limits_)[what].limited()) return late;
  auto& tokens = credits_[static_cast<std::size_t>(what)];
  if (tokens.left >= std::min(count, chunk((*limits_)[what]))) {
    tokens.left -= count;
  } else {
    tokens.promised = false;
    tokens.owed += count;
  }
  return late;
}

std::optional<token_request> rate_account::due(rated what, time_point now) {
  const auto& limit = (*limits_)[what];
  auto& tokens = credits_[static_cast<std::size_t>(what)];
  if (!limit.limited() || now < tokens.ask_at) return {};
  if (tokens.left > chunk(limit) / 2 && !tokens.lacking) return {};
  tokens.lacking = false;
  tokens.ask_at = now + answer_lost;
  return token_request{key_, is_address_, what, std::exchange(tokens.owed, 0),
                       chunk(limit) - tokens.left};
}

void rate_account::receive(rated what, const token_grant& grant, time_point now) {
  auto& tokens = credits_[static_cast<std::size_t>(what)];
  tokens.left += grant.tokens;
  tokens.promised = grant.tokens == 0;
  tokens.ask_at = now + grant.retry_after;
}

bool rate_account::is_of_user(std::string_view user_id) const {
  return !is_address_ && std::string_view{key_}.substr(1) == user_id;
}

bool rate_account::idle(time_point now) const {
  return now - used_at_ > remembered;
}

std::shared_ptr<rate_account> rate_accounts::of_address(const client_address& address,
                                                        time_point now) {
  if (!settings_.per_address.limited()) return nullptr;
  return find(rate_key_of(address), true, settings_.per_address, now);
}

std::shared_ptr<rate_account> rate_accounts::of_user(std::string_view user_id, time_point now) {
  if (!settings_.per_user.limited()) return nullptr;
  return find(rate_key_of(user_id), false, settings_.per_user, now);
}

std::shared_ptr<rate_account> rate_accounts::find(rate_key key, bool is_address,
                                                  const rate_table& limits, time_point now) {
  if (const auto found = accounts_.find(key); found != accounts_.end()) return found->second;
  if (strangers() >= crowded / 2 && now >= sweep_after_) sweep(now);
  constexpr double crowd_credit = 0.125;
  const bool too_many = strangers() >= 2 * crowded;
  const double credit = too_many ? 0 : strangers() >= crowded ? crowd_credit : 1;
  auto made = std::make_shared<rate_account>(key, is_address, limits, credit);
  if (!too_many) accounts_.emplace(std::move(key), made);
  return made;
}

std::optional<rate_refusals> rate_accounts::note_refusal(rated what, time_point now) {
  ++refusals_.counts[static_cast<std::size_t>(what)];
  if (now < report_at_) return std::nullopt;
  report_at_ = now + report_interval;
  return std::exchange(refusals_, {});
}

void rate_accounts::sweep(time_point now) {
  in_use_ = 0;
  std::erase_if(accounts_, [this, now](const auto& entry) {
    if (entry.second.use_count() == 1) return entry.second->idle(now);
    ++in_use_;
    return false;
  });
  // Takes at most one percent of the thread's time.
  sweep_after_ =
      now + sweep_interval * std::max(1L, std::ssize(accounts_) / std::int64_t{crowded});
}

} // namespace hubbub
