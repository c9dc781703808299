#pragma once

#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// True if `bytes` are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
[[nodiscard]] bool valid_utf8(std::string_view bytes);

/// A character of UTF-8: its code point, and the number of its bytes.
struct utf8_character {
  std::uint32_t point = 0;
  std::size_t length = 0;
};

/// Reads the first character of `bytes`, which are not empty. Its length is 0 if they do not
/// begin with a well-formed one.
[[nodiscard]] utf8_character read_character(std::string_view bytes);

/// Returns `utf8` without the byte order mark that may precede it.
[[nodiscard]] std::string_view without_bom(std::string_view utf8);

/// Returns the number of code points of well-formed UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view utf8);

/// Returns `utf8` without Unicode white space (property White_Space) at either end.
[[nodiscard]] std::string_view trim(std::string_view utf8);

/// True if well-formed `utf8` holds a control character (category Cc).
[[nodiscard]] bool has_control(std::string_view utf8);

/// Returns a room name or username as it is stored: trimmed, 1 to `max` characters, no control
/// characters (Cc), valid UTF-8. A name that is too long, empty or invalid is `bad_request`;
/// `field` is the word that the error uses.
[[nodiscard]] expected<std::string, error> clean_name(std::string_view raw, std::size_t max,
                                                      std::string_view field);

/// Returns the `user_id` of a known user as it is stored. An id that `clean_name` would have to
/// change is `bad_request`, since the result could be the id of another user.
[[nodiscard]] expected<std::string, error> exact_name(std::string_view raw, std::size_t max,
                                                      std::string_view field);

/// Returns the content of a message as it is stored: trimmed, at least one character, no NUL,
/// valid UTF-8. More than `max` characters are `too_large`, anything else wrong is
/// `bad_request`.
[[nodiscard]] expected<std::string, error> clean_content(std::string_view raw, std::size_t max);

/// Formats a time as RFC 3339 in UTC with milliseconds: `2026-01-31T23:59:59.123Z`.
[[nodiscard]] std::string to_rfc3339(timestamp time);

/// Parses a time in RFC 3339 with any offset; digits beyond milliseconds are cut off.
[[nodiscard]] std::optional<timestamp> parse_rfc3339(std::string_view text);

} // namespace hubbub
