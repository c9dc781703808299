#pragma once

#include "actors/crypto/token_keys.hpp"
#include "proto/access/access.hpp"
#include "proto/access/api_key_file.hpp"
#include "proto/access/jwt.hpp"
#include "proto/expected.hpp"
#include "proto/limits.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Says what the bearer of a token may do, or why it is refused, in place of keys: a host's own
/// way to prove names. Called on all io threads, and must not wait for anything.
using own_token_check =
    std::function<expected<access_ptr, token_refusal>(std::string_view token)>;

/// Determines who a client is by its token or API key. Immutable; one snapshot of the keys,
/// shared by all users of it.
class authenticator {
 public:
  /// Makes an authenticator for open mode, without API keys.
  authenticator() = default;
  authenticator(token_keys keys, claim_rules rules, std::vector<api_key_record> api_keys,
                const chat_limits& limits)
      : keys_(std::move(keys)), rules_(std::move(rules)), api_keys_(std::move(api_keys)),
        limits_(limits) {}

  /// Has tokens checked by `own` instead of the keys, unless it is empty. Before it is shared.
  void check_by(own_token_check own) { own_check_ = std::move(own); }

  /// True if names are proven by tokens; otherwise the server is in open mode, where names are
  /// whatever clients say.
  [[nodiscard]] bool wants_tokens() const { return own_check_ || !keys_.empty(); }
  /// True if there is any key, of tokens or of the API, by which somebody could be an admin.
  [[nodiscard]] bool has_keys() const { return wants_tokens() || !api_keys_.empty(); }
  /// Returns the rights of a client that shows this token, which may begin with `Bearer `;
  /// without a token the fault is `missing`.
  [[nodiscard]] expected<access_ptr, token_refusal>
  check_token(std::optional<std::string_view> token, timestamp now) const;
  /// Returns the rights of an API key; null if it is unknown. The time it takes does not depend
  /// on the key.
  [[nodiscard]] access_ptr check_api_key(std::string_view key) const;

 private:
  token_keys keys_;
  claim_rules rules_;
  std::vector<api_key_record> api_keys_;
  chat_limits limits_;
  own_token_check own_check_; ///< empty: the keys decide
};
using authenticator_ptr = std::shared_ptr<const authenticator>;

/// The authenticator that the sessions and the HTTP API of one io thread use. Only used on that
/// thread: its API actor replaces it when the server sends a new one.
struct auth_slot {
  authenticator_ptr current = std::make_shared<const authenticator>();
};
/// One for each io thread.
using auth_slots = std::vector<std::shared_ptr<auth_slot>>;

} // namespace hubbub
