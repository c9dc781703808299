#pragma once

#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/ids.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// True if `bytes` are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
[[nodiscard]] bool valid_utf8(std::string_view bytes);

/// `utf8` without the byte order mark that may stand in front of it.
[[nodiscard]] std::string_view without_bom(std::string_view utf8);

/// The number of code points of well-formed UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view utf8);

/// `utf8` without Unicode white space (property White_Space) at either end.
[[nodiscard]] std::string_view trim(std::string_view utf8);

/// True if well-formed `utf8` holds a control character (category Cc).
[[nodiscard]] bool has_control(std::string_view utf8);

/// A room name or username as it is stored: trimmed, 1 to `max` characters, no control
/// characters (Cc), valid UTF-8. `field` is the word the error uses. Too long, empty or invalid
/// is `bad_request`.
[[nodiscard]] expected<std::string, error> clean_name(std::string_view raw, std::size_t max,
                                                      std::string_view field);

/// A `user_id` of somebody who is known, as it is stored: what `clean_name` would have to
/// change is `bad_request`, since it could become the id of somebody else.
[[nodiscard]] expected<std::string, error> exact_name(std::string_view raw, std::size_t max,
                                                      std::string_view field);

/// A message's content as it is stored: trimmed, at least one character, no NUL, valid UTF-8.
/// Over `max` characters is `too_large`, all else `bad_request`.
[[nodiscard]] expected<std::string, error> clean_content(std::string_view raw, std::size_t max);

/// RFC 3339 in UTC with milliseconds: `2026-01-31T23:59:59.123Z`.
[[nodiscard]] std::string to_rfc3339(timestamp time);

/// A time as RFC 3339 writes it, of any offset; beyond milliseconds it is cut off.
[[nodiscard]] std::optional<timestamp> parse_rfc3339(std::string_view text);

} // namespace hubbub
