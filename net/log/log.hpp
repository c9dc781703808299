#pragma once

#include "net/log/log_event.hpp"
#include "net/log/log_line.hpp"

#include <string_view>

/// The log of the program. Lines are made where something happens and written by a thread of
/// their own, so that nobody waits for standard error.
namespace hubbub {

/// Starts the log on standard error. Call it once, before other threads log; a program that
/// does not, such as a test, writes none.
void start_log(log_level level, log_format format);
/// Writes what waits, and ends the log's thread. It takes about a second if standard error is
/// stuck.
void stop_log();

/// True if a line of this kind would be written, for callers whose fields are dear.
[[nodiscard]] bool logs(log_event event);
/// Writes a line, unless its level or its rate forbids that. `message` is ours; what comes from
/// others belongs into fields. Never blocks.
void log(log_event event, std::string_view message, log_fields fields = {});

} // namespace hubbub
