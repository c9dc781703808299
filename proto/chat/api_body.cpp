#include "proto/chat/api_body.hpp"

#include "proto/chat/chat_event.hpp"
#include "proto/chat/field_reader.hpp"
#include "proto/chat/history_fields.hpp"
#include "proto/chat/moderation_event.hpp"
#include "proto/chat/query_reader.hpp"
#include "proto/json/hidden_text.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"

#include <utility>

namespace hubbub {
namespace {

/// The author of a message over HTTP that names none.
constexpr std::string_view anonymous = "anonymous";

unexpected<error> refuse_body(std::string_view why) {
  return unexpected(error{error_code::bad_request, std::string{why}});
}

/// True if the body is in UTF-16 or UTF-32. JSON begins with two ASCII characters, so a zero
/// byte among the first two gives it away, as does a byte order mark.
bool is_utf16(std::string_view body) {
  return body.starts_with("\xff\xfe") || body.starts_with("\xfe\xff") ||
         (body.size() > 1 && (body[0] == '\0' || body[1] == '\0'));
}

/// Returns the value of a header without the quotes of a string of RFC 8941, if it has them.
std::string unquoted(std::string_view value) {
  if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"'))
    return std::string{value};
  value = value.substr(1, value.size() - 2);
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

void write_room(json::writer& out, const room_record& room, std::int64_t members_total,
                const read_state* reading = nullptr) {
  out.begin_object()
      .field("id", room.id.value)
      .field("name", room.name)
      .field("created_at", to_rfc3339(room.created_at))
      .field("members_total", members_total)
      .field("first_seq", room.first_seq.value)
      .field("last_seq", room.last_seq.value)
      .key("last_message_at");
  if (room.last_message_at)
    out.string(to_rfc3339(*room.last_message_at));
  else
    out.null();
  write_room_policy(out, policy_of(room));
  if (reading != nullptr)
    out.field("read_seq", reading->read_seq.value).field("unread", reading->unread);
  out.end_object();
}

struct speaker {
  std::string user_id;
  std::string username;
};

/// Returns the user in whose name a request speaks; nothing if it does not say.
std::optional<speaker> speaker_of(object_reader& read, const access& who) {
  if (who.proven && !who.any_user) return speaker{who.user_id, who.username};
  if (const auto user_id = who.any_user ? read.optional_user_id("user_id") : std::nullopt)
    return speaker{*user_id, read.shown_username().value_or(*user_id)};
  const auto username = read.username();
  if (!username) return std::nullopt;
  return speaker{*username, *username};
}

} // namespace

expected<json::document, error> parse_object(std::string_view body) {
  body = without_bom(body);
  // The text of a WebSocket frame was checked before it gets here; the body of a request was
  // not.
  if (is_utf16(body))
    return refuse_body("the body must be in UTF-8, and this is UTF-16 or UTF-32");
  if (!valid_utf8(body)) return refuse_body("the body must be in UTF-8, and this is not");
  auto parsed = json::parse(body, max_json_depth);
  if (!parsed || !parsed->root().is_object())
    return refuse_body("the body must be a JSON object");
  return std::move(*parsed);
}

expected<new_room, error> parse_new_room(std::string_view body, const chat_limits& limits) {
  const auto document = parse_object(body);
  if (!document) return unexpected(document.error());
  object_reader read{document->root(), limits};
  new_room room;
  room.name = read.room_name();
  room.is_private = read.optional_boolean("private").value_or(false);
  room.owner = read.optional_user_id("owner");
  return read.finish(std::move(room));
}

expected<post_message, error> parse_post_message(std::string_view body, bool room_in_body,
                                                 std::string_view idempotency_key,
                                                 const chat_limits& limits, const access& who) {
  const auto document = parse_object(body);
  if (!document) return unexpected(document.error());
  object_reader read{document->root(), limits};
  post_message post;
  if (room_in_body) post.room = read.room(false);
  post.content = read.content();
  const auto nobody = std::string{who.proven ? who.user_id : anonymous};
  auto author = speaker_of(read, who).value_or(speaker{nobody, nobody});
  if (who.any_user && has_hidden(author.user_id))
    read.refuse(error_code::bad_request, "user_id must not hold invisible characters");
  post.user_id = std::move(author.user_id);
  post.username = std::move(author.username);
  post.client_id = read.client_id();
  if (!idempotency_key.empty()) {
    const auto key = read.checked_client_id("Idempotency-Key", unquoted(idempotency_key));
    if (post.client_id && key != post.client_id)
      read.refuse(error_code::bad_request, "client_id and Idempotency-Key must be the same");
    post.client_id = key;
  }
  // Everybody who posts without a name is `anonymous`, so a client_id under that name is not
  // unique.
  if (post.client_id && !who.proven && post.user_id == anonymous)
    read.refuse(error_code::bad_request, "client_id needs a username");
  return read.finish(std::move(post));
}

expected<edit_body, error> parse_edit_body(std::string_view body, const chat_limits& limits,
                                           const access& who) {
  const auto document = parse_object(body);
  if (!document) return unexpected(document.error());
  object_reader read{document->root(), limits};
  edit_body edit;
  edit.content = read.content();
  if (const auto author = speaker_of(read, who))
    edit.user_id = author->user_id;
  else
    read.refuse(error_code::bad_request, "username is required");
  return read.finish(std::move(edit));
}

expected<std::string, error> parse_author(const query_params& params, const chat_limits& limits,
                                          const access& who) {
  if (who.proven && !who.any_user) return who.user_id;
  query_reader read{params};
  return read.finish(read.author(limits, who.any_user));
}

expected<rooms_query, error> parse_rooms_query(const query_params& params) {
  query_reader read{params};
  rooms_query query;
  query.limit = read.number("limit", {1, max_room_page}, default_room_page);
  query.after = room_id{read.number("after", {}, 0)};
  query.q = read.optional_text("q").value_or("");
  query.user_id = read.optional_text("user_id");
  if (count_characters(query.q) > max_query)
    read.refuse(error_code::bad_request,
                "q must have at most " + std::to_string(max_query) + " characters");
  return read.finish(std::move(query));
}

expected<history_query, error> parse_history_query(const query_params& params) {
  query_reader read{params};
  auto query = read_history(read);
  return read.finish(std::move(query));
}

expected<search_terms, error> parse_search_terms(const query_params& params) {
  query_reader read{params};
  auto terms = read_search(read);
  return read.finish(std::move(terms));
}

expected<members_query, error> parse_members_query(const query_params& params) {
  query_reader read{params};
  members_query query;
  query.limit = read.number("limit", {1, max_member_page}, default_member_page);
  query.after = read.optional_text("after");
  return read.finish(std::move(query));
}

expected<room_id, error> parse_room_id(std::string_view segment) {
  const auto number = parse_unsigned(segment);
  if (!number || *number == 0)
    return unexpected(error{error_code::not_found, "there is no such room"});
  return room_id{*number};
}

expected<sequence, error> parse_message_seq(std::string_view segment) {
  const auto number = parse_unsigned(segment);
  if (!number || *number == 0)
    return unexpected(error{error_code::not_found, "there is no such message"});
  return sequence{*number};
}

std::string room_json(const room_record& room, std::int64_t members_total) {
  std::string text;
  json::writer out{text};
  write_room(out, room, members_total);
  return text;
}

std::string rooms_json(std::span<const room_record> rooms,
                       std::span<const std::int64_t> members_totals,
                       std::span<const read_state> readings, std::optional<room_id> next) {
  std::string text;
  json::writer out{text};
  out.begin_object().key("rooms").begin_array();
  for (std::size_t i = 0; i < rooms.size(); ++i)
    write_room(out, rooms[i], i < members_totals.size() ? members_totals[i] : 0,
               i < readings.size() ? &readings[i] : nullptr);
  out.end_array().key("next");
  if (next)
    out.integer(next->value);
  else
    out.null();
  out.end_object();
  return text;
}

std::string messages_json(std::string_view messages_array, const page_ends& ends) {
  std::string text;
  text.reserve(messages_array.size() + 64);
  json::writer out{text};
  out.begin_object().key("messages").raw(messages_array);
  write_page_ends(out, ends);
  out.end_object();
  return text;
}

std::string results_json(std::string_view results_array, bool has_more) {
  std::string text;
  text.reserve(results_array.size() + 64);
  json::writer out{text};
  out.begin_object().key("results").raw(results_array).field("has_more", has_more);
  out.end_object();
  return text;
}

std::string members_json(std::span<const member> members, std::int64_t members_total,
                         std::string_view next) {
  std::string text;
  json::writer out{text};
  out.begin_object();
  write_member_page(out, members, members_total, next);
  out.end_object();
  return text;
}

std::string error_body(const error& e) {
  std::string text;
  json::writer out{text};
  out.begin_object().key("error").raw(error_json(e)).end_object();
  return text;
}

std::string info_json(std::string_view version, std::string_view auth,
                      const chat_limits& limits, std::size_t max_payload,
                      std::span<const std::string_view> features) {
  std::string text;
  json::writer out{text};
  const auto size = [&out](std::string_view name, std::size_t number) {
    out.field(name, static_cast<std::int64_t>(number));
  };
  out.begin_object().field("version", version).field("auth", auth);
  out.key("limits").begin_object();
  size("max_payload", max_payload);
  size("room_name", limits.room_name);
  size("username", limits.username);
  size("content", limits.content);
  size("client_id", limits.client_id);
  size("rooms_per_socket", limits.rooms_per_socket);
  out.field("history", max_history).field("page", max_page).end_object();
  out.key("features").begin_array();
  for (const auto feature : features)
    out.string(feature);
  out.end_array().end_object();
  return text;
}

} // namespace hubbub
