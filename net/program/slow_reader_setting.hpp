#pragma once

#include "proto/chat/slow_reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Rules separated by commas: `lobby-*=resync,ticker=disconnect,drop_volatile`. Each is a
/// pattern of room names and a policy; without a pattern it is for every room. Empty: no rules.
[[nodiscard]] std::optional<std::vector<slow_reader_rule>>
parse_slow_readers(std::string_view text);

/// As `parse_slow_readers` reads it.
[[nodiscard]] std::string show_slow_readers(const std::vector<slow_reader_rule>& rules);

} // namespace hubbub
