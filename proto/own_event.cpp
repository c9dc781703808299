#include "proto/own_event.hpp"

#include "proto/json/text.hpp"
#include "proto/limits.hpp"

namespace hubbub {
namespace {

constexpr std::string_view mark = "\n\x1e";

// The most that holds a message is an answer with the results of a search.
static_assert(max_own_event_depth + 8 <= max_json_depth);

bool are_args(std::string_view joined) {
  const auto array = "[" + std::string{joined} + "]";
  const auto parsed = json::parse(array, max_own_event_depth);
  return parsed && parsed->root().is_array();
}

} // namespace

std::string stored_content(const own_event& event) {
  std::string content{mark};
  content.append(event.name).append("\n").append(event.args).append("\n").append(event.text);
  return content;
}

std::optional<own_event> read_own_event(std::string_view content) {
  if (!is_own_event(content)) return std::nullopt;
  content.remove_prefix(mark.size());
  const auto name_end = content.find('\n');
  const auto args_end = content.find('\n', name_end + 1);
  if (name_end == std::string_view::npos || args_end == std::string_view::npos)
    return std::nullopt;
  const own_event read{content.substr(0, name_end),
                       content.substr(name_end + 1, args_end - name_end - 1),
                       content.substr(args_end + 1)};
  if (read.name.empty() || has_control(read.name) || !are_args(read.args)) return std::nullopt;
  return read;
}

std::string joined_items(const json::value& array) {
  std::string text;
  array.dump(text);
  return text.substr(1, text.size() - 2);
}

std::string_view readable_text(std::string_view content) {
  const auto event = read_own_event(content);
  return event ? event->text : content;
}

std::string with_readable_text(std::string_view content, std::string_view text) {
  auto event = read_own_event(content);
  if (!event) return std::string{text};
  event->text = text;
  return stored_content(*event);
}

} // namespace hubbub
