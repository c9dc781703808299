#pragma once

#include "net/log/log_event.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

enum class log_format : std::uint8_t {
  text,          ///< `TIME LEVEL EVENT: MESSAGE KEY=VALUE …`, for people
  json,          ///< one JSON object a line, for programs
  coloured_text, ///< text whose level is coloured, for people at a terminal
};

/// A key of a line with its value. Text may come from anybody.
struct log_field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;
};
using log_fields = std::initializer_list<log_field>;

/// Appends text in quotes, as JSON has it, without a character that ends a line, moves a
/// terminal's cursor or reorders what follows: they are escaped, and so are bytes that are not
/// UTF-8. What is longer than `max_log_text` is cut.
void append_log_text(std::string& out, std::string_view text);
inline constexpr std::size_t max_log_text = 1'000;

/// Makes a line without its time and its end. Fields with an empty text are left out.
/// `left_out` lines like it were not written.
[[nodiscard]] std::string log_body(log_format format, log_event event, std::string_view message,
                                   log_fields fields, std::uint64_t left_out = 0);

/// Completes a line with its time (RFC 3339, in UTC, to the millisecond) and its end.
void append_log_line(std::string& out, log_format format, log_level level,
                     std::chrono::system_clock::time_point time, std::string_view body);

} // namespace hubbub
