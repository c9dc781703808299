// What needs CAF's middleman; part of the library alone.
#include "include/hubbub/broker.hpp"
#include "include/hubbub/remote.hpp"
#include "net/embed/node_version.hpp"
#include "net/embed/remote_agent.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>
#include <caf/sec.hpp>
#include <hubbub/version.hpp>

#include <utility>

namespace hubbub {
namespace {

const auto no_middleman =
    "the actor system has no middleman: load it before the system is made";

/// Ends the connection to a node, if there is one: otherwise CAF would give whoever connects to
/// it again the same connection, however silent it is.
void cut_connection(caf::actor_system& system, const caf::actor& line,
                    const caf::node_id& node) {
  // The table belongs to the thread that the broker runs on.
  system.middleman().backend().dispatch([line, node] {
    auto* const actor = caf::actor_cast<caf::abstract_actor*>(line);
    if (actor->getf(caf::abstract_actor::is_terminated_flag)) return;
    auto* const broker = static_cast<caf::io::basp_broker*>(actor);
    const auto connection = broker->instance.tbl().lookup_direct(node);
    if (!connection) return;
    caf::anon_send(line, caf::io::connection_closed_msg{*connection});
    broker->close(*connection);
  });
}

/// CAF compares the interfaces of typed actors by the names of their messages.
caf::error as_other_version(const caf::error& why) {
  if (why != caf::sec::unexpected_actor_messaging_interface) return why;
  return make_error(errc::other_version, "what the other node publishes is no gateway of "
                                         "Hubbub " HUBBUB_VERSION_TEXT);
}

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
  if (auto wrong = fault_of(settings); !wrong.empty())
    return make_error(errc::bad_config, wrong);
  if (!system.has_middleman()) return make_error(errc::cannot_start, no_middleman);
  auto found = system.middleman().remote_actor<gateway_actor>(host, port);
  if (!found) return as_other_version(found.error());
  auto line = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  const auto cut = [&system, line = std::move(line), node = found->node()] {
    cut_connection(system, line, node);
  };
  if (auto why = check_version_of(system, *found, settings.ping_limit)) {
    // Whoever tries again must not be given the same silent connection.
    if (code_of(why) != errc::late) return why;
    cut();
    return make_error(errc::unreachable, text_of(why));
  }
  return gateway_actor{system.spawn<remote_agent>(*found, settings, cut)};
}

} // namespace hubbub
