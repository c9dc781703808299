#pragma once

#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <hubbub/application.hpp>
#include <hubbub/authentication.hpp>
#include <hubbub/errc.hpp>
#include <hubbub/gateway.hpp>
#include <hubbub/values.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// The host's own actors in the way of things: each is asked before something happens, has a
/// time limit for its answer, and may be on another node. An actor that is late, has ended, or
/// answers with another error than one of `errc`, holds nothing up: what happens then is
/// written beside each hook.
namespace hubbub {

namespace api {

/// A message before it is stored, or an edit before it is made.
struct draft {
  std::int64_t room_id = 0;
  std::string room = {};
  user author = {};
  std::string content = {};
  std::string client_id = {};
  std::int64_t edits = 0; ///< the `seq` of the message that is to be changed; 0: a new message
};

/// What becomes of a draft.
struct verdict {
  enum class kind : std::uint8_t { pass, change, refuse };
  kind what = kind::pass;
  std::string text = {}; ///< of `change` the content, of `refuse` a sentence for the sender
  errc code = errc::forbidden;
};
/// Lets a draft pass as it is.
inline verdict pass() {
  return {};
}
/// Replaces the content of a draft. It is checked as content of clients is.
inline verdict change(std::string content) {
  return {verdict::kind::change, std::move(content), errc::forbidden};
}
/// Refuses a draft: its sender gets the code, as far as clients know it, and the sentence.
inline verdict refuse(std::string why, errc code = errc::forbidden) {
  return {verdict::kind::refuse, std::move(why), code};
}

/// An event of a client in the chat which the chat does not know.
struct client_event {
  user by = {}; ///< empty if the client has no name yet
  std::string name = {};
  std::string args = "[]"; ///< a JSON array
};
/// The client's ack, if it asked for one.
struct event_answer {
  std::string args = "[]"; ///< a JSON array
};

/// A header of an HTTP request; its name is in lower case.
struct header {
  std::string name = {};
  std::string value = {};
};
/// A client that wants to enter the chat.
struct arrival {
  std::string auth = {};            ///< what it sent, a JSON object; empty if it sent nothing
  std::vector<header> headers = {}; ///< of the request that opened its connection
  std::string address = {};
  user who = {};          ///< as its token or, unproven, it itself says; may be empty
  bool is_proven = false; ///< a token proves it
};
/// What becomes of it.
struct admission {
  enum class kind : std::uint8_t { as_it_is, as_user, refuse };
  kind what = kind::as_it_is;
  user who = {}; ///< of `as_user`, as which its name is proven
  token_scope may = token_scope::write;
  std::vector<std::string> rooms = {}; ///< names or patterns with `*`; empty: every room
  std::int64_t until = 0;              ///< when that ends, in ms since 1970; 0: never
  std::string text = {};               ///< of `refuse`, a sentence for the client
  errc code = errc::unauthorized;
};
/// Lets a client in as what it is without the hook.
inline admission admit() {
  return {};
}
/// Lets a client in as this user. A token that it shows later does not change that.
inline admission admit_as(user who, token_scope may = token_scope::write,
                          std::vector<std::string> rooms = {}) {
  admission made;
  made.what = admission::kind::as_user;
  made.who = std::move(who);
  made.may = may;
  made.rooms = std::move(rooms);
  return made;
}
/// Keeps a client out.
inline admission keep_out(std::string why, errc code = errc::unauthorized) {
  admission made;
  made.what = admission::kind::refuse;
  made.text = std::move(why);
  made.code = code;
  return made;
}

/// What a host is told of.
enum class notice_kind : std::uint8_t {
  connected, ///< `who` is in the chat, with one more connection
  gone,      ///< one of its connections has ended; `text` says why
  joined,    ///< `who` is in `room`, with a first connection
  left,      ///< `who` is there no more; `text` says why
  room_made, ///< `room` is new; `who` has an id if it belongs to somebody
};
struct notice {
  notice_kind kind = notice_kind::connected;
  user who = {};
  std::int64_t room_id = 0;
  std::string room = {};
  std::string text = {};
};
/// Some notices, and how many were lost before them because the host was slow.
struct notices {
  std::vector<notice> list = {};
  std::int64_t lost = 0;
};

#define HUBBUB_INSPECT(name, ...)                                                              \
  template <class Inspector>                                                                   \
  typename Inspector::result_type inspect(Inspector& f, name& x) {                             \
    return f(caf::meta::type_name("hubbub::api::" #name), __VA_ARGS__);                        \
  }
HUBBUB_INSPECT(draft, x.room_id, x.room, x.author, x.content, x.client_id, x.edits)
HUBBUB_INSPECT(verdict, x.what, x.text, x.code)
HUBBUB_INSPECT(client_event, x.by, x.name, x.args)
HUBBUB_INSPECT(event_answer, x.args)
HUBBUB_INSPECT(header, x.name, x.value)
HUBBUB_INSPECT(arrival, x.auth, x.headers, x.address, x.who, x.is_proven)
HUBBUB_INSPECT(admission, x.what, x.who, x.may, x.rooms, x.until, x.text, x.code)
HUBBUB_INSPECT(notice, x.kind, x.who, x.room_id, x.room, x.text)
HUBBUB_INSPECT(notices, x.list, x.lost)
#undef HUBBUB_INSPECT

} // namespace api

/// Is asked about every message and every edit, over sockets, HTTP and the gateway alike, after
/// the rights of its sender were checked and before it is stored. What one user writes stays in
/// its order. A message that is sent a second time, with the same `client_id`, is asked about a
/// second time.
using message_hook = caf::typed_actor<caf::replies_to<api::draft>::with<api::verdict>>;

/// Is asked about every event in the chat that the chat does not know: so a host adds events of
/// its own. An error of `errc` instead of an answer is what the client gets for one. Events of
/// one client come in the order in which it sent them, but the chat's own events do not wait
/// for them. An actor that is late or gone means `overloaded` for the client, whose event may
/// have been heard all the same: what must not happen twice needs an id of the client's.
using event_hook =
    caf::typed_actor<caf::replies_to<api::client_event>::with<api::event_answer>>;

/// Is asked about every client that enters the chat, also when it comes back, after its token
/// was checked, if the settings want one. With this hook clients take no name later: one that
/// is let in without a name cannot join rooms.
using admission_hook = caf::typed_actor<caf::replies_to<api::arrival>::with<api::admission>>;

/// Is told what happens. It gets one list from each io thread at a time, and the next when it
/// has answered, whatever with; meanwhile up to `max_waiting` notices are kept, and when the
/// broker stops it gets those at once. What one thread tells is in order; several threads tell
/// of one user.
using notice_hook = caf::typed_actor<caf::replies_to<api::notices>::with<bool>>;

/// An actor of the host, and how long it has.
template <class Handle>
struct hook {
  Handle actor = {};                      ///< null: nobody is asked
  std::chrono::milliseconds limit{2'000}; ///< less than `gateway_patience`
  /// True if everything passes while the actor is late or gone; false if it is refused, as
  /// `overloaded`.
  bool fails_open = false;
};

struct host_hooks {
  hook<message_hook> before_message = {};
  hook<event_hook> on_event = {};
  hook<admission_hook> admission = {};
  notice_hook notices = {}; ///< nobody waits for it, so that it has no time limit
  /// Namespaces of the host's own, by their names, which begin with `/`.
  std::map<std::string, application_maker> namespaces = {};
  /// Maximum number of questions that each io thread may have waiting in one of these actors,
  /// also of those that are late. With more of them it is not asked, as if it were late. When
  /// all of them are late, it is asked one question at a time until it answers one in time.
  std::size_t max_waiting = 10'000;
};

} // namespace hubbub

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(hubbub_host, caf::id_block::hubbub_client::end)
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::draft))
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::verdict))
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::client_event))
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::event_answer))
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::header))
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::arrival))
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::admission))
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::notice))
CAF_ADD_TYPE_ID(hubbub_host, (hubbub::api::notices))
CAF_END_TYPE_ID_BLOCK(hubbub_host)
// clang-format on
