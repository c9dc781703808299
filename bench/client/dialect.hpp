#pragma once

#include "proto/expected.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace hubbub::bench {

/// How a sender learns that its event has arrived.
enum class confirmation : std::uint8_t {
  ack,          ///< an ack, which is the sender's copy of a message
  echo,         ///< no ack is requested; the sender receives its message like every member
  ack_and_echo, ///< both: the ack confirms, the echo is the sender's copy
  delivery,     ///< no ack is requested; confirmed once all other members have it
};

struct join_words {
  std::string event = "join_room";
  std::string room = "room";
  std::string username;                 ///< field with the client's name; empty: none
  std::string extra = R"("history":0)"; ///< more fields, as JSON without braces
  std::string reply;                    ///< event that confirms the join; empty: the ack does
  std::string since = "since";          ///< field for the last seq seen; empty: no catch-up
  std::string missed = "messages";      ///< field of the ack with what was missed
};

struct leave_words {
  std::string event = "leave_room";
  std::string room = "room";
  std::string reply; ///< as in `join_words`
};

struct send_words {
  std::string event = "send_message";
  std::string room = "room";
  std::string content = "content";
  std::string username;
  std::string extra;
  confirmation confirm = confirmation::ack;
  bool ack_in_order = true; ///< the ack of a message comes in order with the messages of others
};

struct message_words {
  std::string event = "new_message";
  std::string content = "content";
  std::string seq = "seq"; ///< field with the room's count of messages; empty: there is none
};

struct typing_words {
  std::string event = "typing";
  std::string room = "room";
  std::string username;
  std::string is_typing = "is_typing";
  confirmation confirm = confirmation::ack;
  std::string heard = "typing";            ///< the event that other members get
  std::string heard_username = "username"; ///< the field that names who is typing
};

struct http_words {
  std::string rooms = "/api/rooms?q={room}"; ///< finds a room's id; empty: ids are not needed
  std::string rooms_list = "rooms"; ///< field with the rooms; empty: the body is the list
  std::string page = "/api/messages/{room_id}?limit={limit}";
  std::string older = "&before={before}"; ///< appended to `page` from the second page on
  std::string messages = "messages"; ///< field with the messages; empty: the body is the list
  std::string cursor = "seq"; ///< field of the oldest message whose value goes into `older`
  bool newest_first = false;
  std::string info = "/api/info"; ///< lists `features`; empty: there is no such page
  std::string search = "/api/messages/{room_id}/search?q={query}"; ///< empty: there is none
  std::string search_feature =
      "search"; ///< feature that `info` must list; empty: search is always there
};

/// The event and field names of a chat server over Socket.IO. The defaults are Hubbub's.
struct dialect {
  std::string name = "hubbub";            ///< what tables and pages call the server
  std::string path = "/socket.io/";       ///< path of Engine.IO
  std::string auth_username = "username"; ///< field of CONNECT's payload; empty: no payload
  std::string ack_ok =
      R"({"ok":true)"; ///< how a good ack's argument begins; empty: all are good
  join_words join;
  leave_words leave;
  send_words send;
  message_words message;
  typing_words typing;
  http_words http;
};

/// Reads a dialect from TOML (see bench/README.md); names that are missing stay Hubbub's. The
/// error is a sentence that names the key.
[[nodiscard]] expected<dialect, std::string> parse_dialect(std::string_view toml);
[[nodiscard]] expected<dialect, std::string> read_dialect(const std::filesystem::path& file);

} // namespace hubbub::bench
