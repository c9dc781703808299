#pragma once

#include "proto/chat/slow_reader_rules.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Parses rules separated by commas: `lobby-*=resync,ticker=disconnect,drop_volatile`. Each is
/// a pattern of room names and a policy; a rule without a pattern applies to every room.
/// Returns nothing if the text is not a list of rules.
[[nodiscard]] std::optional<std::vector<slow_reader_rule>>
parse_slow_readers(std::string_view text);

/// Formats rules in the notation that `parse_slow_readers` reads.
[[nodiscard]] std::string show_slow_readers(const std::vector<slow_reader_rule>& rules);

} // namespace hubbub
