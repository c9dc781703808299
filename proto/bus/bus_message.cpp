#include "proto/bus/bus_message.hpp"

#include "proto/chat/chat_event.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"
#include "proto/overloaded.hpp"
#include "proto/own_event.hpp"

#include <cstdint>
#include <limits>
#include <utility>

namespace hubbub {

namespace {

/// That of the arguments of an event, within a message.
constexpr std::size_t max_depth = max_json_depth + 1;
/// Maximum number of entries that one message stands for. A batch of a writer has fewer.
constexpr std::int64_t max_entries = 1'000'000;
/// Number of fields of an entry.
constexpr std::size_t entry_fields = 9;

json::writer begin(std::string& out, const bus_origin& from, std::string_view kind) {
  json::writer writer{out};
  writer.begin_object()
      .field("v", bus_wire)
      .field("node", from.node)
      .field("run", from.run)
      .field("kind", kind);
  return writer;
}

void write_time(json::writer& out, const std::optional<timestamp>& time) {
  if (time)
    out.integer(time->value);
  else
    out.null();
}

/// Writes an entry. Its room and its rev follow from the message that it is in.
void write_entry(json::writer& out, const message& entry) {
  out.begin_array()
      .integer(entry.id.value)
      .integer(entry.seq.value)
      .string(entry.user_id)
      .string(entry.username)
      .string(entry.content);
  if (entry.client_id)
    out.string(*entry.client_id);
  else
    out.null();
  out.integer(entry.created_at.value);
  write_time(out, entry.edited_at);
  write_time(out, entry.deleted_at);
  out.end_array();
}

std::string encode_log(const bus_origin& from, std::span<const message* const> entries,
                       bool whole) {
  std::string text;
  auto out = begin(text, from, "log");
  const auto& first = *entries.front();
  out.field("room", first.room.value)
      .field("from", first.rev.value - 1)
      .field("to", entries.back()->rev.value);
  if (whole) {
    out.key("entries").begin_array();
    for (const auto* entry : entries) {
      if (text.size() > max_bus_message) break;
      write_entry(out, *entry);
    }
    out.end_array();
  }
  out.end_object();
  return text;
}

/// Reads a time or null; false for anything else.
bool read_time(const json::value& from, std::optional<timestamp>& to) {
  if (from.is_null()) return true;
  const auto number = from.integer();
  if (number) to = timestamp{*number};
  return number.has_value();
}

bool read_text(const json::value& from, std::string& to) {
  const auto text = from.string();
  // A lone surrogate in an escape is no UTF-8 once it is decoded.
  if (!text || !valid_utf8(*text) || text->find('\0') != std::string_view::npos) return false;
  to = *text;
  return true;
}

std::optional<message> read_entry(const json::value& from, room_id room, revision rev) {
  if (!from.is_array() || from.size() != entry_fields) return std::nullopt;
  const auto id = from.at(0).integer();
  const auto seq = from.at(1).integer();
  const auto created = from.at(6).integer();
  if (!id || *id <= 0 || !seq || *seq <= 0 || !created) return std::nullopt;
  message entry;
  entry.id = message_id{*id};
  entry.room = room;
  entry.seq = sequence{*seq};
  entry.rev = rev;
  entry.created_at = timestamp{*created};
  if (!read_text(from.at(2), entry.user_id) || entry.user_id.empty() ||
      !read_text(from.at(3), entry.username) || !read_text(from.at(4), entry.content))
    return std::nullopt;
  if (!from.at(5).is_null()) {
    entry.client_id.emplace();
    if (!read_text(from.at(5), *entry.client_id)) return std::nullopt;
  }
  if (!read_time(from.at(7), entry.edited_at) || !read_time(from.at(8), entry.deleted_at))
    return std::nullopt;
  return entry;
}

std::optional<bus_log> read_log(const json::value& from) {
  const auto room = from.find("room").integer();
  const auto after = from.find("from").integer();
  const auto to = from.find("to").integer();
  if (!room || *room <= 0 || !after || *after < 0 || !to || *to <= *after ||
      *to - *after > max_entries)
    return std::nullopt;
  bus_log log{room_id{*room}, revision{*after}, revision{*to}};
  const auto entries = from.find("entries");
  if (!entries.exists()) return log;
  if (!entries.is_array() || static_cast<std::int64_t>(entries.size()) != *to - *after)
    return std::nullopt;
  log.entries.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto entry = read_entry(entries.at(i), log.room,
                            revision{*after + 1 + static_cast<std::int64_t>(i)});
    if (!entry) return std::nullopt;
    log.entries.push_back(*std::move(entry));
  }
  return log;
}

/// Reads what all asides have: the room and the user.
template <class Aside>
bool read_place(const json::value& from, Aside& to) {
  const auto room = from.find("room").integer();
  if (room) to.room = room_id{*room};
  return room && *room > 0 && read_text(from.find("user_id"), to.user_id) &&
         !to.user_id.empty();
}

/// Reads an event of the program around the chat; nothing if it has a fault.
std::optional<bus_event> read_own(const json::value& from) {
  bus_event read;
  const auto room = from.find("room").integer();
  const auto is_volatile = from.find("volatile").boolean();
  const auto args = from.find("args");
  if (!room || *room <= 0 || !is_volatile || !args.is_array() ||
      !read_text(from.find("name"), read.name) || !is_free_event(read.name))
    return std::nullopt;
  read.room = room_id{*room};
  read.is_volatile = *is_volatile;
  read.args = joined_items(args);
  return read;
}

/// Reads an aside of this kind; nothing if it has a fault.
std::optional<bus_aside> read_aside(const json::value& from, std::string_view kind) {
  const auto number = from.find("number").integer();
  if (!number) return std::nullopt;
  if (kind == "event") {
    auto event = read_own(from);
    return event ? std::optional{bus_aside{*number, *std::move(event)}} : std::nullopt;
  }
  if (kind == "read") {
    bus_read read;
    const auto seq = from.find("seq").integer();
    if (!seq || *seq < 0 || !read_place(from, read)) return std::nullopt;
    read.seq = sequence{*seq};
    return bus_aside{*number, std::move(read)};
  }
  bus_typing typing;
  const auto on = from.find("on").boolean();
  if (!on || !read_place(from, typing) || !read_text(from.find("username"), typing.username))
    return std::nullopt;
  typing.is_typing = *on;
  return bus_aside{*number, std::move(typing)};
}

} // namespace

std::string encode_bus_log(const bus_origin& from, std::span<const message* const> entries) {
  auto text = encode_log(from, entries, true);
  if (text.size() > max_bus_message) text = encode_log(from, entries, false);
  return text;
}

std::string encode_bus_log(const bus_origin& from, const bus_log& log) {
  std::string text;
  begin(text, from, "log")
      .field("room", log.room.value)
      .field("from", log.from.value)
      .field("to", log.to.value)
      .end_object();
  return text;
}

std::string encode_bus_beat(const bus_origin& from, const bus_beat& beat) {
  std::string text;
  begin(text, from, "beat").field("number", beat.number).end_object();
  return text;
}

std::string encode_bus_presence(const bus_origin& from) {
  std::string text;
  begin(text, from, "presence").end_object();
  return text;
}

std::string encode_bus_aside(const bus_origin& from, const bus_aside& aside) {
  std::string text;
  std::visit(overloaded{
                 [&](const bus_typing& typing) {
                   begin(text, from, "typing")
                       .field("number", aside.number)
                       .field("room", typing.room.value)
                       .field("user_id", typing.user_id)
                       .field("username", typing.username)
                       .field("on", typing.is_typing)
                       .end_object();
                 },
                 [&](const bus_read& read) {
                   begin(text, from, "read")
                       .field("number", aside.number)
                       .field("room", read.room.value)
                       .field("user_id", read.user_id)
                       .field("seq", read.seq.value)
                       .end_object();
                 },
                 [&](const bus_event& event) {
                   auto out = begin(text, from, "event");
                   out.field("number", aside.number)
                       .field("room", event.room.value)
                       .field("name", event.name)
                       .field("volatile", event.is_volatile)
                       .key("args")
                       .raw("[");
                   text.append(event.args).append("]");
                   out.end_object();
                 },
             },
             aside.what);
  return text;
}

bool fits_bus(const bus_event& event) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  return encode_bus_aside({largest, largest}, {largest, event}).size() <= max_bus_message;
}

std::optional<bus_message> decode_bus_message(std::string_view text) {
  if (text.size() > max_bus_message || !valid_utf8(text)) return std::nullopt;
  const auto parsed = json::parse(text, max_depth);
  if (!parsed) return std::nullopt;
  const auto root = parsed->root();
  const auto node = root.find("node").integer();
  const auto run = root.find("run").integer();
  const auto kind = root.find("kind").string();
  if (root.find("v").integer() != bus_wire || !node || !run || !kind) return std::nullopt;
  bus_message read{{*node, *run}, bus_unknown{}};
  if (*kind == "log") {
    auto log = read_log(root);
    if (!log) return std::nullopt;
    read.what = *std::move(log);
  } else if (*kind == "beat") {
    const auto number = root.find("number").integer();
    if (!number) return std::nullopt;
    read.what = bus_beat{*number};
  } else if (*kind == "presence") {
    read.what = bus_presence{};
  } else if (*kind == "typing" || *kind == "read" || *kind == "event") {
    auto aside = read_aside(root, *kind);
    if (!aside) return std::nullopt;
    read.what = *std::move(aside);
  }
  return read;
}

} // namespace hubbub
