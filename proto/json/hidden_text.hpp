#pragma once

#include "proto/error.hpp"
#include "proto/expected.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Characters that nobody sees, by which one name passes for another (docs/security.md).
namespace hubbub {

/// True if well-formed `utf8` holds a character that is never seen (zero-width, bidirectional
/// controls, fillers, line separators) at a place where no language needs it, or nothing that
/// is seen at all. Needed are: joiners and non-joiners where letters change their shape by them
/// (Persian, Urdu, Indic scripts) and within emoji; variation selectors behind what has
/// variants (Han, Mongolian, Myanmar, emoji); the tags of the flags that have them.
[[nodiscard]] bool has_hidden(std::string_view utf8);

/// As `clean_name`, for a name that nobody had before: with something hidden it is
/// `bad_request`.
[[nodiscard]] expected<std::string, error> clean_new_name(std::string_view raw, std::size_t max,
                                                          std::string_view field);

/// A name that is shown and stands for nobody, as `clean_name` leaves it and without what is
/// hidden; empty if it cannot be one.
[[nodiscard]] std::optional<std::string> shown_name(std::string_view raw, std::size_t max);

} // namespace hubbub
