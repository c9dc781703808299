#include "actors/session/client_identity.hpp"

#include "actors/crypto/random_id.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/chat/chat_event.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace hubbub {
namespace {

/// Longest sleep: the wall clock may be set, so it is checked again after this time.
constexpr std::chrono::milliseconds longest_sleep{std::chrono::hours{1}};

kept_out unauthorized(const token_refusal& why) {
  refusal refused{R"({"message":"unauthorized","data":)"};
  json::writer out{refused.error_json};
  out.begin_object()
      .field("code", wire_name(why.fault))
      .field("message", why.message)
      .end_object();
  refused.error_json += '}';
  return {std::move(refused), refusal_for(why.fault), why.message, why.user_id, why.key_id};
}

std::string guest_name() {
  std::string name = "guest-";
  // Of 16 letters: enough for 16 million guests.
  for (const char digit : random_id().substr(0, 6))
    name += static_cast<char>(digit <= '9' ? 'g' + (digit - '0') : digit);
  return name;
}

} // namespace

refusal refused(const error& why) {
  return {R"({"message":")" + std::string{wire_name(why.code)} + R"(","data":)" +
          error_json(why) + "}"};
}

client_identity::client_identity(std::shared_ptr<const auth_slot> keys, const wall_clock& clock)
    : keys_(std::move(keys)), clock_(&clock), user_(std::make_shared<const user>()) {}

std::optional<kept_out> client_identity::identify(json::value auth, const chat_limits& limits,
                                                  arrival& to) const {
  if (keys_->current->wants_tokens()) {
    auto allowed = keys_->current->check_token(auth.find("token").string(), (*clock_)());
    if (!allowed) return unauthorized(allowed.error());
    to.access = std::move(*allowed);
    return std::nullopt;
  }
  auto name = parse_username(auth, limits);
  if (!name)
    return kept_out{refused(name.error()), connect_refusal::bad_request, name.error().message};
  to.username = std::move(*name);
  return std::nullopt;
}

void client_identity::take_name(const std::optional<std::string>& name) {
  const auto taken = name ? *name : guest_name();
  user_ = std::make_shared<const user>(user{taken, taken, user_->recovery, user_->access});
}

expected<access_ptr, error> client_identity::renew(const std::optional<std::string>& token) {
  if (!user_->access->proven)
    return unexpected(error{error_code::forbidden, "this server takes no tokens"});
  if (by_host_)
    return unexpected(error{error_code::forbidden, "your rights are not those of a token"});
  const auto allowed = keys_->current->check_token(token, (*clock_)());
  if (!allowed) return unexpected(error{error_code::unauthorized, allowed.error().message});
  if ((*allowed)->user_id != user_->user_id)
    return unexpected(error{error_code::forbidden, "the token is another user's"});
  auto before = user_->access;
  user_ = user_of(*allowed, user_->recovery);
  return before;
}

bool client_identity::expired() const {
  const auto& until = user_->access->expires_at;
  return until && (*clock_)() >= *until;
}

std::optional<std::chrono::milliseconds> client_identity::next_check() const {
  const auto& until = user_->access->expires_at;
  if (!until) return std::nullopt;
  const std::chrono::milliseconds left{until->value - (*clock_)().value};
  return std::clamp(left, std::chrono::milliseconds{1}, longest_sleep);
}

} // namespace hubbub
