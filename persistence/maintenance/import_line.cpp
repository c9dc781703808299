#include "persistence/maintenance/import_line.hpp"

#include "proto/chat/chat_event.hpp"
#include "proto/chat/standing_json.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"
#include "proto/own_event.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace hubbub {

namespace {

/// Reads the fields of a line and remembers the first error. Texts stay as they are: the limits
/// of the importing server may differ from those of the exporting one.
class line_reader {
 public:
  explicit line_reader(json::value object) : object_(object) {}

  [[nodiscard]] std::optional<std::string> text(std::string_view field) {
    const auto value = object_.find(field);
    if (!value.exists() || value.is_null()) return std::nullopt;
    const auto text = value.string();
    const bool sound = text && valid_utf8(*text) && text->find('\0') == std::string_view::npos;
    if (!sound) refuse(field);
    return sound ? std::optional{std::string{*text}} : std::nullopt;
  }
  [[nodiscard]] std::string required_text(std::string_view field) {
    auto found = text(field);
    if (!found || found->empty()) refuse(field);
    return std::move(found).value_or(std::string{});
  }
  [[nodiscard]] std::optional<timestamp> time(std::string_view field) {
    const auto found = text(field);
    const auto time = found ? parse_rfc3339(*found) : std::nullopt;
    if (found && !time) refuse(field);
    return time;
  }
  [[nodiscard]] timestamp required_time(std::string_view field) {
    const auto found = time(field);
    if (!found) refuse(field);
    return found.value_or(timestamp{});
  }
  [[nodiscard]] const std::optional<std::string>& wrong_field() const { return wrong_; }

 private:
  void refuse(std::string_view field) {
    if (!wrong_) wrong_ = std::string{field};
  }

  json::value object_;
  std::optional<std::string> wrong_;
};

std::string wrong(const std::string& field) {
  return field + " is missing or not what it should be";
}

expected<op::change_room, std::string> room_from(json::value object) {
  line_reader fields{object};
  op::change_room read;
  read.owner = fields.text("owner");
  read.is_private = object.find("private").boolean();
  if (!read.is_private) return unexpected(wrong("private"));
  const auto closed = object.find("closed");
  read.is_closed = closed.boolean();
  if (closed.exists() && !read.is_closed) return unexpected(wrong("closed"));
  if (const auto& field = fields.wrong_field()) return unexpected(wrong(*field));
  return read;
}

/// Reads a standing with its time, which an operation does not carry.
expected<standing, std::string> standing_from(json::value object) {
  line_reader fields{object};
  const auto kind = parse_standing_kind(fields.required_text("kind"));
  standing read;
  read.user_id = fields.required_text("user_id");
  read.by = fields.required_text("by");
  read.at = fields.required_time("at");
  read.until = fields.time("until");
  read.reason = fields.text("reason").value_or(std::string{});
  if (const auto& field = fields.wrong_field()) return unexpected(wrong(*field));
  if (!kind) return unexpected(wrong("kind"));
  read.kind = *kind;
  return read;
}

/// True if the message is an event of a program around the chat, as `message_json` writes it.
bool is_event(json::value object) {
  return object.find("event").is_string() && object.find("args").is_array();
}

/// Reads such an event, with its text; returns the content that it is stored as.
expected<std::string, std::string> event_from(json::value object, const std::string& text) {
  const auto name = object.find("event").string();
  const auto args = object.find("args");
  if (!name || !is_free_event(*name)) return unexpected(wrong("event"));
  auto content = stored_content({*name, joined_items(args), text});
  if (!read_own_event(content)) return unexpected(wrong("args"));
  return content;
}

expected<message, std::string> message_from(json::value object) {
  line_reader fields{object};
  message read;
  read.user_id = fields.required_text("user_id");
  read.username = fields.text("username").value_or(read.user_id);
  read.client_id = fields.text("client_id");
  read.created_at = fields.required_time("created_at");
  read.edited_at = fields.time("edited_at");
  read.deleted_at = fields.time("deleted_at");
  const bool has_event = !read.deleted_at && is_event(object);
  if (has_event)
    read.content = fields.text("content").value_or(std::string{});
  else if (!read.deleted_at)
    read.content = fields.required_text("content");
  if (const auto& field = fields.wrong_field()) return unexpected(wrong(*field));
  if (read_own_event(read.content)) return unexpected(wrong("content"));
  if (has_event) {
    auto content = event_from(object, read.content);
    if (!content) return unexpected(std::move(content.error()));
    read.content = *std::move(content);
  }
  return read;
}

template <class Read>
expected<import_line, std::string> as_line(Read read) {
  if (!read) return unexpected(std::move(read.error()));
  return import_line{*std::move(read)};
}

} // namespace

expected<import_line, std::string> read_import_line(const std::string& line) {
  if (!valid_utf8(line)) return unexpected(std::string{"not UTF-8"});
  const auto parsed = json::parse(line, max_json_depth);
  if (!parsed || !parsed->root().is_object()) return unexpected(std::string{"no JSON object"});
  // In a line of a message, `room` is a name.
  const auto room = parsed->root().find("room");
  if (room.is_object()) return as_line(room_from(room));
  const auto on_a_list = parsed->root().find("standing");
  if (on_a_list.is_object()) return as_line(standing_from(on_a_list));
  return as_line(message_from(parsed->root()));
}

} // namespace hubbub
