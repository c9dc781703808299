#pragma once

#include "proto/trace/trace_file.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hubbub {

/// What a story is about. Without a user it is that of the room, without a room that of the
/// user in all rooms.
struct trace_question {
  std::string user = {}; ///< a user's id
  std::string room = {}; ///< a room's name
  std::int64_t since_us = 0;
  bool as_json = false;
};

/// Calls `line` with each step, the oldest first: a sentence for people, or a JSON object.
/// Returns how many there were. Steps before `since_us` are not told, but known: of each
/// message it is told whether the user was in the room, as far as the records say.
std::size_t tell_trace(const trace_memory& memory, const trace_question& question,
                       const std::function<void(const std::string&)>& line);

/// Returns the time of a step as it is told: in UTC, with microseconds.
[[nodiscard]] std::string trace_time(std::int64_t time_us);

} // namespace hubbub
