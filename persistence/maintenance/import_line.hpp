#pragma once

#include "persistence/store.hpp"
#include "proto/access/standing.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <string>
#include <variant>

namespace hubbub {

/// What a line of an export holds: a message without its numbers, what the room is, or a user
/// on one of its lists.
using import_line = std::variant<message, change_room, standing>;

/// Reads a line of an export. Of what it says nothing but the form is believed: texts are UTF-8
/// without NUL, times are times, fields that are needed are there. The error says which is not.
[[nodiscard]] expected<import_line, std::string> read_import_line(const std::string& line);

} // namespace hubbub
