#pragma once

#include "actors/runtime/caf_compat.hpp"
#include "actors/session_interface.hpp"
#include "proto/access/access.hpp"
#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the chat asks the program around it, and tells it, if that program wants to know.
namespace hubbub {

/// A message before it is stored, or before it is changed.
struct message_draft {
  room_id room;
  std::string room_name;
  user_ptr who;
  std::string content;
  std::optional<std::string> client_id;
  sequence edits; ///< the message that it changes; 0: it is a new one
};
/// The content that takes the place of the draft's, nothing if the draft may stay as it is, or
/// why it is refused.
using draft_verdict = expected<std::optional<std::string>, error>;

/// An event of a client that the chat does not know.
struct foreign_event {
  user_ptr who; ///< without a name if the client has none yet
  std::string name;
  std::string args_json; ///< a JSON array
};
/// The arguments of its ack, as JSON joined by commas, or why it is refused.
using foreign_answer = expected<std::string, error>;

/// The headers of an HTTP request, by name.
using header_list = std::vector<std::pair<std::string, std::string>>;
/// A client that wants to enter the chat.
struct arrival_question {
  std::string auth_json; ///< empty if it sent none
  std::shared_ptr<const header_list> headers;
  std::string address;
  user_ptr who; ///< what is known of it: by its token, or by the name that it gave
};
/// The rights of the client, which prove its name; null if it stays whom it says it is; or why
/// it is refused.
using arrival_verdict = expected<access_ptr, error>;

/// What the program around the chat is told of.
enum class notice_kind : std::uint8_t { connected, gone, joined, left, room_made };
struct chat_notice {
  notice_kind kind = notice_kind::connected;
  std::string user_id = {};
  std::string username = {};
  room_id room = {};
  std::string room_name = {};
  std::string why = {};
};

/// Asks the actors of the program around the chat. There is one for each io thread, pinned to
/// it, and it always answers in time, whatever becomes of those actors.
using hook_desk_actor = compat::typed_actor<
    /// Sent by rooms, for each message and edit.
    caf::result<draft_verdict>(message_draft),
    /// Sent by chats.
    caf::result<foreign_answer>(foreign_event),
    /// Sent by chats, for each client that enters the namespace.
    caf::result<arrival_verdict>(arrival_question),
    /// Sent by chats, rooms and the directory.
    caf::result<void>(chat_notice)>;

/// The desks of a chat, and what they are there for.
struct hook_desks {
  std::vector<hook_desk_actor> desks = {}; ///< one for each io thread; empty: nobody is asked
  bool checks_messages = false;
  bool takes_events = false;
  bool admits = false;
  bool wants_notices = false;

  /// Return the desk of a thread, or null if nobody wants to be asked about this.
  [[nodiscard]] hook_desk_actor for_messages(std::size_t thread) const {
    return desk(checks_messages, thread);
  }
  [[nodiscard]] hook_desk_actor for_events(std::size_t thread) const {
    return desk(takes_events, thread);
  }
  [[nodiscard]] hook_desk_actor for_arrivals(std::size_t thread) const {
    return desk(admits, thread);
  }
  [[nodiscard]] hook_desk_actor for_notices(std::size_t thread) const {
    return desk(wants_notices, thread);
  }

 private:
  [[nodiscard]] hook_desk_actor desk(bool wanted, std::size_t thread) const {
    return wanted && !desks.empty() ? desks[thread % desks.size()] : hook_desk_actor{};
  }
};

} // namespace hubbub
