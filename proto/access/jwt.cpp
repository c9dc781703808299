#include "proto/access/jwt.hpp"

#include "proto/json/ascii_case.hpp"
#include "proto/json/base64.hpp"
#include "proto/json/hidden_text.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace hubbub {
namespace {

constexpr std::int64_t ms_per_second = 1'000;
/// The last second of the year 9999. A later time counts as "never expires".
constexpr std::int64_t last_second = 253'402'300'799;
/// Longest id of a key, issuer or audience, in bytes.
constexpr std::size_t max_id_bytes = 512;

constexpr std::array<std::pair<std::string_view, jwt_algorithm>, 5> algorithms{{
    {"HS256", jwt_algorithm::hs256},
    {"RS256", jwt_algorithm::rs256},
    {"ES256", jwt_algorithm::es256},
    {"EdDSA", jwt_algorithm::eddsa},
    {"Ed25519", jwt_algorithm::eddsa}, // EdDSA with the curve named (RFC 9864)
}};

/// True if an object repeats a name. Repeated names let two readers see two different tokens.
bool has_repeated_names(json::value object) {
  std::vector<std::string_view> names;
  names.reserve(object.size());
  for (std::size_t i = 0; i < object.size(); ++i)
    names.push_back(object.name_at(i));
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

expected<json::document, std::string> parse_part(std::string_view text,
                                                 std::string_view which) {
  const auto refusal = "the token's " + std::string{which} + " is malformed";
  const auto bytes = decode_base64url(text);
  if (!bytes || !valid_utf8(*bytes)) return unexpected(refusal);
  auto parsed = json::parse(*bytes, max_json_depth);
  if (!parsed || !parsed->root().is_object() || has_repeated_names(parsed->root()))
    return unexpected(refusal);
  return std::move(*parsed);
}

/// Reads claims one after the other and remembers the first one that is invalid.
class claim_reader {
 public:
  explicit claim_reader(json::value object) : object_(object) {}

  std::optional<std::string> text(std::string_view name) {
    const auto found = object_.find(name);
    if (!found.exists()) return std::nullopt;
    const auto value = found.string();
    if (!value || !valid_utf8(*value)) return fail(name), std::nullopt;
    return std::string{*value};
  }

  std::optional<std::string> short_text(std::string_view name) {
    auto value = text(name);
    if (value && value->size() > max_id_bytes) return fail(name), std::nullopt;
    return value;
  }

  /// Reads a NumericDate: seconds, possibly with a fraction, which is cut off.
  std::optional<timestamp> time(std::string_view name) {
    const auto found = object_.find(name);
    if (!found.exists()) return std::nullopt;
    const auto seconds = whole_seconds(found);
    if (!seconds) return fail(name), std::nullopt;
    return timestamp{std::clamp<std::int64_t>(*seconds, 0, last_second) * ms_per_second};
  }

  /// Reads a claim that is a string or an array of strings.
  std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t max) {
    const auto found = object_.find(name);
    if (!found.exists()) return std::nullopt;
    if (auto one = found.string(); one && valid_utf8(*one))
      return std::vector{std::string{*one}};
    if (!found.is_array() || found.size() > max) return fail(name), std::nullopt;
    std::vector<std::string> all;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto each = found.at(i).string();
      if (!each || !valid_utf8(*each)) return fail(name), std::nullopt;
      all.emplace_back(*each);
    }
    return all;
  }

  void fail(std::string_view name) {
    if (failed_.empty()) failed_ = "the token's " + std::string{name} + " is unusable";
  }
  [[nodiscard]] const std::string& failure() const { return failed_; }

 private:
  static std::optional<std::int64_t> whole_seconds(json::value number) {
    if (!number.is_number()) return std::nullopt;
    if (const auto whole = number.integer()) return whole;
    std::string text;
    number.dump(text);
    double seconds = 0;
    const auto [end, failure] =
        std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failure != std::errc{} || !std::isfinite(seconds)) return std::nullopt;
    constexpr auto edge = static_cast<double>(last_second);
    return static_cast<std::int64_t>(std::floor(std::clamp(seconds, -edge, edge)));
  }

  json::value object_;
  std::string failed_;
};

/// Returns the greatest scope that the words name. Words of other applications are skipped; if
/// none of the words is ours, the token allows nothing here.
access_scope to_scope(const std::vector<std::string>& words) {
  auto scope = access_scope::none;
  for (const std::string_view text : words) {
    for (auto rest = text; !rest.empty();) {
      const auto word = rest.substr(0, rest.find(' '));
      scope = std::max(scope, parse_scope(word).value_or(access_scope::none));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
  }
  return scope;
}

expected<void, std::string> read_header(jwt& token, std::string_view text) {
  const auto header = parse_part(text, "header");
  if (!header) return unexpected(header.error());
  claim_reader read{header->root()};
  const auto name = read.text("alg");
  token.key_id = read.short_text("kid");
  if (!read.failure().empty()) return unexpected(read.failure());
  const auto found = std::ranges::find(algorithms, name.value_or(""),
                                       [](const auto& each) { return each.first; });
  if (found == algorithms.end())
    return unexpected<std::string>("the token's algorithm is not one that is taken here");
  // A token may name extensions that the reader must understand (RFC 7515, 4.1.11); none is
  // known here.
  if (header->root().find("crit").exists())
    return unexpected<std::string>("the token needs extensions that are unknown here");
  token.algorithm = found->second;
  return {};
}

/// Reads the user's id and name. The name comes out in the form in which it is shown. An id is
/// never altered, since an altered id could be that of another user. A name that cannot be
/// shown counts as absent: many issuers send an empty name, or whatever somebody once typed.
void read_names(claim_reader& read, json::value claims, jwt& token, const chat_limits& limits) {
  const auto subject = read.text("sub");
  const auto user_id = clean_new_name(subject.value_or(""), limits.username, "sub");
  if (!user_id || *user_id != subject) return read.fail("sub");
  token.user_id = *user_id;
  const auto name = shown_name(claims.find("name").string().value_or(""), limits.username);
  token.username = name.value_or(token.user_id);
}

expected<void, std::string> read_claims(jwt& token, std::string_view text,
                                        const chat_limits& limits) {
  const auto claims = parse_part(text, "payload");
  if (!claims) return unexpected(claims.error());
  claim_reader read{claims->root()};
  read_names(read, claims->root(), token, limits);
  token.expires_at = read.time("exp");
  token.not_before = read.time("nbf");
  token.issuer = read.short_text("iss");
  token.audience = read.texts("aud", max_token_rooms).value_or(std::vector<std::string>{});
  token.rooms = read.texts("rooms", max_token_rooms);
  if (const auto scope = read.texts("scope", max_token_rooms)) token.scope = to_scope(*scope);
  if (!read.failure().empty()) return unexpected(read.failure());
  return {};
}

std::int64_t saturating_add(std::int64_t time, std::chrono::milliseconds more) {
  constexpr auto edge = last_second * ms_per_second;
  return std::min(edge, time) + std::clamp<std::int64_t>(more.count(), 0, edge);
}

unexpected<token_refusal> refuse(token_fault fault, std::string_view why) {
  return unexpected<token_refusal>(token_refusal{fault, std::string{why}});
}

} // namespace

std::string_view wire_name(token_fault fault) {
  switch (fault) {
  case token_fault::missing: return "token_missing";
  case token_fault::invalid: break;
  case token_fault::expired: return "token_expired";
  }
  return "token_invalid";
}

std::optional<access_scope> parse_scope(std::string_view word) {
  if (word == "read") return access_scope::read;
  if (word == "write") return access_scope::write;
  if (word == "admin") return access_scope::admin;
  return std::nullopt;
}

expected<jwt, std::string> parse_jwt(std::string_view text, const chat_limits& limits) {
  if (text.size() > max_token_bytes) return unexpected<std::string>("the token is too long");
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos)
    return unexpected<std::string>("the token does not have three parts");
  jwt token;
  auto signature = decode_base64url(text.substr(second + 1));
  if (!signature) return unexpected<std::string>("the token's signature is malformed");
  token.signature = std::move(*signature);
  token.signed_part = text.substr(0, second);
  if (auto done = read_header(token, text.substr(0, first)); !done)
    return unexpected(std::move(done.error()));
  auto done = read_claims(token, text.substr(first + 1, second - first - 1), limits);
  if (!done) return unexpected(std::move(done.error()));
  return token;
}

std::string shown_key_id(const jwt& token) {
  constexpr std::size_t longest = 64;
  auto text = token.key_id.value_or("").substr(0, longest);
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::string_view without_scheme(std::string_view token) {
  constexpr std::string_view scheme = "bearer ";
  if (!equal_in_any_case(token.substr(0, scheme.size()), scheme)) return token;
  token.remove_prefix(scheme.size());
  return token.substr(std::min(token.find_first_not_of(' '), token.size()));
}

expected<access_ptr, token_refusal> grant(const jwt& token, const claim_rules& rules,
                                          timestamp now) {
  using enum token_fault;
  auto allowed = std::make_shared<access>();
  if (token.expires_at) {
    allowed->expires_at = timestamp{saturating_add(token.expires_at->value, rules.leeway)};
    if (now >= *allowed->expires_at) return refuse(expired, "the token has expired");
  }
  if (token.not_before && token.not_before->value > saturating_add(now.value, rules.leeway))
    return refuse(invalid, "the token is not valid yet");
  if (!rules.issuer.empty() && token.issuer != rules.issuer)
    return refuse(invalid, "the token's issuer is not the one expected here");
  if (!rules.audience.empty() &&
      std::ranges::find(token.audience, rules.audience) == token.audience.end())
    return refuse(invalid, "the token is not meant for this server");
  allowed->proven = true;
  allowed->scope = token.scope;
  allowed->rooms = token.rooms;
  allowed->user_id = token.user_id;
  allowed->username = token.username;
  return allowed;
}

std::string unsigned_jwt(const access& what, const claim_rules& rules, timestamp now) {
  std::string claims;
  json::writer out{claims};
  out.begin_object().field("sub", what.user_id);
  if (what.username != what.user_id) out.field("name", what.username);
  switch (what.scope) {
  case access_scope::none: out.field("scope", ""); break;
  case access_scope::read: out.field("scope", "read"); break;
  case access_scope::write: out.field("scope", "write"); break;
  case access_scope::admin: out.field("scope", "admin"); break;
  }
  if (what.rooms) {
    out.key("rooms").begin_array();
    for (const auto& room : *what.rooms)
      out.string(room);
    out.end_array();
  }
  if (!rules.issuer.empty()) out.field("iss", rules.issuer);
  if (!rules.audience.empty()) out.field("aud", rules.audience);
  out.field("iat", now.value / ms_per_second);
  if (what.expires_at) out.field("exp", what.expires_at->value / ms_per_second);
  out.end_object();
  std::string text;
  append_base64url(text, R"({"alg":"HS256","typ":"JWT"})");
  text += '.';
  append_base64url(text, claims);
  return text;
}

} // namespace hubbub
