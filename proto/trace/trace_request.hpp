#pragma once

#include "proto/chat/chat_command.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

namespace hubbub {

/// The events by which clients give the commands for rooms, in the order of `room_command`, and
/// after them the others. The places are those of the flight recorder's file.
inline constexpr std::array<std::string_view, 25> trace_requests{
    "join_room",  "leave_room",   "send_message",  "edit_message",    "delete_message",
    "mark_read",  "typing",       "get_messages",  "search_messages", "get_members",
    "set_room",   "put_standing", "lift_standing", "kick_user",       "get_standings",
    "join",       "leave",        "add_member",    "remove_member",   "ban_user",
    "unban_user", "mute_user",    "unmute_user",   "refresh_token",   "connect"};
static_assert(trace_requests[std::variant_size_v<room_command> - 1] == "get_standings");

/// Returns the place of an event; one after the last for an event that is not known.
[[nodiscard]] constexpr std::uint16_t trace_request_of(std::string_view event) {
  const auto found = std::ranges::find(trace_requests, event);
  return static_cast<std::uint16_t>(found - trace_requests.begin());
}
/// Returns the event at a place.
[[nodiscard]] constexpr std::string_view trace_request_at(std::size_t place) {
  return place < trace_requests.size() ? trace_requests[place] : "an event";
}

} // namespace hubbub
