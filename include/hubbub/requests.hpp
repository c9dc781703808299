#pragma once

#include <caf/meta/type_name.hpp>
#include <hubbub/values.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What a gateway can be asked for, and its answers. Texts are checked as those of clients are:
/// names and contents are trimmed, and refused if they are too long.
namespace hubbub::api {

// Messages.

/// Posts a message in the name of `by`, who need not be in the room. With `event` it is an
/// event of the host's own that is stored: members get that instead of `new_message`.
struct post {
  room_key room = {};
  user by = {};
  std::string content = {};
  /// Makes a second post with the same id answer with the first message instead of another.
  std::string client_id = {};
  std::string event = {};  ///< none that the chat or Socket.IO's libraries send themselves
  std::string args = "[]"; ///< of an event: its arguments, a JSON array
};
/// Changes the content of a message of `by`; an event keeps its name and arguments.
struct edit {
  room_key room = {};
  std::int64_t seq = 0;
  std::string by = {}; ///< the author's user id
  std::string content = {};
};
/// Deletes a message of `by`.
struct erase {
  room_key room = {};
  std::int64_t seq = 0;
  std::string by = {};
};
/// Reads a page of a room's log: the newest messages, or those before, after or around a `seq`,
/// as in the HTTP API.
struct history {
  room_key room = {};
  std::int64_t before = 0;
  std::int64_t after = -1; ///< -1: unset; 0: from the first message on
  std::int64_t around = 0;
  std::int64_t limit = 50;  ///< 1 to 200
  std::string user_id = {}; ///< only messages of this user
  std::int64_t from = 0;    ///< only messages created at this time or later
  std::int64_t until = 0;   ///< and before this one
};
struct history_page {
  std::vector<message> messages = {}; ///< in rising order
  bool has_more = false;
  bool has_more_before = false; ///< only with `around`
};
/// Searches messages, in one room or, without one, in all.
struct search {
  room_key room = {};
  std::string text = {};
  std::string user_id = {};
  std::int64_t offset = 0; ///< at most 1,000
  std::int64_t limit = 20; ///< 1 to 100
};
struct search_page {
  std::vector<message> messages = {}; ///< the best match first
  bool has_more = false;
};

// Rooms.

struct find_room {
  room_key room = {};
};
struct create_room {
  std::string name = {};
  std::string owner = {}; ///< a user id
  bool is_private = false;
};
struct list_rooms {
  std::int64_t after = 0; ///< the id after which the page begins
  std::string q = {};     ///< a part of the names
  std::int64_t limit = 100;
};
struct room_page {
  std::vector<room> rooms = {};
  std::int64_t next = 0; ///< the `after` of the next page; 0: this is the last
};
/// Changes who may know of a room and whose it is, closes it or opens it again; what is not set
/// stays. A room that is closed keeps its name, its lists and its log: all members are taken
/// out, nobody may join, post, edit or erase (`forbidden`), and everything can still be read.
struct change_room {
  room_key room = {};
  std::string privacy = {}; ///< `private`, `public` or unset
  std::string owner = {};   ///< a user id or unset
  std::string state = {};   ///< `closed`, `open` or unset
};
struct members {
  room_key room = {};
  std::string after = {}; ///< the user id after which the page begins
  std::int64_t limit = 200;
};
struct member_page {
  std::vector<member> members = {};
  std::int64_t total = 0;
  std::string next = {}; ///< the `after` of the next page; empty: this is the last
};

// Moderation.

/// Removes a user's sockets from a room; they may come back.
struct kick {
  room_key room = {};
  std::string user_id = {};
  std::string by = {}; ///< the user or program that does it
  std::string reason = {};
};
/// Puts a user on a room's list, or changes the entry: `ban` and `mute`, or `member` for a
/// private room.
struct put_standing {
  room_key room = {};
  standing what = {}; ///< `kind`, `user_id`, `by`, `until` and `reason` count
};
struct lift_standing {
  room_key room = {};
  std::string kind = {};
  std::string user_id = {};
  std::string by = {};
};

// Events of the host's own.

/// Sends an event to a room's members, but for actors that subscribe to it. It is not stored:
/// who is not there does not get it. A closed room refuses it. For one that is stored see
/// `post`.
struct broadcast {
  room_key room = {};
  std::string event = {};  ///< none that the chat or Socket.IO's libraries send themselves
  std::string args = "[]"; ///< its arguments, a JSON array
  /// True if members who do not read fast enough may miss it.
  bool is_volatile = false;
};

// Users.

struct ask_online {};
struct online {
  std::int64_t users = 0; ///< who have a connection to this server now
};

// Subscriptions.

/// Where a subscription begins.
struct start {
  enum class at : std::uint8_t { now, newest, after };
  at where = at::now;
  std::int64_t count = 0; ///< `newest`: so many of the last messages come first
  cursor position = {};   ///< `after`: everything after it comes first
};
inline start from_now() {
  return {};
}
inline start from_newest(std::int64_t count) {
  return {start::at::newest, count, {}};
}
inline start from_after(cursor position) {
  return {start::at::after, 0, position};
}

/// Subscribes the actor that sends it. It then gets `(subscription_id, room_event)` messages:
/// one for each credit, so none before it has granted some. Without credit nothing is buffered:
/// the log is read on when credit comes back; joins, leaves and typing of that time are lost,
/// and a `gap` says so.
struct subscribe {
  room_key room = {};
  start from = {};
  std::int64_t credit = 0; ///< the first grant; at most 100,000
  /// Set to be a member: the user stands in the room's list until the subscription ends. Unset:
  /// an observer, of whom nobody hears.
  user as = {};
};
/// Subscribes the actor that sends it to every room whose name matches, from now on, as an
/// observer. Rooms that nobody uses are not woken.
struct subscribe_all {
  std::string pattern = "*"; ///< `*` stands for any run of characters
  std::int64_t credit = 0;
};

/// A subscription's number, which is never used again.
struct subscription_id {
  std::uint64_t value = 0;
  friend bool operator==(const subscription_id& one, const subscription_id& other) {
    return one.value == other.value;
  }
  friend bool operator!=(const subscription_id& one, const subscription_id& other) {
    return !(one == other);
  }
  friend bool operator<(const subscription_id& one, const subscription_id& other) {
    return one.value < other.value;
  }
};
struct subscribed {
  subscription_id id = {};
  room in = {};   ///< the room; empty for a pattern
  cursor at = {}; ///< where it begins: everything after it will come
};
/// Allows so many more events.
struct grant {
  subscription_id to = {};
  std::int64_t credit = 0;
};
struct unsubscribe {
  subscription_id what = {};
};
/// Posts as the member that a subscription is.
struct say {
  subscription_id as = {};
  std::string content = {};
  std::string client_id = {};
};
/// Shows that the member that a subscription is types, or does not any more.
struct type {
  subscription_id as = {};
  bool is_typing = true;
};

/// Asks whether the gateway is there.
struct ping {
  std::uint64_t number = 0; ///< which comes back
};

/// Asks which version of Hubbub a gateway is of. What it is asked with and answered with stays
/// the same in all versions, so that any two nodes can tell.
struct ask_version {};
struct version {
  std::int32_t major_part = 0;
  std::int32_t minor_part = 0;
  std::int32_t patch_part = 0;
};

#define HUBBUB_INSPECT(name, ...)                                                              \
  template <class Inspector>                                                                   \
  typename Inspector::result_type inspect(Inspector& f, name& x) {                             \
    return f(caf::meta::type_name("hubbub::api::" #name) __VA_OPT__(, ) __VA_ARGS__);          \
  }
HUBBUB_INSPECT(post, x.room, x.by, x.content, x.client_id, x.event, x.args)
HUBBUB_INSPECT(edit, x.room, x.seq, x.by, x.content)
HUBBUB_INSPECT(erase, x.room, x.seq, x.by)
HUBBUB_INSPECT(history, x.room, x.before, x.after, x.around, x.limit, x.user_id, x.from,
               x.until)
HUBBUB_INSPECT(history_page, x.messages, x.has_more, x.has_more_before)
HUBBUB_INSPECT(search, x.room, x.text, x.user_id, x.offset, x.limit)
HUBBUB_INSPECT(search_page, x.messages, x.has_more)
HUBBUB_INSPECT(find_room, x.room)
HUBBUB_INSPECT(create_room, x.name, x.owner, x.is_private)
HUBBUB_INSPECT(list_rooms, x.after, x.q, x.limit)
HUBBUB_INSPECT(room_page, x.rooms, x.next)
HUBBUB_INSPECT(change_room, x.room, x.privacy, x.owner, x.state)
HUBBUB_INSPECT(members, x.room, x.after, x.limit)
HUBBUB_INSPECT(member_page, x.members, x.total, x.next)
HUBBUB_INSPECT(kick, x.room, x.user_id, x.by, x.reason)
HUBBUB_INSPECT(put_standing, x.room, x.what)
HUBBUB_INSPECT(lift_standing, x.room, x.kind, x.user_id, x.by)
HUBBUB_INSPECT(broadcast, x.room, x.event, x.args, x.is_volatile)
HUBBUB_INSPECT(online, x.users)
HUBBUB_INSPECT(start, x.where, x.count, x.position)
HUBBUB_INSPECT(subscribe, x.room, x.from, x.credit, x.as)
HUBBUB_INSPECT(subscribe_all, x.pattern, x.credit)
HUBBUB_INSPECT(subscription_id, x.value)
HUBBUB_INSPECT(subscribed, x.id, x.in, x.at)
HUBBUB_INSPECT(grant, x.to, x.credit)
HUBBUB_INSPECT(unsubscribe, x.what)
HUBBUB_INSPECT(say, x.as, x.content, x.client_id)
HUBBUB_INSPECT(type, x.as, x.is_typing)
HUBBUB_INSPECT(ping, x.number)
HUBBUB_INSPECT(version, x.major_part, x.minor_part, x.patch_part)
#undef HUBBUB_INSPECT
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ask_online&) {
  return f(caf::meta::type_name("hubbub::api::ask_online"));
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ask_version&) {
  return f(caf::meta::type_name("hubbub::api::ask_version"));
}

} // namespace hubbub::api
