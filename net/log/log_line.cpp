#include "net/log/log_line.hpp"

#include "proto/json/text.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <type_traits>

namespace hubbub {
namespace {

/// True for what a reader of the log, or a terminal, could be misled by: controls, format
/// characters that are invisible or change the direction, separators of lines.
bool misleads(std::uint32_t c) {
  return c < 0x20U || (c >= 0x7fU && c <= 0x9fU) || c == 0xadU || c == 0x61cU ||
         (c >= 0x200bU && c <= 0x200fU) || (c >= 0x2028U && c <= 0x202eU) ||
         (c >= 0x2060U && c <= 0x206fU) || c == 0xfeffU || (c >= 0xfff9U && c <= 0xfffbU) ||
         c >= 0xe0000U;
}

void append_unit(std::string& out, std::uint32_t unit) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", unit & 0xffffU);
  out += text.data();
}

void append_escape(std::string& out, std::uint32_t c) {
  if (c < 0x10000U) return append_unit(out, c);
  append_unit(out, 0xd800U + ((c - 0x10000U) >> 10U));
  append_unit(out, 0xdc00U + ((c - 0x10000U) & 0x3ffU));
}

/// Appends text with everything escaped that could mislead; `quoted` escapes quotes too.
void append_escaped(std::string& out, std::string_view text, bool quoted) {
  const bool cut = text.size() > max_log_text;
  if (cut) text = text.substr(0, max_log_text);
  while (!text.empty()) {
    const auto [value, length] = read_character(text);
    if (length == 0) {
      append_unit(out, static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (misleads(value)) {
      append_escape(out, value);
    } else {
      if (quoted && (value == '"' || value == '\\')) out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  if (cut) out += "...";
}

void append_value(std::string& out, const log_field& field) {
  std::visit(
      [&out]<class Value>(const Value& value) {
        if constexpr (std::is_same_v<Value, std::string_view>) {
          append_log_text(out, value);
        } else if constexpr (std::is_same_v<Value, bool>) {
          out += value ? "true" : "false";
        } else if constexpr (std::is_same_v<Value, double>) {
          std::array<char, 32> digits{};
          std::snprintf(digits.data(), digits.size(), "%.6g",
                        std::isfinite(value) ? value : 0.0);
          out += digits.data();
        } else {
          out += std::to_string(value);
        }
      },
      field.value);
}

} // namespace

void append_log_text(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, true);
  out += '"';
}

std::string log_body(log_format format, log_event event, std::string_view message,
                     log_fields fields, std::uint64_t left_out) {
  std::string out;
  const bool is_json = format == log_format::json;
  if (is_json) {
    out.append(R"("event":")").append(kind_of(event).name).append(R"(","message":)");
    append_log_text(out, message);
  } else {
    out.append(kind_of(event).name).append(": ");
    append_escaped(out, message, false);
  }
  const auto append = [&](const log_field& field) {
    if (const auto* text = std::get_if<std::string_view>(&field.value); text && text->empty())
      return;
    if (is_json)
      out.append(",\"").append(field.key).append("\":");
    else
      out.append(" ").append(field.key).append("=");
    append_value(out, field);
  };
  for (const auto& field : fields)
    append(field);
  if (left_out > 0) append({"left_out", left_out});
  return out;
}

namespace {

/// Returns what makes a terminal show a level in its colour.
std::string_view colour_of(log_level level) {
  switch (level) {
  case log_level::error: return "\x1b[31m";
  case log_level::warning: return "\x1b[33m";
  case log_level::info: return "\x1b[32m";
  case log_level::trace:
  case log_level::debug:
  case log_level::off: break;
  }
  return "\x1b[36m";
}

} // namespace

void append_log_line(std::string& out, log_format format, log_level level,
                     std::chrono::system_clock::time_point time, std::string_view body) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto stamp = to_rfc3339(timestamp{since.count()});
  const bool coloured = format == log_format::coloured_text;
  if (format == log_format::json)
    out.append(R"({"time":")")
        .append(stamp)
        .append(R"(","level":")")
        .append(to_string(level))
        .append("\",")
        .append(body)
        .append("}\n");
  else
    out.append(stamp)
        .append(" ")
        .append(coloured ? colour_of(level) : "")
        .append(to_string(level))
        .append(coloured ? "\x1b[0m " : " ")
        .append(body)
        .append("\n");
}

} // namespace hubbub
