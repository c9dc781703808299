#pragma once

#include "proto/access/standing.hpp"
#include "proto/json/json.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns the kind that has this name, if there is one.
[[nodiscard]] std::optional<standing_kind> parse_standing_kind(std::string_view name);

/// Writes `{"kind","user_id","by","at","until","reason"}`; `until` and `reason` are null if
/// there is none.
void write_standing(json::writer& out, const standing& each);
[[nodiscard]] std::string standing_json(const standing& each);

/// Adds one page of a list to an open object: `standings`, and `next` (null if empty).
void write_standing_page(json::writer& out, std::span<const standing> page,
                         std::string_view next);

} // namespace hubbub
