#include "bench/peers/floor/chat.hpp"

#include "bench/peers/floor/json_scan.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace hubbub::floor {
namespace {

/// Makes a text frame from pieces without copying them in between.
frame_ptr frame_of(std::initializer_list<std::string_view> parts) {
  frame_builder builder;
  for (const auto part : parts)
    builder.out() += part;
  return std::move(builder).finish();
}

/// Returns the part of a payload that names a room: `{"room":…}`, or the name alone.
std::string_view room_name(std::string_view argument) {
  return argument.starts_with('"') ? argument : field(argument, "room");
}

std::string about_room(const room& where) {
  return R"({"room_id":)" + std::to_string(where.id.value) + R"(,"room":)" + where.name;
}

std::string about_user(const connection& who) {
  return R"(,"user_id":)" + who.user + R"(,"username":)" + who.user;
}

std::string message_object(const logged_message& sent, const message& stored) {
  const auto number = [](auto id) { return std::to_string(id.value); };
  std::string text;
  text.reserve(sent.content.size() + 256);
  text += R"({"id":)" + number(stored.id) + R"(,"room_id":)" + number(sent.where->id);
  text += R"(,"room":)" + sent.where->name + R"(,"seq":)" + number(stored.seq);
  text += R"(,"user_id":)" + sent.user + R"(,"username":)" + sent.user;
  text += R"(,"content":)" + sent.content;
  text += R"(,"created_at":")" + to_rfc3339(stored.created_at) + R"("})";
  return text;
}

} // namespace

void chat::add(const room_record& known) {
  auto fresh = std::make_unique<room>();
  fresh->id = known.id;
  fresh->last_seq = known.last_seq;
  json::append_string(fresh->name, known.name);
  rooms_.emplace(known.name, std::move(fresh));
}

bool chat::receive(const connection_ptr& from, std::string_view packet) {
  if (packet.empty()) return false;
  const char type = packet.front();
  packet.remove_prefix(1);
  if (type == '0') {
    connect(*from, packet);
    return true;
  }
  if (type != '2' || !from->connected) return false;
  event what;
  what.ack = packet.substr(0, std::min(packet.find('['), packet.size()));
  packet.remove_prefix(what.ack.size());
  auto arguments = inside(packet);
  what.name = take_value(arguments).value_or("");
  what.argument = take_value(arguments).value_or("");
  receive_event(from, what);
  return true;
}

void chat::connect(connection& from, std::string_view auth) {
  const auto name = field(auth, "username");
  const auto serial = std::to_string(from.serial);
  from.user = name.empty() ? R"("guest-)" + serial + '"' : std::string{name};
  from.connected = true;
  out_->send(from, out_->keep(frame_of({R"(40{"sid":")", serial, R"("})"})));
}

void chat::receive_event(const connection_ptr& from, const event& what) {
  if (what.name == R"("send_message")") return send_message(from, what);
  if (what.name == R"("typing")") return type(*from, what);
  if (what.name == R"("join_room")") return join(*from, what);
  if (what.name == R"("leave_room")") return leave(*from, what);
  refuse(*from, what.ack, "unknown_event");
}

void chat::join(connection& from, const event& what) {
  auto* const where = named_by(what.argument);
  if (!where) return refuse(from, what.ack, "bad_request");
  if (!joined_by(from, what.argument)) {
    from.rooms.push_back({where, where->members.size()});
    where->members.push_back(&from);
    tell_others(*where, from,
                R"(42["user_joined",)" + about_room(*where) + about_user(from) +
                    R"(,"members_total":)" + std::to_string(where->members.size()) + "}]");
  }
  answer(from, what.ack,
         R"(,"room":{"id":)" + std::to_string(where->id.value) + R"(,"name":)" + where->name +
             R"(,"last_seq":)" + std::to_string(where->last_seq.value) +
             R"(},"members_total":)" + std::to_string(where->members.size()) +
             R"(,"messages":[],"gap":false)");
}

void chat::leave(connection& from, const event& what) {
  const auto name = room_name(what.argument);
  for (std::size_t nth = 0; nth < from.rooms.size(); ++nth)
    if (from.rooms[nth].where->name == name) {
      drop(from, nth, "leave");
      break;
    }
  answer(from, what.ack, "");
}

void chat::send_message(const connection_ptr& from, const event& what) {
  auto* const where = joined_by(*from, what.argument);
  if (!where) return refuse(*from, what.ack, "not_a_member");
  const auto content = field(what.argument, "content");
  auto text = text_of(content);
  if (text.empty()) return refuse(*from, what.ack, "bad_request");
  auto user = text_of(from->user);
  logged_message sent{.sender = from,
                      .ack = std::string{what.ack},
                      .where = where,
                      .user = from->user,
                      .content = std::string{content},
                      .append = {},
                      .outcome = {}};
  sent.append.room = where->id;
  sent.append.user_id = user;
  sent.append.username = std::move(user);
  sent.append.content = std::move(text);
  log_->add(std::move(sent));
}

void chat::publish(const logged_message& sent) {
  const auto* const done = std::get_if<appended>(&sent.outcome);
  auto& sender = *sent.sender;
  if (!done) return refuse(sender, sent.ack, "storage_error");
  auto& where = *sent.where;
  where.last_seq = done->stored.seq;
  const auto object = message_object(sent, done->stored);
  const auto wire = out_->keep(frame_of({R"(42["new_message",)", object, "]"}));
  for (auto* const each : where.members)
    if (each != &sender || sent.ack.empty()) out_->send(*each, wire);
  answer(sender, sent.ack, R"(,"message":)" + object);
}

void chat::type(connection& from, const event& what) {
  const auto* const where = joined_by(from, what.argument);
  if (!where) return refuse(from, what.ack, "not_a_member");
  const bool types = field(what.argument, "is_typing") == "true";
  tell_others(*where, from,
              R"(42["typing",)" + about_room(*where) + about_user(from) + R"(,"is_typing":)" +
                  (types ? "true}]" : "false}]"));
  answer(from, what.ack, "");
}

void chat::remove(connection& gone) {
  while (!gone.rooms.empty())
    drop(gone, gone.rooms.size() - 1, "disconnect");
}

/// Returns the room of this name, created if it does not exist; null if there is no name or it
/// cannot be created.
room* chat::named_by(std::string_view argument) {
  auto name = text_of(room_name(argument));
  if (name.empty()) return nullptr;
  if (const auto known = rooms_.find(name); known != rooms_.end()) return known->second.get();
  room_record fresh;
  fresh.id = log_->create(name);
  fresh.name = std::move(name);
  if (fresh.id == room_id{}) return nullptr;
  add(fresh);
  return rooms_[fresh.name].get();
}

/// Returns the room of this name if the connection has joined it, else null.
room* chat::joined_by(const connection& from, std::string_view argument) {
  const auto name = room_name(argument);
  for (const auto& each : from.rooms)
    if (each.where->name == name) return each.where;
  return nullptr;
}

/// Takes the connection out of its `nth`-th room.
void chat::drop(connection& from, std::size_t nth, std::string_view reason) {
  const auto [where, index] = from.rooms[nth];
  from.rooms.erase(from.rooms.begin() + static_cast<std::ptrdiff_t>(nth));
  auto& members = where->members;
  auto* const last = members.back();
  members[index] = last;
  members.pop_back();
  for (auto& each : last->rooms)
    if (each.where == where) each.index = index;
  tell_others(*where, from,
              R"(42["user_left",)" + about_room(*where) + about_user(from) + R"(,"reason":")" +
                  std::string{reason} + R"(","members_total":)" +
                  std::to_string(members.size()) + "}]");
}

void chat::tell_others(const room& where, const connection& about, const std::string& payload) {
  if (where.members.empty()) return;
  const auto wire = out_->keep(text_frame(payload));
  for (auto* const each : where.members)
    if (each != &about) out_->send(*each, wire);
}

/// Sends an `ok` ack with more `fields`, if an ack was asked for.
void chat::answer(connection& to, std::string_view ack, std::string_view fields) {
  if (ack.empty()) return;
  out_->send(to, out_->keep(frame_of({"43", ack, R"([{"ok":true)", fields, "}]"})));
}

void chat::refuse(connection& to, std::string_view ack, std::string_view code) {
  const bool asked = !ack.empty();
  const std::string_view head =
      asked ? R"([{"ok":false,"error":{"code":")" : R"(42["error",{"code":")";
  const std::string_view tail =
      asked ? R"(","message":"refused"}}])" : R"(","message":"refused"}])";
  out_->send(to, out_->keep(frame_of({asked ? "43" : "", ack, head, code, tail})));
}

} // namespace hubbub::floor
