#pragma once

#include <cstdint>
#include <span>

namespace hubbub::pg {

/// Returns the migration scripts. Script n leads from version n to version n + 1
/// (`settings.version`; a new schema has 0). A released script is never changed: every change
/// is another script.
[[nodiscard]] std::span<const char* const> migrations();

/// The schema of the tables, unless the address sets another one (`options=-csearch_path=…`).
inline constexpr const char* default_schema = "hubbub";

} // namespace hubbub::pg
