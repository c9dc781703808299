#include "net/embed/broker_settings.hpp"

#include "actors/session/chat.hpp"
#include "actors/store/store_actors.hpp"
#include "net/embed/error_category.hpp"
#include "net/embed/request_reader.hpp"
#include "net/embed/wire_values.hpp"
#include "net/io/listen_place.hpp"
#include "net/io/passed_sockets.hpp"
#include "proto/json/text.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

namespace hubbub {
namespace {

using namespace std::chrono_literals;

/// Returns what is wrong with the time that an actor of the host has.
template <class Handle>
std::string fault_of(const hook<Handle>& each, const std::string& name) {
  if (!each.actor || (each.limit >= 1ms && each.limit < gateway_patience)) return {};
  return "hooks." + name + ".limit must be from 1 ms to less than " +
         std::to_string(gateway_patience.count()) + " s";
}

std::string fault_of(const host_hooks& from) {
  if (from.max_waiting < 1) return "hooks.max_waiting must be at least 1";
  if (auto why = fault_of(from.before_message, "before_message"); !why.empty()) return why;
  if (auto why = fault_of(from.on_event, "on_event"); !why.empty()) return why;
  if (auto why = fault_of(from.admission, "admission"); !why.empty()) return why;
  for (const auto& [name, make] : from.namespaces)
    if (!make || name.size() < 2 || name.front() != '/' || name == on_call_namespace)
      return "hooks.namespaces: `" + name + "` is no namespace that a host can have";
  return {};
}

/// Returns the first field whose value no broker can have.
std::string first_fault(const broker_config& from) {
  const bool has_keys = !from.jwt_secret.empty() || !from.jwt_secret_file.empty() ||
                        !from.jwt_public_key.empty() || !from.jwks.empty();
  if (from.check_token && has_keys)
    return "check_token takes the place of jwt_secret, jwt_secret_file, jwt_public_key and "
           "jwks: set one way alone";
  if (from.start_thread && !from.own_threads)
    return "start_thread means nothing without own_threads";
  if (from.store.empty()) return "store must not be empty; `:memory:` keeps nothing";
  if (from.dedupe_window < 0ms) return "dedupe_window must not be negative";
  if (from.max_rooms < 1) return "max_rooms must be at least 1";
  if (from.io_threads > 1'024) return "io_threads must not be above 1024";
  if (from.max_content < 1) return "max_content must be at least 1";
  if (from.max_name < 1) return "max_name must be at least 1";
  if (from.max_rooms_per_socket < 1) return "max_rooms_per_socket must be at least 1";
  if (from.max_members < 1) return "max_members must be at least 1";
  if (from.typing_timeout <= 0ms) return "typing_timeout must be above 0";
  if (from.room_linger < 0ms) return "room_linger must not be negative";
  if (from.remote_silence <= 0ms) return "remote_silence must be above 0";
  if (from.recovery_window < 0ms) return "recovery_window must not be negative";
  using named = std::pair<const char*, std::chrono::milliseconds>;
  for (const auto& [name, time] :
       {named{"dedupe_window", from.dedupe_window},
        named{"typing_timeout", from.typing_timeout}, named{"room_linger", from.room_linger},
        named{"remote_silence", from.remote_silence},
        named{"recovery_window", from.recovery_window}})
    if (time > longest_host_time) return name + std::string{" must not be above 3650 days"};
  return fault_of(from.hooks);
}

token_refusal refused(std::string why) {
  return {token_fault::invalid, std::move(why)};
}

/// Checks what the host says of a token's holder, as the claims of a token are checked.
expected<access_ptr, token_refusal> to_access(const token_holder& holder,
                                              const chat_limits& limits) {
  if (holder.expires_at != 0 && holder.expires_at <= wall_clock_now().value)
    return unexpected(token_refusal{token_fault::expired, "the token has expired"});
  request_reader read{limits};
  auto who = read.finish(read.user(holder.who));
  if (!who) return unexpected(refused(who.error().message));
  access made;
  made.proven = true;
  made.scope = to_scope(holder.scope);
  made.rooms = holder.rooms;
  made.user_id = std::move(who->id);
  made.username = std::move(who->name);
  if (holder.expires_at != 0) made.expires_at = timestamp{holder.expires_at};
  return std::make_shared<const access>(std::move(made));
}

/// Has the host check tokens. What it throws or refuses is an answer to the client.
own_token_check to_check(const token_check& from, const chat_limits& limits) {
  if (!from) return {};
  return [from, limits](std::string_view token) -> expected<access_ptr, token_refusal> {
    const auto unknown = "the token is not valid";
    try {
      const auto holder = from(token);
      if (holder) return to_access(*holder, limits);
      const auto text = text_of(holder.error());
      return unexpected(refused(text.empty() || !valid_utf8(text) ? unknown : text));
    } catch (...) {
      return unexpected(refused(unknown));
    }
  };
}

} // namespace

expected<hubbub_config, std::string> to_settings(const broker_config& from) {
  if (const auto fault = first_fault(from); !fault.empty()) return unexpected(fault);
  hubbub_config to;
  to.store.path = from.store;
  to.own_store = from.own_store;
  to.trace_bytes = 0; // the process, with its signals and its files, is the host's
  to.store.level = from.survives_power_loss ? durability::full : durability::normal;
  to.store.dedupe_window_ms = from.dedupe_window.count();
  to.store.max_rooms = from.max_rooms;

  for (const auto& each : from.listen) {
    const auto place = parse_listen_place(each);
    if (!place) return unexpected("listen: `" + each + "` is no ADDRESS:PORT and no unix:PATH");
    to.server.listen.push_back(*place);
  }
  to.server.inherited = from.sockets;
  to.server.listens = !from.listen.empty() || !from.sockets.empty();
  to.server.tls_cert = from.tls_cert;
  to.server.tls_key = from.tls_key;
  to.server.cors_origins = from.cors_origins;
  to.server.io_threads = from.io_threads;
  to.server.own_threads = from.own_threads;
  to.server.start_thread = from.start_thread;
  to.server.keeps_headers = bool{from.hooks.admission.actor};

  to.chat.auto_create_rooms = from.auto_create_rooms;
  to.chat.open_edit = from.open_edit;
  to.chat.limits.content = from.max_content;
  to.chat.limits.room_name = from.max_name;
  to.chat.limits.username = from.max_name;
  to.chat.limits.rooms_per_socket = from.max_rooms_per_socket;
  to.chat.members_per_room = from.max_members;
  to.chat.typing_timeout = from.typing_timeout;
  to.chat.room_linger = from.room_linger;
  to.chat.recovery_window = from.recovery_window;

  to.auth.own_check = to_check(from.check_token, to.chat.limits);
  to.auth.jwt_secret = from.jwt_secret;
  to.auth.jwt_secret_file = from.jwt_secret_file;
  to.auth.jwt_public_key = from.jwt_public_key;
  to.auth.jwks = from.jwks;
  to.auth.jwt_issuer = from.jwt_issuer;
  to.auth.jwt_audience = from.jwt_audience;
  to.auth.api_key_file = from.api_key_file;
  if (const auto whole = to.validate(); !whole) return unexpected(whole.error());
  return to;
}

caf::error broker_config::validate() const {
  const auto settings = to_settings(*this);
  return settings ? caf::error{} : make_error(errc::bad_config, settings.error());
}

std::vector<int> systemd_sockets() {
  auto passed = passed_sockets();
  for (const auto* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"})
    ::unsetenv(name);
  return passed ? *std::move(passed) : std::vector<int>{};
}

} // namespace hubbub
