#include "proto/chat/field_reader.hpp"

#include "proto/json/hidden_text.hpp"
#include "proto/json/text.hpp"
#include "proto/json/whole_number.hpp"

namespace hubbub {
namespace {

/// Returns the error message for a number out of range: `limit must be a whole number from 1 to
/// 200`.
std::string range_text(std::string_view field, number_range range) {
  auto text = std::string{field}.append(" must be a whole number ");
  if (range.highest == number_range{}.highest)
    return text + "not below " + std::to_string(range.lowest);
  return text + "from " + std::to_string(range.lowest) + " to " + std::to_string(range.highest);
}

} // namespace

std::optional<std::int64_t> parse_unsigned(std::string_view text) {
  if (text.starts_with('-')) return std::nullopt;
  return parse_integral(text);
}

void field_reader::refuse(error_code code, std::string message) {
  if (!failed_) failed_ = error{code, std::move(message)};
}

std::int64_t field_reader::in_range(std::string_view field, std::optional<std::int64_t> number,
                                    number_range range) {
  if (number && *number >= range.lowest && *number <= range.highest) return *number;
  refuse(error_code::bad_request, range_text(field, range));
  return range.lowest;
}

timestamp field_reader::time_of(std::string_view field, std::optional<timestamp> time) {
  if (time) return *time;
  refuse(error_code::bad_request,
         std::string{field}.append(
             " must be a time as RFC 3339 writes it, or milliseconds since 1970"));
  return {};
}

std::string field_reader::utf8(std::string_view field, std::string_view text) {
  if (valid_utf8(text)) return std::string{text};
  refuse(error_code::bad_request, std::string{field}.append(" must be valid UTF-8"));
  return {};
}

json::value object_reader::find(std::string_view field) const {
  const auto found = object_.find(field);
  return found.is_null() ? json::value{} : found;
}

std::string_view object_reader::text(std::string_view field, json::value from) {
  if (const auto text = from.string()) return *text;
  refuse(error_code::bad_request, std::string{field}.append(" must be a string"));
  return {};
}

room_ref object_reader::room_number(std::string_view field,
                                    std::optional<std::int64_t> number) {
  return room_id{in_range(field, number, {.lowest = 1})};
}

room_ref object_reader::room_named(json::value from) {
  if (const auto name = from.string())
    return take(clean_name(*name, limits_->room_name, "room"));
  if (from.is_number()) return room_number("room", from.integer());
  refuse(error_code::bad_request, "room must be a name or a number");
  return {};
}

room_ref object_reader::room(bool bare) {
  if (bare && (object_.is_string() || object_.is_number())) return room_named(object_);
  if (const auto room = find("room"); room.exists()) return room_named(room);
  const auto id = find("room_id");
  if (const auto digits = id.string()) return room_number("room_id", parse_unsigned(*digits));
  if (id.exists()) return room_number("room_id", id.integer());
  refuse(error_code::bad_request, "room is required");
  return {};
}

std::optional<std::string> object_reader::username() {
  const auto name = find("username");
  if (!name.exists()) return std::nullopt;
  return take(clean_new_name(text("username", name), limits_->username, "username"));
}

std::optional<std::string> object_reader::shown_username() {
  const auto name = find("username");
  if (!name.exists()) return std::nullopt;
  const auto given = take(clean_name(text("username", name), limits_->username, "username"));
  return shown_name(given, limits_->username);
}

std::string object_reader::room_name() {
  return take(clean_new_name(text("name", find("name")), limits_->room_name, "name"));
}

std::string object_reader::content() {
  for (const std::string_view field : {"content", "message", "text"})
    if (const auto found = find(field); found.exists())
      return take(clean_content(text(field, found), limits_->content));
  refuse(error_code::bad_request, "content is required");
  return {};
}

std::optional<std::string> object_reader::client_id() {
  const auto found = find("client_id");
  if (!found.exists()) return std::nullopt;
  return checked_client_id("client_id", text("client_id", found));
}

std::optional<std::string> object_reader::checked_client_id(std::string_view field,
                                                            std::string_view id) {
  if (!id.empty() && valid_utf8(id) && count_characters(id) <= limits_->client_id &&
      !has_control(id))
    return std::string{id};
  refuse(error_code::bad_request, std::string{field}.append(" must have 1 to ") +
                                      std::to_string(limits_->client_id) +
                                      " characters, none of them control characters");
  return std::nullopt;
}

std::string object_reader::user_id(std::string_view field) {
  return take(exact_name(text(field, find(field)), limits_->username, field));
}

std::optional<std::string> object_reader::optional_user_id(std::string_view field) {
  if (!find(field).exists()) return std::nullopt;
  return user_id(field);
}

std::string object_reader::reason() {
  const auto found = find("reason");
  if (!found.exists()) return {};
  return take(clean_name(text("reason", found), max_reason, "reason"));
}

std::optional<bool> object_reader::optional_boolean(std::string_view field) {
  if (!find(field).exists()) return std::nullopt;
  return boolean(field);
}

bool object_reader::boolean(std::string_view field) {
  if (const auto truth = find(field).boolean()) return *truth;
  refuse(error_code::bad_request, std::string{field}.append(" must be true or false"));
  return false;
}

std::int64_t object_reader::number(std::string_view field, number_range range,
                                   std::int64_t otherwise) {
  const auto found = find(field);
  return found.exists() ? in_range(field, found.integer(), range) : otherwise;
}

std::optional<sequence> object_reader::seq(std::string_view field) {
  const auto found = find(field);
  if (!found.exists()) return std::nullopt;
  return sequence{in_range(field, found.integer(), {})};
}

sequence object_reader::required_seq(std::string_view field, std::int64_t lowest) {
  return sequence{in_range(field, find(field).integer(), {.lowest = lowest})};
}

std::optional<timestamp> object_reader::time(std::string_view field) {
  const auto found = find(field);
  if (!found.exists()) return std::nullopt;
  if (found.is_number()) return timestamp{in_range(field, found.integer(), {})};
  return time_of(field, parse_rfc3339(found.string().value_or("")));
}

std::optional<std::string> object_reader::optional_text(std::string_view field) {
  const auto found = find(field);
  if (!found.exists()) return std::nullopt;
  return utf8(field, text(field, found));
}

} // namespace hubbub
