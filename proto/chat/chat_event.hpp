#pragma once

#include "proto/error.hpp"
#include "proto/model.hpp"
#include "proto/socket/socket_packet.hpp"
#include "proto/websocket/frame.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Encodes what the chat sends: JSON bodies, and the frames around them, in namespace `/`.
namespace hubbub {

/// Returns the reason's word on the wire.
[[nodiscard]] std::string_view to_string(leave_reason reason);

/// Returns a message in the form that `new_message`, acks, history and HTTP show. That of an
/// event of the program around the chat has the event's `event` and `args` too.
[[nodiscard]] std::string message_json(const message& m, std::string_view room_name);
/// Returns one result of a search: `{"message":{…},"snippet":[{"text":…,"match":…}…]}`.
[[nodiscard]] std::string hit_json(std::string_view message_json,
                                   std::span<const snippet_part> snippet);
/// Joins messages that are JSON already into an array.
[[nodiscard]] std::string join_json(std::span<const std::string> items);
/// Adds the fields of one page of members to an open object: `members`, `members_total` and
/// `next` (null if empty).
void write_member_page(json::writer& out, std::span<const member> members,
                       std::int64_t members_total, std::string_view next);

/// What lies beyond the ends of a page of messages.
struct page_ends {
  bool has_more = false;
  std::optional<bool> has_more_before; ///< set only for a page around a message
};
/// Adds `has_more` and, where it is known, `has_more_before` to an open object.
void write_page_ends(json::writer& out, const page_ends& ends);

/// Returns `{"code":…,"message":…}`.
[[nodiscard]] std::string error_json(const error& e);

/// One user of a room who joined or left.
struct presence_user {
  std::string user_id;
  std::string username;
};

/// Encodes what the server tells clients unasked: each function is named like its event.
namespace event {

// To the members of a room. Each is one shared frame.
/// Encodes the event `new_message`. `about` names the message for the queues of slow readers.
[[nodiscard]] frame_ptr new_message(std::string_view message_json, message_span about = {});
/// Encodes what tells members of a message that was stored: `new_message`, or the event of the
/// program around the chat that it is, whose last argument is the message.
[[nodiscard]] frame_ptr stored(const message& what, std::string_view message_json,
                               message_span about);
[[nodiscard]] frame_ptr message_edited(std::string_view message_json, message_span about = {});
[[nodiscard]] frame_ptr message_deleted(std::string_view message_json, message_span about = {});
/// Encodes `message_edited` or `message_deleted`, depending on what the message is now. With
/// `about` a queue may replace it by a gap of these messages.
[[nodiscard]] frame_ptr message_changed(const message& now, std::string_view message_json,
                                        message_span about = {});
/// Encodes a `gap`: the messages `from`..`to` did not reach the client and will not.
[[nodiscard]] frame_ptr gap(room_id id, std::string_view room, sequence from, sequence to);
/// Encodes a `gap` that replaces frames which were taken out of a queue.
[[nodiscard]] frame_ptr gap(const message_span& skipped);
/// Tells a recoverable session its position in its rooms, after a change that came without an
/// event of the log. `offset` needs no escaping.
[[nodiscard]] frame_ptr offset(std::string_view offset);
[[nodiscard]] frame_ptr user_joined(room_id id, std::string_view room,
                                    const presence_user& user, std::int64_t members_total);
[[nodiscard]] frame_ptr user_left(room_id id, std::string_view room, const presence_user& user,
                                  leave_reason reason, std::int64_t members_total);
[[nodiscard]] frame_ptr presence(room_id id, std::string_view room,
                                 std::span<const presence_user> joined,
                                 std::span<const presence_user> left,
                                 std::int64_t members_total);
[[nodiscard]] frame_ptr typing(room_id id, std::string_view room, const presence_user& user,
                               bool is_typing);

/// Encodes an event that is not the chat's own. `args_json` is as in `encode_event`.
[[nodiscard]] frame_ptr foreign(std::string_view name, std::string_view args_json);

// To one user's sockets in the room.
[[nodiscard]] frame_ptr read(room_id id, std::string_view room, sequence seq);

// To one client.
/// Encodes the event `error`, for a client that asked for no ack; `event` is the name as the
/// client sent it.
[[nodiscard]] frame_ptr error(std::string_view event, const hubbub::error& e);

} // namespace event

/// True if the chat sends an event of this name, so that nobody else may.
[[nodiscard]] bool is_chat_event(std::string_view name);
/// True if somebody else than the chat may send an event of this name.
[[nodiscard]] bool is_free_event(std::string_view name);

// Answers to one client.
/// Encodes the ack `{"ok":true}`.
[[nodiscard]] frame_ptr ok_ack(ack_id id);
/// Encodes the ack `{"ok":true,"message":{…}}`.
[[nodiscard]] frame_ptr message_ack(ack_id id, std::string_view message_json);
/// Appends a member as acks show it, as a JSON object.
void append_member(std::string& out, const member& who);
struct join_result {
  room_id id;
  std::string_view room;
  sequence first_seq{1};
  sequence last_seq;
  std::string_view members_json; ///< the items of a JSON array, as `append_member` writes them
  std::string_view joined_json = {}; ///< such an item of who joined, if it is none of them
  std::int64_t members_total = 0;
  std::string_view messages_json; ///< a JSON array
  bool gap = false;
  read_state reading;
};
[[nodiscard]] frame_ptr join_ack(ack_id id, const join_result& result);
/// Encodes the ack `{"ok":true,"seq":…,"unread":…}`.
[[nodiscard]] frame_ptr marked_ack(ack_id id, const read_state& reading);
/// Encodes the ack `{"ok":true,"messages":[…],"has_more":…}`, with `has_more_before` where it
/// is known.
[[nodiscard]] frame_ptr messages_ack(ack_id id, std::string_view messages_json,
                                     const page_ends& ends);
/// Encodes the ack `{"ok":true,"results":[…],"has_more":…}`.
[[nodiscard]] frame_ptr results_ack(ack_id id, std::string_view results_json, bool has_more);
/// Encodes the ack `{"ok":true,"members":[…],"members_total":…,"next":…}`; an empty `next` is
/// null.
[[nodiscard]] frame_ptr members_ack(ack_id id, std::span<const member> members,
                                    std::int64_t members_total, std::string_view next);
/// Encodes the ack `{"ok":false,"error":{…}}`.
[[nodiscard]] frame_ptr error_ack(ack_id id, const error& e);
} // namespace hubbub
