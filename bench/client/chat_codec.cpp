#include "bench/client/chat_codec.hpp"

#include <charconv>

namespace hubbub::bench {
namespace {

constexpr char event_type = '2';
constexpr char ack_type = '3';
/// Begins and ends the key in a content. Nothing else that the driver sends contains it, so a
/// search for a single byte finds it.
constexpr char mark = '~';
constexpr std::string_view filler =
    " The train leaves at twenty to seven from platform nine; whoever still wants sandwiches "
    "for the journey should say so before noon, or we will eat in the dining car.";

std::string quoted_key(const std::string& name) {
  return '"' + name + "\":";
}

/// An event whose payload names a room: an object, or the bare name where `room_field` is
/// empty.
class event_text {
 public:
  event_text(std::uint64_t ack, std::string_view event) {
    text_ += event_type;
    if (ack != 0) text_ += std::to_string(ack);
    text_.append("[\"").append(event).append("\",");
  }
  void open(std::string_view room_field, std::string_view room) {
    is_object_ = !room_field.empty();
    if (is_object_) text_.append("{\"").append(room_field).append("\":");
    text_.append("\"").append(room).append("\"");
  }
  void raw(std::string_view fields) {
    if (is_object_ && !fields.empty()) text_.append(",").append(fields);
  }
  void field(std::string_view name, std::string_view json) {
    if (!is_object_ || name.empty()) return;
    text_.append(",\"").append(name).append("\":").append(json);
  }
  void text_field(std::string_view name, std::string_view value) {
    if (!is_object_ || name.empty()) return;
    text_.append(",\"").append(name).append("\":\"").append(value).append("\"");
  }
  std::string close() { return std::move(text_ += is_object_ ? "}]" : "]"); }

 private:
  std::string text_;
  bool is_object_ = true;
};

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  return text;
}

/// Returns what follows `key` and white space; empty if `key` is not there.
std::string_view behind(std::string_view json, std::string_view key) {
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  return without_spaces(json.substr(at + key.size()));
}

template <class Number>
bool take_number(std::string_view& text, Number& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

/// True if `json` ends with `"name":"` or `"name": "`.
bool ends_with_key(std::string_view json, std::string_view key) {
  if (!json.ends_with('"')) return false;
  json.remove_suffix(1);
  while (json.ends_with(' '))
    json.remove_suffix(1);
  return json.ends_with(key);
}

} // namespace

std::string event_start(std::string_view name) {
  if (name.empty()) return {};
  return std::string{event_type}.append("[\"").append(name).append("\"");
}

std::string make_content(message_key key, std::size_t size) {
  std::string content{mark};
  content += std::to_string(key.sender) + ':' + std::to_string(key.number) + mark;
  content.reserve(size);
  while (content.size() < size)
    content.append(filler.substr(0, size - content.size()));
  // Servers may trim white space at the end.
  if (content.back() == ' ') content.back() = '.';
  return content;
}

std::optional<message_key> read_content(std::string_view content) {
  message_key key;
  if (!take(content, mark) || !take_number(content, key.sender) || !take(content, ':') ||
      !take_number(content, key.number) || !take(content, mark))
    return {};
  return key;
}

std::string chat_writer::join(std::uint64_t ack, std::size_t client, std::string_view room,
                              std::optional<std::int64_t> since) const {
  const auto& join = words_->join;
  event_text text{join.reply.empty() ? ack : 0, join.event};
  text.open(join.room, room);
  text.text_field(join.username, "user-" + std::to_string(client));
  text.raw(join.extra);
  if (since) text.field(join.since, std::to_string(*since));
  return text.close();
}

std::string chat_writer::leave(std::uint64_t ack, std::string_view room) const {
  event_text text{words_->leave.reply.empty() ? ack : 0, words_->leave.event};
  text.open(words_->leave.room, room);
  return text.close();
}

std::string chat_writer::message(std::uint64_t ack, std::size_t client, std::string_view room,
                                 message_key key, std::size_t size) const {
  const auto& send = words_->send;
  event_text text{send.confirm == confirmation::echo ? 0 : ack, send.event};
  text.open(send.room, room);
  text.text_field(send.username, "user-" + std::to_string(client));
  text.raw(send.extra);
  text.text_field(send.content, make_content(key, size));
  return text.close();
}

std::string chat_writer::typing(std::uint64_t ack, std::size_t client, std::string_view room,
                                bool is_typing) const {
  const auto& typing = words_->typing;
  event_text text{typing.confirm == confirmation::ack ? ack : 0, typing.event};
  text.open(typing.room, room);
  text.text_field(typing.username, "user-" + std::to_string(client));
  text.field(typing.is_typing, is_typing ? "true" : "false");
  return text.close();
}

chat_reader::chat_reader(const dialect& words)
    : words_(&words), message_event_(event_start(words.message.event)),
      typing_event_(event_start(words.typing.heard)),
      content_key_(quoted_key(words.message.content)), seq_key_(quoted_key(words.message.seq)),
      typing_key_(quoted_key(words.typing.is_typing)),
      typist_key_(quoted_key(words.typing.heard_username)) {}

std::optional<received_ack> chat_reader::ack(std::string_view packet) {
  received_ack ack;
  if (!take(packet, ack_type) || !take_number(packet, ack.id) || !take(packet, '[') ||
      !packet.ends_with(']'))
    return {};
  ack.argument = packet.substr(0, packet.size() - 1);
  return ack;
}

std::optional<message_key> chat_reader::key(std::string_view json) const {
  const auto at = json.find(mark);
  if (at == std::string_view::npos || !ends_with_key(json.substr(0, at), content_key_))
    return {};
  return read_content(json.substr(at));
}

std::optional<std::int64_t> chat_reader::seq(std::string_view json) const {
  auto rest = behind(json, seq_key_);
  std::int64_t number = 0;
  if (!take_number(rest, number)) return {};
  return number;
}

std::optional<received_typing> chat_reader::typing(std::string_view json) const {
  constexpr std::string_view user = R"("user-)";
  received_typing found;
  auto who = behind(json, typist_key_);
  if (!who.starts_with(user)) return {};
  who.remove_prefix(user.size());
  if (!take_number(who, found.client)) return {};
  const auto state = behind(json, typing_key_);
  found.is_typing = state.starts_with("true");
  if (!found.is_typing && !state.starts_with("false")) return {};
  return found;
}

} // namespace hubbub::bench
