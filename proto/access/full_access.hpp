#pragma once

#include "proto/access/access.hpp"

#include <memory>
#include <string>
#include <utility>

namespace hubbub {

/// Returns the rights of an API key, and of programs that the server trusts as much: those of
/// an admin, in any user's name. A request that names no user is made by the user `name`.
[[nodiscard]] inline access_ptr full_access(std::string name) {
  access all;
  all.proven = true;
  all.any_user = true;
  all.scope = access_scope::admin;
  all.user_id = name;
  all.username = std::move(name);
  return std::make_shared<const access>(std::move(all));
}

} // namespace hubbub
