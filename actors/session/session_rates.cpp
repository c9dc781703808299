#include "actors/session/session_rates.hpp"

#include "actors/limits/limiter.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <tuple>
#include <variant>

namespace hubbub {
namespace {

using std::chrono::milliseconds;

std::string_view words_for(rated what) {
  switch (what) {
  case rated::events: return "events";
  case rated::joins: return "joins";
  case rated::typing: return "typing events";
  case rated::bytes: return "bytes";
  case rated::connects: return "connections";
  case rated::creates: return "new rooms";
  }
  return "events";
}

} // namespace

error too_fast(rated what, milliseconds retry_after) {
  return {error_code::rate_limited,
          "too many " + std::string{words_for(what)} + " in a short time; wait a little",
          retry_after};
}

session_rates::session_rates(session& self, rate_accounts* accounts,
                             const limiter_actor& limiter, const rate_settings& settings)
    : self_(&self), accounts_(accounts), limiter_(&limiter), settings_(&settings) {}

std::optional<error> session_rates::connect(std::size_t bytes) {
  now_ = self_->clock().now();
  if (accounts_ && !address_) address_ = accounts_->of_address(self_->out()->client, now_);
  auto late = take_own(rated::connects, 1);
  if (auto too_much = take_own(rated::bytes, static_cast<double>(bytes)); too_much && !late)
    late = std::move(too_much);
  return late ? late : take_connect_of(address_, bytes);
}

std::optional<error> session_rates::connect_as(std::string_view user_id, std::size_t bytes) {
  know(user_id);
  return take_connect_of(user_, bytes);
}

std::optional<error>
session_rates::take_connect_of(const std::shared_ptr<rate_account>& account,
                               std::size_t bytes) {
  if (auto late = take_leased_of(account, rated::connects, 1)) return late;
  return take_leased_of(account, rated::bytes, static_cast<double>(bytes));
}

std::optional<error> session_rates::event(const chat_command& command, std::size_t bytes,
                                          std::string_view user_id) {
  now_ = self_->clock().now();
  know(user_id);
  const auto* for_room = std::get_if<room_command>(&command);
  const bool types = for_room && std::holds_alternative<command::set_typing>(*for_room);
  auto late = take(types ? rated::typing : rated::events, 1);
  if (auto too_much = take(rated::bytes, static_cast<double>(bytes)); too_much && !late)
    late = std::move(too_much);
  if (!late && for_room && std::holds_alternative<command::join_room>(*for_room))
    late = take(rated::joins, 1);
  return late;
}

std::optional<error> session_rates::event(std::size_t bytes, std::string_view user_id) {
  return event(command::refresh_token{}, bytes, user_id);
}

std::optional<error> session_rates::create(std::string_view user_id) {
  now_ = self_->clock().now();
  know(user_id);
  return take(rated::creates, 1);
}

std::optional<error> session_rates::take(rated what, double count) {
  if (auto late = take_own(what, count)) return late;
  return take_shared(what, count);
}

std::optional<error> session_rates::take_own(rated what, double count) {
  const auto& limit = settings_->per_socket[what];
  if (!limit.limited()) return std::nullopt;
  auto& used = use_of(what);
  // Refused attempts count here as well.
  if (used.flood.take(limit * rate_settings::flood, count, now_).count() > 0)
    self_->out()->close(close_reason::rate_limited);
  if (const auto wait = used.bucket.take(limit, count, now_); wait.count() > 0)
    return refuse(what, wait);
  return std::nullopt;
}

session_rates::own_use& session_rates::use_of(rated what) {
  for (auto& each : own_)
    if (each.what == what) return each;
  own_.remove_if(
      [this](const own_use& each) { return each.bucket.full(now_) && each.flood.full(now_); });
  own_.push_front({what, {}, {}});
  return own_.front();
}

std::optional<error> session_rates::take_shared(rated what, double count) {
  if (auto late = take_leased_of(address_, what, count)) return late;
  return take_leased_of(user_, what, count);
}

std::optional<error> session_rates::take_leased_of(const std::shared_ptr<rate_account>& account,
                                                   rated what, double count) {
  if (!account) return std::nullopt;
  const auto wait = take_leased(self_, *limiter_, account, what, count, now_);
  if (wait.count() > 0) return refuse(what, wait);
  return std::nullopt;
}

void session_rates::know(std::string_view user_id) {
  if (!accounts_ || user_id.empty() || (user_ && user_->is_of_user(user_id))) return;
  user_ = accounts_->of_user(user_id, now_);
}

/// Counts a refusal and returns its error.
error session_rates::refuse(rated what, milliseconds wait) {
  self_->out()->on_too_fast(to_string(what));
  if (accounts_)
    if (const auto news = accounts_->note_refusal(what, now_))
      compat::anon_send(*limiter_, *news);
  return too_fast(what, wait);
}

} // namespace hubbub
