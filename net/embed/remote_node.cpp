// What needs CAF's middleman; part of the library alone.
#include "include/hubbub/broker.hpp"
#include "include/hubbub/remote.hpp"
#include "net/embed/remote_agent.hpp"

#include <caf/io/middleman.hpp>

#include <utility>

namespace hubbub {
namespace {

const auto no_middleman =
    "the actor system has no middleman: load it before the system is made";

} // namespace

caf::expected<std::uint16_t> broker::publish(std::uint16_t port, const std::string& address) {
  const auto way_in = gateway();
  if (!way_in) return make_error(errc::stopping, "the broker does not run");
  auto& system = way_in->home_system();
  if (!system.has_middleman()) return make_error(errc::cannot_start, no_middleman);
  return system.middleman().publish(way_in, port, address.empty() ? nullptr : address.c_str());
}

caf::expected<gateway_actor> remote_gateway(caf::actor_system& system, const std::string& host,
                                            std::uint16_t port,
                                            const remote_settings& settings) {
  if (!system.has_middleman()) return make_error(errc::cannot_start, no_middleman);
  auto found = system.middleman().remote_actor<gateway_actor>(host, port);
  if (!found) return std::move(found.error());
  return gateway_actor{system.spawn<remote_agent>(*found, settings)};
}

} // namespace hubbub
