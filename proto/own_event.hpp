#pragma once

#include "include/hubbub/export.hpp"
#include "proto/json/json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// How deep the arguments of an event that is stored may nest, as an array. What shows the
/// event's message holds them a few levels further down, and that must be JSON which we read.
inline constexpr std::size_t max_own_event_depth = 48;

/// An event of the program around the chat that is stored as a message of a room: the message's
/// content holds all of it. Such content begins with white space, which what users write never
/// does, since it is removed from there; an import of such a content is refused.
struct own_event {
  std::string_view name; ///< without control characters
  std::string_view args; ///< compact JSON values, joined by commas
  std::string_view text; ///< for people whose client does not know the event; may be empty
};

/// True if the content of a message is that of an event.
[[nodiscard]] inline bool is_own_event(std::string_view content) {
  return content.starts_with("\n\x1e");
}

/// Returns the content of the message that an event is stored as.
[[nodiscard]] std::string stored_content(const own_event& event);
/// Returns the event that a content holds; nothing if it is that of an ordinary message, as is
/// whatever `stored_content` would not have made of a name and arguments as above.
[[nodiscard]] std::optional<own_event> read_own_event(std::string_view content);

/// Returns what stands between the brackets of a JSON array.
[[nodiscard]] std::string joined_items(const json::value& array);

/// Returns what people read of a content.
[[nodiscard]] HUBBUB_EXPORT std::string_view readable_text(std::string_view content);
/// Returns the content with another text, in which an event stays what it is.
[[nodiscard]] HUBBUB_EXPORT std::string with_readable_text(std::string_view content,
                                                           std::string_view text);

} // namespace hubbub
