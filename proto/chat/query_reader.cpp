#include "proto/chat/query_reader.hpp"

#include "proto/json/text.hpp"

#include <algorithm>

namespace hubbub {
namespace {

/// Returns the text with its spaces turned into pluses: a plus that was not escaped had become
/// a space.
std::string with_pluses(std::string text) {
  std::ranges::replace(text, ' ', '+');
  return text;
}

std::optional<std::int64_t> number_in(const std::string& text) {
  return parse_unsigned(with_pluses(text));
}

} // namespace

std::int64_t query_reader::number(std::string_view name, number_range range,
                                  std::int64_t otherwise) {
  const auto* text = find(name);
  return text == nullptr ? otherwise : in_range(name, number_in(*text), range);
}

std::optional<sequence> query_reader::seq(std::string_view name) {
  const auto* text = find(name);
  if (text == nullptr) return std::nullopt;
  return sequence{in_range(name, number_in(*text), {})};
}

std::optional<std::string> query_reader::optional_text(std::string_view name) {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  return utf8(name, *found);
}

std::optional<timestamp> query_reader::time(std::string_view name) {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (const auto milliseconds = number_in(*found)) return timestamp{*milliseconds};
  return time_of(name, parse_rfc3339(with_pluses(*found)));
}

std::string query_reader::author(const chat_limits& limits, bool by_id) {
  const auto* id = by_id ? find("user_id") : nullptr;
  if (id != nullptr) return take(exact_name(*id, limits.username, "user_id"));
  const auto* found = find("username");
  if (found != nullptr) return take(clean_name(*found, limits.username, "username"));
  refuse(error_code::bad_request, "username is required");
  return {};
}

const std::string* query_reader::find(std::string_view name) {
  const auto at = std::ranges::find(*params_, name, &query_param::name);
  if (at == params_->end()) return nullptr;
  if (at->is_decoded) return &at->value;
  refuse(error_code::bad_request, std::string{name} + " is not properly encoded");
  return nullptr;
}

} // namespace hubbub
