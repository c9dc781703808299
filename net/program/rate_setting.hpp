#pragma once

#include "net/program/setting_table.hpp"
#include "proto/access/rate_limit.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Parses `PER_SECOND:BURST`, both whole numbers above 0 and the burst not the smaller one;
/// `PER_SECOND` alone, with ten times that as the burst; or `off`. Returns nothing for any
/// other text.
[[nodiscard]] std::optional<rate> parse_rate(std::string_view text);
/// Formats a rate in the notation that `parse_rate` reads.
[[nodiscard]] std::string show_rate(const rate& limit);

/// Returns the settings of rates: `rate_events_per_socket` and so on.
[[nodiscard]] std::vector<setting> rate_settings_table();

} // namespace hubbub
