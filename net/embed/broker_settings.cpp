#include "net/embed/broker_settings.hpp"

#include "net/embed/error_category.hpp"
#include "net/io/listen_place.hpp"
#include "net/io/passed_sockets.hpp"

#include <chrono>
#include <cstdlib>
#include <string_view>

namespace hubbub {
namespace {

using namespace std::chrono_literals;

/// Returns the first field whose value no broker can have.
std::string first_fault(const broker_config& from) {
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
  if (from.recovery_window < 0ms) return "recovery_window must not be negative";
  return {};
}

} // namespace

expected<hubbub_config, std::string> to_settings(const broker_config& from) {
  if (const auto fault = first_fault(from); !fault.empty()) return unexpected(fault);
  hubbub_config to;
  to.store.path = from.store;
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

  to.auth.jwt_secret = from.jwt_secret;
  to.auth.jwt_secret_file = from.jwt_secret_file;
  to.auth.jwt_public_key = from.jwt_public_key;
  to.auth.jwks = from.jwks;
  to.auth.jwt_issuer = from.jwt_issuer;
  to.auth.jwt_audience = from.jwt_audience;
  to.auth.api_key_file = from.api_key_file;

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
