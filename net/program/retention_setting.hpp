#pragma once

#include "persistence/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The setting `retention`: rules separated by commas, each `PATTERN=KEEP` or, for every room,
/// `KEEP`: an age (`30d`), a number of messages (`100000`), both (`30d/100000`), or `all`. No
/// text is no rule. Empty result: not a list of rules.
[[nodiscard]] std::optional<std::vector<retention_rule>> parse_retention(std::string_view text);

/// As `parse_retention` reads it.
[[nodiscard]] std::string show_retention(const std::vector<retention_rule>& rules);

} // namespace hubbub
