#pragma once

#include "proto/expected.hpp"
#include "proto/trace/trace_file.hpp"

#include <string>

namespace hubbub {

/// Reads the file of a flight recorder, of a running server or a dead one. The error is a
/// sentence.
[[nodiscard]] expected<trace_memory, std::string> recall(const std::string& path);

} // namespace hubbub
