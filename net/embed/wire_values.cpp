#include "net/embed/wire_values.hpp"

#include "proto/json/text.hpp"
#include "proto/limits.hpp"
#include "proto/own_event.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace hubbub {
namespace {

using api::event_kind;

std::string text_of(json::value object, std::string_view name) {
  return std::string{object.find(name).string().value_or(std::string_view{})};
}

std::int64_t number_of(json::value object, std::string_view name) {
  return object.find(name).integer().value_or(0);
}

std::int64_t time_of(json::value object, std::string_view name) {
  const auto text = object.find(name).string();
  const auto time = text ? parse_rfc3339(*text) : std::nullopt;
  return time ? time->value : 0;
}

std::int64_t millis_of(const std::optional<timestamp>& time) {
  return time ? time->value : 0;
}

api::user user_in(json::value object) {
  return {text_of(object, "user_id"), text_of(object, "username")};
}

/// Returns an event of the room that `payload` names.
api::room_event event_of(event_kind kind, json::value payload) {
  api::room_event made;
  made.kind = kind;
  made.room_id = number_of(payload, "room_id");
  made.room = text_of(payload, "room");
  return made;
}

api::room_event logged(event_kind kind, json::value payload) {
  auto made = event_of(kind, payload);
  made.what = read_message(payload);
  made.at = {made.what.seq, made.what.rev};
  return made;
}

api::room_event with_user(event_kind kind, json::value payload, json::value user) {
  auto made = event_of(kind, payload);
  made.who = user_in(user);
  made.members = number_of(payload, "members_total");
  made.text = text_of(payload, "reason");
  return made;
}

api::room_event moderated(std::string_view name, json::value payload) {
  auto made = event_of(event_kind::moderated, payload);
  made.text = payload.find("banned").boolean().value_or(false) ? "banned" : name;
  made.who.id = text_of(payload, "by");
  return made;
}

api::room_event changed(json::value payload) {
  auto made = event_of(event_kind::changed, payload);
  if (payload.find("closed").boolean().value_or(false)) made.text = "closed";
  return made;
}

/// Reads an event of a room: its name, and the argument that tells of it.
void read_event(std::string_view name, json::value payload, said& into) {
  auto& events = into.events;
  into.is_logged = true;
  if (name == "new_message") return events.push_back(logged(event_kind::message, payload));
  if (name == "message_edited") return events.push_back(logged(event_kind::edited, payload));
  if (name == "message_deleted") return events.push_back(logged(event_kind::deleted, payload));
  into.is_logged = false;
  if (name == "user_joined")
    events.push_back(with_user(event_kind::joined, payload, payload));
  else if (name == "user_left")
    events.push_back(with_user(event_kind::left, payload, payload));
  else if (name == "typing")
    events.push_back(with_user(payload.find("is_typing").boolean().value_or(false)
                                   ? event_kind::typing
                                   : event_kind::stopped,
                               payload, payload));
  else if (name == "kicked" || name == "muted" || name == "unmuted")
    events.push_back(moderated(name, payload));
  else if (name == "room_updated")
    events.push_back(changed(payload));
  else if (name == "presence")
    for (const auto& [list, kind] :
         {std::pair{"joined", event_kind::joined}, std::pair{"left", event_kind::left}})
      for (std::size_t i = 0; i < payload.find(list).size(); ++i)
        events.push_back(with_user(kind, payload, payload.find(list).at(i)));
}

} // namespace

api::message to_public(const message& from, std::string_view room_name) {
  const auto own = read_own_event(from.content);
  return {from.id.value,
          from.room.value,
          std::string{room_name},
          from.seq.value,
          from.rev.value,
          {from.user_id, from.username},
          std::string{own ? own->text : from.content},
          from.client_id.value_or(""),
          from.created_at.value,
          millis_of(from.edited_at),
          millis_of(from.deleted_at),
          std::string{own ? own->name : std::string_view{}},
          own ? "[" + std::string{own->args} + "]" : std::string{}};
}

api::room to_public(const room_record& from, std::int64_t members) {
  return {from.id.value,
          from.name,
          from.created_at.value,
          from.first_seq.value,
          {from.last_seq.value, from.last_rev.value},
          members,
          from.owner.value_or(""),
          from.is_private,
          from.is_closed};
}

access_scope to_scope(token_scope from) {
  switch (from) {
  case token_scope::read: return access_scope::read;
  case token_scope::write: return access_scope::write;
  case token_scope::admin: return access_scope::admin;
  }
  return access_scope::none;
}

api::message read_message(json::value from) {
  api::message made;
  made.id = number_of(from, "id");
  made.room_id = number_of(from, "room_id");
  made.room = text_of(from, "room");
  made.seq = number_of(from, "seq");
  made.rev = number_of(from, "rev");
  made.author = user_in(from);
  made.content = text_of(from, "content");
  made.client_id = text_of(from, "client_id");
  made.created_at = time_of(from, "created_at");
  made.edited_at = time_of(from, "edited_at");
  made.deleted_at = time_of(from, "deleted_at");
  made.event = text_of(from, "event");
  if (!made.event.empty()) from.find("args").dump(made.args);
  return made;
}

api::member_page read_members(json::value from) {
  api::member_page page;
  const auto list = from.find("members");
  for (std::size_t i = 0; i < list.size(); ++i)
    page.members.push_back({user_in(list.at(i)), number_of(list.at(i), "connections")});
  page.total = number_of(from, "members_total");
  page.next = text_of(from, "next");
  return page;
}

api::standing read_standing(json::value from) {
  return {text_of(from, "kind"),   text_of(from, "user_id"), text_of(from, "by"),
          text_of(from, "reason"), time_of(from, "at"),      time_of(from, "until")};
}

said read_frame(const frame& what) {
  said made;
  const auto packet = what.binary() ? std::string{} : what.payload_copy();
  std::string_view text{packet};
  const bool is_event = text.starts_with("42");
  if (!is_event && !text.starts_with("43")) return made;
  text.remove_prefix(2);
  if (!is_event) {
    ack_id id = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    made.ack = id;
  }
  auto parsed = json::parse(text, max_json_depth);
  if (!parsed) return made;
  const auto root = parsed->root();
  const auto& about = what.about();
  const auto name = root.at(0).string().value_or(std::string_view{});
  if (!is_event)
    made.answer = *std::move(parsed);
  else if (about.room && !about.is_gap) // a message, the last argument of whatever event it is
    read_event("new_message", root.at(root.size() - 1), made);
  else
    read_event(name, root.at(1), made);
  return made;
}

} // namespace hubbub
