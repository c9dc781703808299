#pragma once

#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <hubbub/gateway.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// A namespace of the host's own beside the chat: what clients reach as `io(url + "/game")`.
/// Arguments of events and acks are JSON arrays as text.
namespace hubbub {

namespace api {

/// Orders to a client in the host's namespace. They do nothing once it has left.
struct emit {
  std::string event = {};
  std::string args = "[]";
};
/// Answers a client's event.
struct answer {
  std::uint64_t id = 0; ///< the `ack` of the event
  std::string args = "[]";
};
/// Takes a client out of the namespace; it will not come back by itself.
struct dismiss {};

} // namespace api

/// A client in the host's namespace, for actors anywhere. It ends when the client leaves.
using client_actor = caf::typed_actor<caf::reacts_to<api::emit>, caf::reacts_to<api::answer>,
                                      caf::reacts_to<api::dismiss>>;

/// One client in the host's namespace, on the io thread to which it belongs. Whoever calls it
/// is on that thread: the application that was made for it. The connection goes on when the
/// client leaves the namespace.
class client_socket {
 public:
  virtual ~client_socket() = default;
  client_socket() = default;
  client_socket(const client_socket&) = delete;
  client_socket& operator=(const client_socket&) = delete;

  /// Sends an event. Returns false, and sends nothing, if `args` is no JSON array or Socket.IO
  /// libraries raise an event of this name themselves (`connect`, `disconnect` …).
  virtual bool emit(std::string_view event, std::string_view args) = 0;
  /// Answers an event of the client. Returns false if `args` is no JSON array.
  virtual bool answer(std::uint64_t id, std::string_view args) = 0;
  /// Takes the client out of the namespace.
  virtual void dismiss() = 0;
  /// Returns the address of the client, behind trusted proxies.
  [[nodiscard]] virtual std::string address() const = 0;
  /// Returns a handle for actors; null before `on_connected` and after `on_disconnect`.
  [[nodiscard]] virtual client_actor actor() const = 0;
};

/// An event of a client.
struct socket_event {
  std::string name;
  std::string args; ///< what follows the name
  bool wants_ack = false;
  std::uint64_t ack = 0; ///< for the answer
};

/// What the host does for one client in its namespace. There is one object for each client; it
/// is called on the client's io thread, in the order in which things arrive, and must not block
/// it. Events beyond the rate of the chat's settings are dropped.
class host_application {
 public:
  virtual ~host_application() = default;
  host_application() = default;
  host_application(const host_application&) = delete;
  host_application& operator=(const host_application&) = delete;

  /// Decides whether a client may come in; `auth` is a JSON object, or empty. Returns empty, or
  /// the sentence with which it is refused.
  [[nodiscard]] virtual std::string on_connect(std::string_view auth) = 0;
  /// Says that the client is in: from now on it can be written to.
  virtual void on_connected() {}
  /// Takes an event. Events with attachments (binary data) are dropped before.
  virtual void on_event(const socket_event& event) = 0;
  /// Says that the client has left, or that its connection has ended; once for each
  /// `on_connected`.
  virtual void on_disconnect() {}
};

/// Makes what serves a client, which outlives it.
using application_maker =
    std::function<std::unique_ptr<host_application>(client_socket& client)>;

namespace api {
#define HUBBUB_INSPECT(name, ...)                                                              \
  template <class Inspector>                                                                   \
  typename Inspector::result_type inspect(Inspector& f, name& x) {                             \
    return f(caf::meta::type_name("hubbub::api::" #name), __VA_ARGS__);                        \
  }
HUBBUB_INSPECT(emit, x.event, x.args)
HUBBUB_INSPECT(answer, x.id, x.args)
#undef HUBBUB_INSPECT
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, dismiss&) {
  return f(caf::meta::type_name("hubbub::api::dismiss"));
}
} // namespace api

} // namespace hubbub

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(hubbub_client, caf::id_block::hubbub_api::end)
CAF_ADD_TYPE_ID(hubbub_client, (hubbub::api::emit))
CAF_ADD_TYPE_ID(hubbub_client, (hubbub::api::answer))
CAF_ADD_TYPE_ID(hubbub_client, (hubbub::api::dismiss))
CAF_END_TYPE_ID_BLOCK(hubbub_client)
// clang-format on
