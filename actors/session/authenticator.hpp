#pragma once

#include "actors/crypto/token_keys.hpp"
#include "proto/access/access.hpp"
#include "proto/access/api_key_file.hpp"
#include "proto/access/jwt.hpp"
#include "proto/expected.hpp"
#include "proto/limits.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Says who somebody is by what they show: a token, an API key. Immutable; one snapshot of the
/// keys, shared by all who check.
class authenticator {
 public:
  /// Open mode, without API keys.
  authenticator() = default;
  authenticator(token_keys keys, claim_rules rules, std::vector<api_key_record> api_keys,
                const chat_limits& limits)
      : keys_(std::move(keys)), rules_(std::move(rules)), api_keys_(std::move(api_keys)),
        limits_(limits) {}

  /// Names are proven by tokens. Else it is open mode: names are what clients say.
  [[nodiscard]] bool wants_tokens() const { return !keys_.empty(); }
  /// Of somebody who shows this, maybe with `Bearer ` in front; without it the fault is
  /// `missing`.
  [[nodiscard]] expected<access_ptr, token_refusal>
  check_token(std::optional<std::string_view> token, timestamp now) const;
  /// Null: no such key. Takes as long whichever key it is.
  [[nodiscard]] access_ptr check_api_key(std::string_view key) const;

 private:
  token_keys keys_;
  claim_rules rules_;
  std::vector<api_key_record> api_keys_;
  chat_limits limits_;
};
using authenticator_ptr = std::shared_ptr<const authenticator>;

/// What the sessions and the HTTP API of one io thread check with. Touched on that thread
/// alone: its API actor puts in what the server sends it.
struct auth_slot {
  authenticator_ptr current = std::make_shared<const authenticator>();
};
/// By io thread.
using auth_slots = std::vector<std::shared_ptr<auth_slot>>;

} // namespace hubbub
