#pragma once

#include <caf/config.hpp>
#if defined(CAF_VERSION_MAJOR) || CAF_VERSION >= 1800
#error "Hubbub works with CAF 0.17 alone (Debian 12: libcaf-dev)"
#endif

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// The values that a gateway takes and gives: plain structs, each with `inspect`, so that they
/// mean the same to the next actor and on another node. Times are milliseconds since 1970 in
/// UTC; a time, a number or a text that is not there is 0 or empty.
namespace hubbub::api {

/// A room, by its name or by its number.
struct room_key {
  std::string name = {};
  std::int64_t id = 0; ///< 0: by the name

  room_key() = default;
  room_key(const char* by_name) : name(by_name) {}
  room_key(std::string by_name) : name(std::move(by_name)) {}
  room_key(std::int64_t by_id) : id(by_id) {}
};

/// A user: the id by which users are told apart, and the name that others see. Without a name
/// the id is shown, without an id the name is the id.
struct user {
  std::string id = {};
  std::string name = {};
};

/// A position in the log of a room: every message up to `seq`, and every change up to `rev`.
struct cursor {
  std::int64_t seq = 0;
  std::int64_t rev = 0;
};

struct message {
  std::int64_t id = 0; ///< unique in the store; 0: there is no message
  std::int64_t room_id = 0;
  std::string room = {};
  std::int64_t seq = 0; ///< 1, 2, 3 … in its room
  std::int64_t rev = 0; ///< grows with each message and change of the room
  user author = {};
  std::string content = {}; ///< empty if it was deleted
  std::string client_id = {};
  std::int64_t created_at = 0;
  std::int64_t edited_at = 0;
  std::int64_t deleted_at = 0;
  std::string event = {}; ///< set if it is an event of the host's own: its name
  std::string args = {};  ///< of an event: its arguments, a JSON array
};

struct room {
  std::int64_t id = 0;
  std::string name = {};
  std::int64_t created_at = 0;
  std::int64_t first_seq = 1; ///< older messages were removed
  cursor end = {};            ///< where its log ends now
  std::int64_t members = 0;   ///< users who are in it now
  std::string owner = {};
  bool is_private = false;
  bool is_closed = false; ///< nobody is in it, and nothing more is said
};

struct member {
  user who = {};
  std::int64_t connections = 0;
};

/// How a user stands in a room, whether present or not.
struct standing {
  std::string kind = {}; ///< `member`, `ban` or `mute`
  std::string user_id = {};
  std::string by = {}; ///< who set it
  std::string reason = {};
  std::int64_t at = 0;
  std::int64_t until = 0; ///< 0: until it is lifted
};

/// What happens in a room, as its subscribers hear of it.
enum class event_kind : std::uint8_t {
  message,   ///< a new message, or a stored event of the host's own: `what`
  edited,    ///< `what` is the message now
  deleted,   ///< `what` is the message without content
  joined,    ///< `who` is in the room now
  left,      ///< `who` is not any more; `text` says why
  typing,    ///< `who` types
  stopped,   ///< `who` does not type any more
  moderated, ///< the subscription's member was removed, muted or unmuted: `text` says which
  changed,   ///< the room's owner or privacy, or it was closed (`text` is `closed`) or opened
  gap,       ///< events were lost for good: see `room_event::from`
  ended,     ///< the subscription has ended; `text` says why. It is the last event
};

/// One event of a room. Events of one subscription and room come in the order in which every
/// member gets them; those that change the log without hole or repeat.
struct room_event {
  event_kind kind = event_kind::message;
  std::int64_t room_id = 0;
  std::string room = {};
  /// Where a later subscription goes on after this event. An event `ended` has it only if the
  /// subscription was to one room.
  cursor at = {};
  message what = {};
  user who = {};
  std::int64_t members = 0; ///< of `joined` and `left`: users who are in the room now
  std::string text = {};
  /// The first and the last message that a gap stands for, which were removed before the
  /// subscription could read them. Both are 0 if no message is lost but users joined or left
  /// meanwhile; then ask the gateway for the room's members.
  std::int64_t from = 0;
  std::int64_t to = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, room_key& x) {
  return f(caf::meta::type_name("hubbub::api::room_key"), x.name, x.id);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user& x) {
  return f(caf::meta::type_name("hubbub::api::user"), x.id, x.name);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cursor& x) {
  return f(caf::meta::type_name("hubbub::api::cursor"), x.seq, x.rev);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, message& x) {
  return f(caf::meta::type_name("hubbub::api::message"), x.id, x.room_id, x.room, x.seq, x.rev,
           x.author, x.content, x.client_id, x.created_at, x.edited_at, x.deleted_at, x.event,
           x.args);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, room& x) {
  return f(caf::meta::type_name("hubbub::api::room"), x.id, x.name, x.created_at, x.first_seq,
           x.end, x.members, x.owner, x.is_private, x.is_closed);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, member& x) {
  return f(caf::meta::type_name("hubbub::api::member"), x.who, x.connections);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, standing& x) {
  return f(caf::meta::type_name("hubbub::api::standing"), x.kind, x.user_id, x.by, x.reason,
           x.at, x.until);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, room_event& x) {
  return f(caf::meta::type_name("hubbub::api::room_event"), x.kind, x.room_id, x.room, x.at,
           x.what, x.who, x.members, x.text, x.from, x.to);
}

} // namespace hubbub::api
