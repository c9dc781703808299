// Finds out who makes a request over HTTP: a token, an API key, or in open mode anybody.
#include "net/api/api_service.hpp"
#include "proto/access/permissions.hpp"
#include "proto/json/ascii_case.hpp"

#include <string>
#include <string_view>

namespace hubbub {
namespace {

/// Returns the text after `Bearer`; nothing if the header is missing or uses another scheme.
std::optional<std::string_view> bearer(const http_request& request) {
  constexpr std::string_view scheme = "bearer ";
  auto value = request.header("authorization");
  if (!equal_in_any_case(value.substr(0, scheme.size()), scheme)) return std::nullopt;
  value.remove_prefix(scheme.size());
  const auto first = value.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  return value.substr(first);
}

/// Returns the challenge for a refused request. Without a token it names no error (RFC 6750,
/// section 3). The messages need no escaping.
std::string challenge(const token_refusal& why) {
  if (why.fault == token_fault::missing) return "Bearer";
  return R"(Bearer error="invalid_token", error_description=")" + why.message + '"';
}

void refuse(const api_call_ptr& call, const token_refusal& why) {
  const error shown{error_code::unauthorized, why.message};
  call->fail(shown, http_status(shown.code), {{"WWW-Authenticate", challenge(why)}});
}

} // namespace

bool api_service::admit(const api_call_ptr& call) {
  const auto& now = *auth_->current;
  const auto shown = bearer(call->request());
  if (shown && shown->starts_with(api_key_prefix)) {
    auto allowed = now.check_api_key(*shown);
    if (allowed)
      call->grant(std::move(allowed));
    else
      refuse(call, {token_fault::invalid, "there is no such API key"});
    return call->access()->proven;
  }
  if (!now.wants_tokens()) return true;
  auto allowed = now.check_token(shown, setup_->clock());
  if (allowed)
    call->grant(std::move(*allowed));
  else
    refuse(call, allowed.error());
  return allowed.has_value();
}

bool api_service::admit_operator(const api_call_ptr& call) {
  if (!call->access()->proven) {
    refuse(call, {token_fault::missing, "an API key or an admin's token is needed"});
    return false;
  }
  const auto why = permissions::may_operate(*call->access());
  if (why) call->fail(*why);
  return !why;
}

} // namespace hubbub
