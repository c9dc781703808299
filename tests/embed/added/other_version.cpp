// Nodes that publish a gateway of this version, of another one, and of one that cannot say
// which it is; and what `remote_gateway` says to each.
#include <caf/all.hpp>
#include <caf/io/middleman.hpp>
#include <hubbub/hubbub.hpp>

#include <cstdint>
#include <iostream>
#include <string>

using namespace hubbub;

struct config : caf::actor_system_config {
  config() {
    load<caf::io::middleman>();
    broker::configure(*this);
  }
};

/// A gateway of the next minor version, as far as anybody asks.
caf::behavior next_version(caf::event_based_actor*, std::int32_t minor_part) {
  return {[minor_part](const api::ask_version&) {
    return api::version{HUBBUB_VERSION_MAJOR, minor_part, 0};
  }};
}

/// A gateway of a version that knows fewer requests.
using small_gateway = caf::typed_actor<caf::replies_to<api::ping>::with<std::uint64_t>>;
small_gateway::behavior_type small(std::uint64_t more) {
  return {[more](const api::ping& request) { return request.number + more; }};
}

int main() {
  config there_config;
  caf::actor_system there{there_config};
  config here_config;
  caf::actor_system here{here_config};
  broker chat{there, {}};
  if (chat.start()) return 1;
  const auto try_port = [&](const char* what, const caf::expected<std::uint16_t>& port) {
    std::cout << what << ": ";
    if (!port) {
      std::cout << there.render(port.error()) << std::endl;
      return;
    }
    const auto found = remote_gateway(here, "127.0.0.1", *port);
    std::cout << (found ? "connected" : here.render(found.error())) << std::endl;
    if (found) caf::anon_send_exit(*found, caf::exit_reason::user_shutdown);
  };
  try_port("this", chat.publish(0));
  const auto next = there.spawn(next_version, HUBBUB_VERSION_MINOR + 1);
  try_port("next", there.middleman().publish(caf::actor_cast<gateway_actor>(next), 0));
  const auto fewer = there.spawn(small, std::uint64_t{0});
  try_port("small", there.middleman().publish(fewer, 0));
  caf::anon_send_exit(next, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(fewer, caf::exit_reason::user_shutdown);
}
