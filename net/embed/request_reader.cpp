#include "net/embed/request_reader.hpp"

#include "proto/json/text.hpp"

#include <algorithm>
#include <limits>

namespace hubbub {
namespace {

constexpr auto largest = std::numeric_limits<std::int64_t>::max();

} // namespace

room_ref request_reader::room(const api::room_key& key) {
  if (key.id != 0) return room_id{number("room", key.id, 1, largest)};
  return take(clean_name(key.name, limits_->room_name, "room"));
}

std::string request_reader::id(std::string_view field, const std::string& text) {
  return take(exact_name(text, limits_->username, field));
}

std::optional<std::string> request_reader::optional_id(std::string_view field,
                                                       const std::string& text) {
  if (text.empty()) return std::nullopt;
  return id(field, text);
}

api::user request_reader::user(const api::user& given) {
  auto name = take(clean_name(given.name.empty() ? given.id : given.name, limits_->username,
                              "the user's name"));
  auto user_id = given.id.empty() ? name : id("the user's id", given.id);
  return {std::move(user_id), std::move(name)};
}

std::string request_reader::room_name(const std::string& text) {
  return take(clean_name(text, limits_->room_name, "name"));
}

std::string request_reader::content(const std::string& text) {
  return take(clean_content(text, limits_->content));
}

std::optional<std::string> request_reader::client_id(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return checked_client_id("client_id", text);
}

std::string request_reader::reason(const std::string& text) {
  if (valid_utf8(text) && !has_control(text) && count_characters(text) <= max_reason)
    return text;
  refuse(error_code::bad_request,
         "reason must be text of at most " + std::to_string(max_reason) + " characters");
  return {};
}

standing_kind request_reader::kind(const std::string& text) {
  const auto found = std::ranges::find_if(
      all_standing_kinds, [&text](standing_kind each) { return to_string(each) == text; });
  if (found != all_standing_kinds.end()) return *found;
  refuse(error_code::bad_request, "kind must be member, ban or mute");
  return standing_kind::member;
}

std::int64_t request_reader::number(std::string_view field, std::int64_t value,
                                    std::int64_t lowest, std::int64_t highest) {
  return in_range(field, value, {lowest, highest});
}

history_query request_reader::page(const api::history& request) {
  history_query query;
  if (request.before != 0)
    query.before = sequence{number("before", request.before, 1, largest)};
  if (request.after >= 0) query.after = sequence{request.after};
  if (request.around != 0)
    query.around = sequence{number("around", request.around, 1, largest)};
  if (query.around && (query.before || query.after))
    refuse(error_code::bad_request, "around excludes before and after");
  query.limit = number("limit", request.limit, 1, max_page);
  query.user_id = optional_id("user_id", request.user_id);
  if (request.from != 0) query.from = timestamp{number("from", request.from, 1, largest)};
  if (request.until != 0) query.until = timestamp{number("until", request.until, 1, largest)};
  return query;
}

search_terms request_reader::terms(const api::search& request) {
  search_terms terms;
  terms.q = trim(utf8("text", request.text));
  if (terms.q.empty() || count_characters(terms.q) > static_cast<std::size_t>(max_search))
    refuse(error_code::bad_request,
           "text must have 1 to " + std::to_string(max_search) + " characters");
  terms.user_id = optional_id("user_id", request.user_id);
  terms.offset = number("offset", request.offset, 0, max_search_offset);
  terms.limit = number("limit", request.limit, 1, max_search_page);
  return terms;
}

} // namespace hubbub
