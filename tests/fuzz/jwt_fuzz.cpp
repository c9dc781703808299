// Tokens with hostile bytes: no more is granted than a token can say, and a token that is made
// can be read.
#include "proto/access/jwt.hpp"
#include "proto/json/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void must(bool truth) {
  if (!truth) std::abort();
}

void check(const hubbub::jwt& token) {
  const hubbub::chat_limits limits;
  must(!token.user_id.empty() && hubbub::valid_utf8(token.user_id));
  must(hubbub::count_characters(token.user_id) <= limits.username);
  must(hubbub::clean_name(token.username, limits.username, "name") == token.username);
  must(!token.rooms || token.rooms->size() <= hubbub::max_token_rooms);
  const hubbub::timestamp now{1'700'000'000'000};
  const auto allowed = hubbub::grant(token, {}, now);
  if (!allowed) return;
  must((*allowed)->proven && !(*allowed)->any_user);
  must(!(*allowed)->expires_at || now < *(*allowed)->expires_at);
  const auto again = hubbub::unsigned_jwt(**allowed, {}, now) + ".";
  if (again.size() > hubbub::max_token_bytes) return; // escapes may have grown
  const auto read = hubbub::parse_jwt(again, limits);
  must(read && read->user_id == token.user_id && read->rooms == token.rooms &&
       read->scope == token.scope);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto token = hubbub::parse_jwt(text, {})) check(*token);
  return 0;
}
