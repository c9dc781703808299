#include "actors/session/authenticator.hpp"

#include "actors/crypto/secret_hash.hpp"
#include "proto/access/full_access.hpp"

namespace hubbub {

expected<access_ptr, token_refusal>
authenticator::check_token(std::optional<std::string_view> token, timestamp now) const {
  const auto text = without_scheme(token.value_or(""));
  if (text.empty())
    return unexpected(token_refusal{token_fault::missing, "a token is needed here"});
  if (own_check_) return own_check_(text);
  const auto read = parse_jwt(text, limits_);
  if (!read) return unexpected(token_refusal{token_fault::invalid, read.error()});
  if (!keys_.verify(*read))
    return unexpected(token_refusal{token_fault::invalid,
                                    "the token's signature is not one of ours",
                                    {},
                                    shown_key_id(*read)});
  auto granted = grant(*read, rules_, now);
  if (!granted) granted.error().user_id = read->user_id;
  return granted;
}

access_ptr authenticator::check_api_key(std::string_view key) const {
  const auto hash = sha256(key);
  const api_key_record* found = nullptr;
  for (const auto& each : api_keys_)
    if (equal_in_constant_time(as_bytes(each.hash), as_bytes(hash))) found = &each;
  if (found == nullptr) return nullptr;
  return full_access(found->name);
}

} // namespace hubbub
