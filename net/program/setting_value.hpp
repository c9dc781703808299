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

/// The longest duration that can be told: a hundred years. Added to any moment of today, or
/// taken from it, it stays within the nanoseconds of the clocks.
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
