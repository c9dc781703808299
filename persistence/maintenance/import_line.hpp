#pragma once

#include "persistence/store.hpp"
#include "proto/access/standing.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <string>
#include <variant>

namespace hubbub {

/// The content of one line of an export: a message without its numbers, the properties of the
/// room, or a user on one of its lists.
using import_line = std::variant<message, op::change_room, standing>;

/// Reads one line of an export. Only the form is checked: texts are UTF-8 without NUL, times
/// are valid, required fields are present. The error names the field that is wrong.
[[nodiscard]] expected<import_line, std::string> read_import_line(const std::string& line);

} // namespace hubbub
