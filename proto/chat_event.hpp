#pragma once

#include "proto/error.hpp"
#include "proto/frame.hpp"
#include "proto/model.hpp"
#include "proto/socket_packet.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the chat says: JSON bodies, and the frames around them, in namespace `/`.
namespace hubbub {

/// The word on the wire.
[[nodiscard]] std::string_view to_string(leave_reason reason);

/// A message as `new_message`, acks, history and HTTP show it.
[[nodiscard]] std::string message_json(const message& m, std::string_view room_name);
/// `[…]` of messages that are JSON already.
[[nodiscard]] std::string join_json(std::span<const std::string> items);
/// Adds the fields of one page of members to an open object: `members`, `members_total` and
/// `next` (null if empty).
void write_member_page(json::writer& out, std::span<const member> members,
                       std::int64_t members_total, std::string_view next);

/// `{"code":…,"message":…}`
[[nodiscard]] std::string error_json(const error& e);

/// One user of a room that joined or left.
struct presence_user {
  std::string user_id;
  std::string username;
};

// Server events to the members of a room, each one shared frame.
[[nodiscard]] frame_ptr new_message_event(std::string_view message_json);
[[nodiscard]] frame_ptr message_edited_event(std::string_view message_json);
[[nodiscard]] frame_ptr message_deleted_event(std::string_view message_json);
[[nodiscard]] frame_ptr user_joined_event(room_id id, std::string_view room,
                                          const presence_user& user,
                                          std::int64_t members_total);
[[nodiscard]] frame_ptr user_left_event(room_id id, std::string_view room,
                                        const presence_user& user, leave_reason reason,
                                        std::int64_t members_total);
[[nodiscard]] frame_ptr presence_event(room_id id, std::string_view room,
                                       std::span<const presence_user> joined,
                                       std::span<const presence_user> left,
                                       std::int64_t members_total);
[[nodiscard]] frame_ptr typing_event(room_id id, std::string_view room,
                                     const presence_user& user, bool is_typing);

// Answers to one client.
/// `{"ok":true}`
[[nodiscard]] frame_ptr ok_ack(ack_id id);
/// `{"ok":true,"message":{…}}`
[[nodiscard]] frame_ptr message_ack(ack_id id, std::string_view message_json);
struct join_result {
  room_id id;
  std::string_view room;
  sequence last_seq;
  std::span<const member> members;
  std::int64_t members_total = 0;
  std::string_view messages_json; ///< a JSON array
  bool gap = false;
};
[[nodiscard]] frame_ptr join_ack(ack_id id, const join_result& result);
/// `{"ok":true,"messages":[…],"has_more":…}`
[[nodiscard]] frame_ptr messages_ack(ack_id id, std::string_view messages_json, bool has_more);
/// `{"ok":true,"members":[…],"members_total":…,"next":…}`; an empty `next` is null.
[[nodiscard]] frame_ptr members_ack(ack_id id, std::span<const member> members,
                                    std::int64_t members_total, std::string_view next);
/// `{"ok":false,"error":{…}}`
[[nodiscard]] frame_ptr error_ack(ack_id id, const error& e);
/// The event `error`, where no ack was asked for; `event` is the name as the client sent it.
[[nodiscard]] frame_ptr error_event(std::string_view event, const error& e);

} // namespace hubbub
