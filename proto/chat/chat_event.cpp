#include "proto/chat/chat_event.hpp"

#include "proto/chat/chat_namespace.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/own_event.hpp"
#include "proto/socket/socket_packet.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hubbub {
namespace {

/// Returns the one frame of a packet without attachments.
frame_ptr only(std::vector<frame_ptr> frames) {
  return std::move(frames.front());
}

frame_ptr chat_event(std::string_view name, std::string_view payload, message_span about = {}) {
  return only(encode_event(chat_nsp, name, payload, {}, {}, std::move(about)));
}

void write_user(json::writer& out, const presence_user& user) {
  out.field("user_id", user.user_id).field("username", user.username);
}

void write_users(json::writer& out, std::span<const presence_user> users) {
  out.begin_array();
  for (const auto& user : users) {
    out.begin_object();
    write_user(out, user);
    out.end_object();
  }
  out.end_array();
}

/// Opens the payload of an event about a room.
void begin_room_event(json::writer& out, room_id id, std::string_view room) {
  out.begin_object().field("room_id", id.value).field("room", room);
}

std::string gap_json(room_id id, std::string_view room, sequence from, sequence to) {
  std::string text;
  json::writer out{text};
  begin_room_event(out, id, room);
  out.field("from_seq", from.value).field("to_seq", to.value).end_object();
  return text;
}

void write_member(json::writer& out, const member& who) {
  out.begin_object()
      .field("user_id", who.user_id)
      .field("username", who.username)
      .field("connections", who.connections)
      .end_object();
}

void write_members(json::writer& out, std::span<const member> members) {
  out.begin_array();
  for (const auto& m : members)
    write_member(out, m);
  out.end_array();
}

void write_error(json::writer& out, const error& e) {
  out.field("code", wire_name(e.code)).field("message", e.message);
  if (e.retry_after.count() > 0) out.field("retry_after_ms", e.retry_after.count());
}

} // namespace

std::string_view to_string(leave_reason reason) {
  switch (reason) {
  case leave_reason::leave: return "leave";
  case leave_reason::disconnect: return "disconnect";
  case leave_reason::timeout: return "timeout";
  case leave_reason::slow_reader: return "slow_reader";
  case leave_reason::kicked: break;
  }
  return "kicked";
}

void append_member(std::string& out, const member& who) {
  json::writer writer{out};
  write_member(writer, who);
}

std::string message_json(const message& m, std::string_view room_name) {
  std::string text;
  // Everything but the four texts fits into the constant that is added.
  text.reserve(m.content.size() + room_name.size() + m.user_id.size() + m.username.size() +
               256);
  const auto own = read_own_event(m.content);
  json::writer out{text};
  out.begin_object()
      .field("id", m.id.value)
      .field("room_id", m.room.value)
      .field("room", room_name)
      .field("seq", m.seq.value)
      .field("rev", m.rev.value)
      .field("user_id", m.user_id)
      .field("username", m.username)
      .field("content", own ? own->text : m.content);
  if (own) {
    out.field("event", own->name).key("args").raw("[");
    text.append(own->args).append("]");
  }
  if (m.client_id) out.field("client_id", *m.client_id);
  out.field("created_at", to_rfc3339(m.created_at));
  if (m.edited_at) out.field("edited_at", to_rfc3339(*m.edited_at));
  if (m.deleted_at) out.field("deleted_at", to_rfc3339(*m.deleted_at));
  out.end_object();
  return text;
}

std::string hit_json(std::string_view message_json, std::span<const snippet_part> snippet) {
  std::string text;
  json::writer out{text};
  out.begin_object().key("message").raw(message_json).key("snippet").begin_array();
  for (const auto& part : snippet)
    out.begin_object().field("text", part.text).field("match", part.match).end_object();
  out.end_array().end_object();
  return text;
}

void write_page_ends(json::writer& out, const page_ends& ends) {
  out.field("has_more", ends.has_more);
  if (ends.has_more_before) out.field("has_more_before", *ends.has_more_before);
}

std::string join_json(std::span<const std::string> items) {
  std::string text;
  json::writer out{text};
  out.begin_array();
  for (const auto& item : items)
    out.raw(item);
  out.end_array();
  return text;
}

void write_member_page(json::writer& out, std::span<const member> members,
                       std::int64_t members_total, std::string_view next) {
  write_members(out.key("members"), members);
  out.field("members_total", members_total).key("next");
  if (next.empty())
    out.null();
  else
    out.string(next);
}

std::string error_json(const error& e) {
  std::string text;
  json::writer out{text};
  out.begin_object();
  write_error(out, e);
  out.end_object();
  return text;
}

frame_ptr event::new_message(std::string_view message_json, message_span about) {
  return chat_event("new_message", message_json, std::move(about));
}

frame_ptr event::stored(const message& what, std::string_view message_json,
                        message_span about) {
  const auto own = read_own_event(what.content);
  if (!own) return new_message(message_json, std::move(about));
  std::string args{own->args};
  if (!args.empty()) args += ',';
  args += message_json;
  return chat_event(own->name, args, std::move(about));
}

frame_ptr event::message_edited(std::string_view message_json, message_span about) {
  return chat_event("message_edited", message_json, std::move(about));
}

frame_ptr event::message_deleted(std::string_view message_json, message_span about) {
  return chat_event("message_deleted", message_json, std::move(about));
}

frame_ptr event::message_changed(const message& now, std::string_view message_json,
                                 message_span about) {
  return now.deleted_at ? message_deleted(message_json, std::move(about))
                        : message_edited(message_json, std::move(about));
}

frame_ptr event::gap(room_id id, std::string_view room, sequence from, sequence to) {
  return chat_event("gap", gap_json(id, room, from, to));
}

frame_ptr event::gap(const message_span& skipped) {
  const auto& room = *skipped.room;
  return chat_event("gap", gap_json(room.id, room.name, skipped.first, skipped.last),
                    {skipped.room, skipped.first, skipped.last, true});
}

frame_ptr event::offset(std::string_view offset) {
  std::string text;
  text.reserve(offset.size() + 2);
  text.append("\"").append(offset).append("\"");
  return chat_event("offset", text);
}

frame_ptr event::user_joined(room_id id, std::string_view room, const presence_user& user,
                             std::int64_t members_total) {
  std::string text;
  json::writer out{text};
  begin_room_event(out, id, room);
  write_user(out, user);
  out.field("members_total", members_total).end_object();
  return chat_event("user_joined", text);
}

frame_ptr event::user_left(room_id id, std::string_view room, const presence_user& user,
                           leave_reason reason, std::int64_t members_total) {
  std::string text;
  json::writer out{text};
  begin_room_event(out, id, room);
  write_user(out, user);
  out.field("members_total", members_total).field("reason", to_string(reason)).end_object();
  return chat_event("user_left", text);
}

frame_ptr event::presence(room_id id, std::string_view room,
                          std::span<const presence_user> joined,
                          std::span<const presence_user> left, std::int64_t members_total) {
  std::string text;
  json::writer out{text};
  begin_room_event(out, id, room);
  write_users(out.key("joined"), joined);
  write_users(out.key("left"), left);
  out.field("members_total", members_total).end_object();
  return chat_event("presence", text);
}

frame_ptr event::typing(room_id id, std::string_view room, const presence_user& user,
                        bool is_typing) {
  std::string text;
  json::writer out{text};
  begin_room_event(out, id, room);
  write_user(out, user);
  out.field("is_typing", is_typing).end_object();
  return chat_event("typing", text);
}

frame_ptr event::read(room_id id, std::string_view room, sequence seq) {
  std::string text;
  json::writer out{text};
  begin_room_event(out, id, room);
  out.field("seq", seq.value).end_object();
  return chat_event("read", text);
}

frame_ptr event::foreign(std::string_view name, std::string_view args_json) {
  return chat_event(name, args_json);
}

bool is_chat_event(std::string_view name) {
  static constexpr auto ours = std::to_array<std::string_view>(
      {"new_message", "message_edited", "message_deleted", "user_joined", "user_left",
       "presence", "typing", "token_expired", "read", "kicked", "muted", "unmuted",
       "room_updated", "error", "gap", "offset"});
  return std::ranges::find(ours, name) != ours.end();
}

bool is_free_event(std::string_view name) {
  return !name.empty() && valid_utf8(name) && !has_control(name) && !is_library_event(name) &&
         !is_chat_event(name);
}

frame_ptr ok_ack(ack_id id) {
  ack_writer ack{chat_nsp, id};
  ack.arguments() += R"({"ok":true})";
  return std::move(ack).finish();
}

frame_ptr message_ack(ack_id id, std::string_view message_json) {
  ack_writer ack{chat_nsp, id, message_json.size() + sizeof R"({"ok":true,"message":})"};
  json::writer out{ack.arguments()};
  out.begin_object().field("ok", true).key("message").raw(message_json).end_object();
  return std::move(ack).finish();
}

frame_ptr join_ack(ack_id id, const join_result& result) {
  ack_writer ack{chat_nsp, id, result.members_json.size() + result.messages_json.size() + 256};
  json::writer out{ack.arguments()};
  out.begin_object().field("ok", true);
  out.key("room")
      .begin_object()
      .field("id", result.id.value)
      .field("name", result.room)
      .field("first_seq", result.first_seq.value)
      .field("last_seq", result.last_seq.value)
      .end_object();
  out.key("members").begin_array();
  // In front, so that a list of members goes on after the last one.
  if (!result.joined_json.empty()) out.raw(result.joined_json);
  if (!result.members_json.empty()) out.raw(result.members_json);
  out.end_array();
  out.field("members_total", result.members_total);
  out.key("messages").raw(result.messages_json);
  out.field("gap", result.gap);
  out.field("read_seq", result.reading.read_seq.value);
  out.field("unread", result.reading.unread).end_object();
  return std::move(ack).finish();
}

frame_ptr marked_ack(ack_id id, const read_state& reading) {
  ack_writer ack{chat_nsp, id};
  json::writer out{ack.arguments()};
  out.begin_object().field("ok", true).field("seq", reading.read_seq.value);
  out.field("unread", reading.unread).end_object();
  return std::move(ack).finish();
}

frame_ptr messages_ack(ack_id id, std::string_view messages_json, const page_ends& ends) {
  ack_writer ack{chat_nsp, id, messages_json.size() + 64};
  json::writer out{ack.arguments()};
  out.begin_object().field("ok", true).key("messages").raw(messages_json);
  write_page_ends(out, ends);
  out.end_object();
  return std::move(ack).finish();
}

frame_ptr results_ack(ack_id id, std::string_view results_json, bool has_more) {
  ack_writer ack{chat_nsp, id, results_json.size() + 64};
  json::writer out{ack.arguments()};
  out.begin_object().field("ok", true).key("results").raw(results_json);
  out.field("has_more", has_more).end_object();
  return std::move(ack).finish();
}

frame_ptr members_ack(ack_id id, std::span<const member> members, std::int64_t members_total,
                      std::string_view next) {
  ack_writer ack{chat_nsp, id};
  json::writer out{ack.arguments()};
  out.begin_object().field("ok", true);
  write_member_page(out, members, members_total, next);
  out.end_object();
  return std::move(ack).finish();
}

frame_ptr error_ack(ack_id id, const error& e) {
  ack_writer ack{chat_nsp, id};
  json::writer out{ack.arguments()};
  out.begin_object().field("ok", false).key("error").raw(error_json(e)).end_object();
  return std::move(ack).finish();
}

frame_ptr event::error(std::string_view event, const hubbub::error& e) {
  std::string text;
  json::writer out{text};
  out.begin_object().field("event", event);
  write_error(out, e);
  out.end_object();
  return chat_event("error", text);
}

} // namespace hubbub
