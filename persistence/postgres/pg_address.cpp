#include "persistence/postgres/pg_address.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace hubbub::pg {

namespace {

struct freer {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using options = std::unique_ptr<PQconninfoOption, freer>;

options parse(const std::string& address) {
  return options{PQconninfoParse(address.c_str(), nullptr)};
}

bool is_url(std::string_view address) {
  return address.starts_with("postgres://") || address.starts_with("postgresql://");
}

std::string value_of(const options& all, std::string_view keyword) {
  for (const auto* each = all.get(); each && each->keyword; ++each)
    if (keyword == each->keyword && each->val) return each->val;
  return {};
}

} // namespace

bool is_address(const std::string& database) {
  return is_url(database) ||
         (database.find('=') != std::string::npos && parse(database) != nullptr);
}

bool is_readable(const std::string& address) {
  return parse(address) != nullptr;
}

bool is_torn(const std::string& address) {
  if (!is_url(address)) return false;
  auto parts = std::string_view{address}.substr(address.find("://") + 3);
  parts = parts.substr(0, parts.find('?')); // what follows may have an @
  const auto at = parts.find('@');
  return at != std::string_view::npos && (parts.find('/') < at || parts.rfind('@') != at);
}

bool has_password(const std::string& address) {
  const auto all = parse(address);
  return !value_of(all, "password").empty() || !value_of(all, "sslpassword").empty();
}

std::string shown(const std::string& address) {
  const auto all = parse(address);
  if (!all || is_torn(address)) return "the PostgreSQL address";
  auto host = value_of(all, "host");
  if (host.empty()) host = value_of(all, "hostaddr");
  const auto port = value_of(all, "port");
  const auto user = value_of(all, "user");
  std::string text = "postgres://";
  if (!user.empty()) text += user + "@";
  text += host;
  if (!port.empty()) text += ":" + port;
  return text + "/" + value_of(all, "dbname");
}

} // namespace hubbub::pg
