#pragma once

#include <cstdint>
#include <span>

namespace hubbub::pg {

/// Script n leads from version n to version n + 1 (`settings.version`; a new schema has 0). A
/// script that was released is never changed: a change is another script.
[[nodiscard]] std::span<const char* const> migrations();

/// Where the tables lie unless the address says otherwise (`options=-csearch_path=…`).
inline constexpr const char* default_schema = "hubbub";

} // namespace hubbub::pg
