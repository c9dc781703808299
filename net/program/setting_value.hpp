#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How the values of settings are written.
namespace hubbub {

/// Decimal digits and nothing else.
[[nodiscard]] std::optional<std::int64_t> parse_whole_number(std::string_view text);

/// A whole number of milliseconds, or of the unit that follows it: `ms`, `s`, `m`, `h`, `d`.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// In the largest unit that leaves a whole number; what `parse_duration` reads.
[[nodiscard]] std::string show_duration(std::chrono::milliseconds duration);

/// `true`, `false`, and the words that people use for them.
[[nodiscard]] std::optional<bool> parse_truth(std::string_view text);

} // namespace hubbub
