#pragma once

#include "persistence/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Parses the setting `retention`: rules separated by commas, each `PATTERN=KEEP` or, for every
/// room, `KEEP`. KEEP is an age (`30d`), a number of messages (`100000`), both (`30d/100000`),
/// or `all`. Empty text means no rules. Returns nothing if the text is not a list of rules.
[[nodiscard]] std::optional<std::vector<retention_rule>> parse_retention(std::string_view text);

/// Formats rules in the notation that `parse_retention` reads.
[[nodiscard]] std::string show_retention(const std::vector<retention_rule>& rules);

} // namespace hubbub
