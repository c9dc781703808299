#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Parses and formats the values of settings.
namespace hubbub {

/// Parses decimal digits and nothing else.
[[nodiscard]] std::optional<std::int64_t> parse_whole_number(std::string_view text);

/// The longest duration that a setting or an option may have: a hundred years. Added to the
/// present time, or taken from it, it stays within what a clock of nanoseconds can hold.
inline constexpr std::chrono::milliseconds longest_duration = std::chrono::hours{24} * 36'500;

/// Parses a whole number of milliseconds, or of the unit that follows it: `ms`, `s`, `m`, `h`,
/// `d`; up to `longest_duration`.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Formats a duration in the largest unit that leaves a whole number; `parse_duration` reads
/// it.
[[nodiscard]] std::string show_duration(std::chrono::milliseconds duration);

/// Parses `true`, `false`, and the words that people use for them.
[[nodiscard]] std::optional<bool> parse_truth(std::string_view text);

} // namespace hubbub
