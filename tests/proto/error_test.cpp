#include "proto/error.hpp"
#include "tests/support/catch.hpp"

#include <string_view>

using namespace hubbub;

TEST_CASE("every error code has its name on the wire and its HTTP status") {
  using enum error_code;
  struct row {
    error_code code;
    std::string_view name;
    unsigned status;
  };
  const auto [code, name, status] = GENERATE(
      row{bad_request, "bad_request", 400}, row{unauthorized, "unauthorized", 401},
      row{forbidden, "forbidden", 403}, row{unknown_event, "unknown_event", 400},
      row{not_found, "not_found", 404}, row{method_not_allowed, "method_not_allowed", 405},
      row{already_exists, "already_exists", 409}, row{not_a_member, "not_a_member", 403},
      row{limit_exceeded, "limit_exceeded", 403}, row{too_large, "too_large", 413},
      row{unsupported_media_type, "unsupported_media_type", 415},
      row{rate_limited, "rate_limited", 429}, row{overloaded, "overloaded", 503},
      row{storage_full, "storage_error", 507}, row{storage_error, "storage_error", 500});
  CHECK(wire_name(code) == name);
  CHECK(http_status(code) == status);
}
