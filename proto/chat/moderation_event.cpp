#include "proto/chat/moderation_event.hpp"

#include "proto/chat/chat_namespace.hpp"
#include "proto/chat/standing_json.hpp"
#include "proto/json/text.hpp"

#include <utility>

namespace hubbub {
namespace {

/// Returns an object as JSON, whose fields `write` adds.
template <class Write>
std::string object(const Write& write) {
  std::string text;
  json::writer out{text};
  out.begin_object();
  write(out);
  out.end_object();
  return text;
}

/// Returns the fields that `write` adds as JSON, without the braces of the object.
template <class Write>
std::string fields(const Write& write) {
  auto text = object(write);
  return text.substr(1, text.size() - 2);
}

/// Encodes an event about a room.
template <class Write>
frame_ptr room_event(std::string_view name, room_id id, std::string_view room,
                     const Write& write) {
  const auto payload = object([&](json::writer& out) {
    out.field("room_id", id.value).field("room", room);
    write(out);
  });
  return std::move(encode_event(chat_nsp, name, payload).front());
}

void write_text(json::writer& out, std::string_view name, std::string_view text) {
  out.key(name);
  if (text.empty())
    out.null();
  else
    out.string(text);
}

void write_until(json::writer& out, const std::optional<timestamp>& until) {
  write_text(out, "until", until ? to_rfc3339(*until) : std::string{});
}

} // namespace

void write_room_policy(json::writer& out, const room_policy& now) {
  out.field("private", now.is_private);
  write_text(out, "owner", now.owner.value_or(std::string{}));
  out.field("closed", now.is_closed);
}

frame_ptr event::kicked(room_id id, std::string_view room, const kick_notice& why) {
  return room_event("kicked", id, room, [&](json::writer& out) {
    write_text(out, "by", why.by);
    write_text(out, "reason", why.reason);
    out.field("banned", why.banned);
    write_until(out, why.until);
  });
}

frame_ptr event::muted(room_id id, std::string_view room, const standing& mute) {
  return room_event("muted", id, room, [&](json::writer& out) {
    write_text(out, "by", mute.by);
    write_text(out, "reason", mute.reason);
    write_until(out, mute.until);
  });
}

frame_ptr event::unmuted(room_id id, std::string_view room, std::string_view by) {
  return room_event("unmuted", id, room, [&](json::writer& out) { write_text(out, "by", by); });
}

frame_ptr event::room_updated(room_id id, std::string_view room, const room_policy& now) {
  return room_event("room_updated", id, room,
                    [&](json::writer& out) { write_room_policy(out, now); });
}

std::string room_field(room_id id, std::string_view room, const room_policy& now) {
  return fields([&](json::writer& out) {
    out.key("room").begin_object().field("id", id.value).field("name", room);
    write_room_policy(out, now);
    out.end_object();
  });
}

std::string standing_field(const standing* now) {
  return fields([&](json::writer& out) {
    out.key("standing");
    if (now != nullptr)
      write_standing(out, *now);
    else
      out.null();
  });
}

std::string kicked_field(std::int64_t sockets) {
  return fields([&](json::writer& out) { out.field("kicked", sockets); });
}

std::string standings_field(std::span<const standing> page, std::string_view next) {
  return fields([&](json::writer& out) { write_standing_page(out, page, next); });
}

frame_ptr fields_ack(ack_id id, std::string_view fields) {
  std::string text = R"({"ok":true,)";
  text.append(fields).append("}");
  return std::move(encode_ack(chat_nsp, id, text).front());
}

} // namespace hubbub
