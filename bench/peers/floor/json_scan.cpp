#include "bench/peers/floor/json_scan.hpp"

#include "proto/json/json.hpp"

#include <algorithm>
#include <cstddef>

namespace hubbub::floor {
namespace {

constexpr std::string_view between = " \t\r\n,:";

bool is_string(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"';
}

/// Returns the position after the closing quote of the string that starts at `at`, or the
/// text's end.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

/// Returns the position after the bracket that closes the one at `at`, or the text's end.
std::size_t bracket_end(std::string_view text, std::size_t at) {
  for (std::size_t depth = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return text.size();
}

} // namespace

std::optional<std::string_view> take_value(std::string_view& text) {
  const auto start = text.find_first_not_of(between);
  if (start == std::string_view::npos) return {};
  const char first = text[start];
  std::size_t end = 0;
  if (first == '"')
    end = string_end(text, start);
  else if (first == '{' || first == '[')
    end = bracket_end(text, start);
  else
    end = std::min(text.find_first_of(" \t\r\n,:]}", start), text.size());
  const auto value = text.substr(start, end - start);
  text.remove_prefix(end);
  if (value.empty()) return {};
  return value;
}

std::string_view inside(std::string_view value) {
  const bool bracketed = value.size() >= 2 && (value.front() == '{' || value.front() == '[');
  return bracketed ? value.substr(1, value.size() - 2) : std::string_view{};
}

std::string_view field(std::string_view object, std::string_view name) {
  if (!object.starts_with('{')) return {};
  auto rest = inside(object);
  while (const auto key = take_value(rest)) {
    const auto value = take_value(rest);
    if (!value) return {};
    if (is_string(*key) && key->substr(1, key->size() - 2) == name) return *value;
  }
  return {};
}

std::string text_of(std::string_view value) {
  if (!is_string(value)) return {};
  const auto written = value.substr(1, value.size() - 2);
  if (written.find('\\') == std::string_view::npos) return std::string{written};
  const auto parsed = json::parse(value, 1);
  return parsed ? std::string{parsed->root().string().value_or("")} : std::string{};
}

} // namespace hubbub::floor
