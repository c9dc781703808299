#pragma once

#include "proto/error.hpp"
#include "proto/expected.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Finds invisible characters, by which one name passes for another (docs/security.md).
namespace hubbub {

/// True if well-formed `utf8` holds an invisible character (zero-width, bidirectional control,
/// filler, line separator) where no language needs it, or nothing visible at all. Needed are:
/// joiners and non-joiners where letters change their shape by them (Persian, Urdu, Indic
/// scripts) and within emoji; variation selectors after characters that have variants (Han,
/// Mongolian, Myanmar, emoji); the tags of the flags that have them.
[[nodiscard]] bool has_hidden(std::string_view utf8);

/// Cleans a new name as `clean_name` does, and refuses it as `bad_request` if it holds hidden
/// characters.
[[nodiscard]] expected<std::string, error> clean_new_name(std::string_view raw, std::size_t max,
                                                          std::string_view field);

/// Cleans a name that is only shown and identifies nobody, as `clean_name` does, and removes
/// hidden characters. Returns nothing if the rest cannot be a name.
[[nodiscard]] std::optional<std::string> shown_name(std::string_view raw, std::size_t max);

} // namespace hubbub
