#include "net/program/predecessor.hpp"

#include "net/api/auth_files.hpp"
#include "net/io/tls_context.hpp"
#include "net/program/setting_value.hpp"
#include "net/version.hpp"
#include "persistence/store.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstdlib>
#include <string_view>
#include <utility>

namespace hubbub {
namespace {

unexpected<std::string> because(std::string sentence) {
  return unexpected{std::move(sentence)};
}

expected<void, std::string> check_schema(const hubbub_config& config, bool may_migrate) {
  const auto found = look_at_store(config.store);
  if (!found) return because(found.error());
  if (found->there == 0) return because("the database has been removed: restart the server");
  if (found->there == found->needed || may_migrate) return {};
  return because("the database would be migrated from schema version " +
                 std::to_string(found->there) + " to " + std::to_string(found->needed) +
                 ", and there is no way back: the version of Hubbub that runs now would refuse "
                 "it afterwards. Make a backup (hubbub db backup) and use hubbub upgrade "
                 "--migrate; clients wait while it is migrated");
}

} // namespace

std::optional<predecessor> predecessor::find() {
  const auto* const value = std::getenv(predecessor_variable);
  const auto number = parse_whole_number(value == nullptr ? "" : value);
  ::unsetenv(predecessor_variable);
  if (!number) return std::nullopt;
  const auto descriptor = static_cast<int>(*number);
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      type != SOCK_SEQPACKET || ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
    return std::nullopt;
  return predecessor{descriptor};
}

void predecessor::refuse(const std::string& sentence) const {
  channel_.send({std::string{handover_word::refused}, sentence});
}

expected<void, std::string> predecessor::await_turn(hubbub_config& config) {
  const auto gone = because("the process that was to be replaced has ended");
  auto offered = channel_.receive();
  if (!offered) return gone;
  const auto offer = decode_offer(offered->text);
  auto fits = offer ? check_takeover(config, *offer)
                    : expected<void, std::string>{because(
                          "version " + std::string{hubbub_version} +
                          " cannot take over from the version that runs: restart the server")};
  if (!fits) {
    refuse(fits.error());
    return fits;
  }
  config.server.inherited = std::move(offered->descriptors);
  config.server.owns_inherited = offer->owns_files;
  config.server.is_successor = true;
  if (!channel_.send({std::string{handover_word::able}})) return gone;
  const auto turn = channel_.receive();
  if (!turn || turn->word != handover_word::go) return gone;
  last_commit_ = std::chrono::steady_clock::time_point{
      std::chrono::nanoseconds{parse_whole_number(turn->text).value_or(0)}};
  return {};
}

void predecessor::take_over() {
  if (std::exchange(has_taken_over_, true)) return;
  if (channel_.send({std::string{handover_word::serving}}))
    static_cast<void>(channel_.receive());
}

void predecessor::pass_on() const {
  channel_.send({std::string{handover_word::passed_on}});
}

void predecessor::has_stopped() const {
  channel_.send({std::string{handover_word::stopped}});
}

std::chrono::milliseconds predecessor::pause() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - last_commit_);
}

expected<void, std::string> check_takeover(const hubbub_config& config,
                                           const handover_offer& offer) {
  if (config.store.path != offer.database)
    return because("the settings name another database than the one that is served: restart "
                   "the server");
  if (auto keys = load_authenticator(config.auth, config.chat.limits); !keys)
    return because(std::move(keys.error()));
  if (config.server.node_listen) {
    if (auto secret = read_node_secret(config.node_secret_file); !secret)
      return because(std::move(secret.error()));
  }
  if (!config.server.tls_cert.empty()) {
    auto made = tls_context::load(config.server.tls_cert, config.server.tls_key,
                                  config.server.tls_ocsp);
    if (!made) return because(std::move(made.error()));
  }
  return check_schema(config, offer.may_migrate);
}

} // namespace hubbub
