#include "net/hubbub_config.hpp"

#include "persistence/bus/bus_address.hpp"
#include "persistence/postgres/pg_address.hpp"

#include <cstdint>
#include <string_view>

namespace hubbub {
namespace {

/// Returns eight digits that tell this text from others, the same in every version (FNV-1a).
std::string digest(std::string_view text) {
  constexpr std::uint32_t seed = 2'166'136'261;
  constexpr std::uint32_t prime = 16'777'619;
  auto sum = seed;
  for (const auto c : text)
    sum = (sum ^ static_cast<unsigned char>(c)) * prime;
  std::string digits;
  for (int shift = 28; shift >= 0; shift -= 4)
    digits += "0123456789abcdef"[(sum >> shift) & 15U];
  return digits;
}

} // namespace

std::string hubbub_config::trace_path() const {
  if (trace_bytes == 0) return {};
  if (!trace_file.empty()) return trace_file;
  if (store.path == ":memory:") return {};
  if (!pg::is_address(store.path)) return store.path + ".trace";
  return store.search_index.empty() ? "hubbub.trace" : store.search_index + ".trace";
}

std::string hubbub_config::control_path() const {
  if (!control.empty()) return control;
  if (store.path == ":memory:") return {};
  if (!pg::is_address(store.path)) return store.path + ".control";
  if (!store.search_index.empty()) return store.search_index + ".control";
  // The current folder may be that of servers of other databases, and of other nodes.
  return "hubbub-" + digest(store.path + '#' + std::to_string(store.node_id)) + ".control";
}

expected<void, std::string> hubbub_config::validate_nodes() const {
  if (server.node_listen.has_value() == node_secret_file.empty())
    return unexpected<std::string>("node_listen and node_secret_file go together");
  if (!node_url.empty() && !server.node_listen)
    return unexpected<std::string>("node_url needs node_listen");
  if (!server.node_listen) return {};
  if (store.node_id == 0)
    return unexpected<std::string>(
        "node_listen is for servers that share a PostgreSQL database: "
        "give each a node_id, or leave node_listen out");
  if (node_url.empty() && is_everywhere(server.node_listen->host))
    return unexpected<std::string>(
        "node_listen names all addresses: say with node_url which of "
        "them the other servers use");
  return {};
}

expected<void, std::string> hubbub_config::validate() const {
  if (server.max_volatile_bytes > server.max_queue_bytes)
    return unexpected<std::string>("max_volatile_bytes must not be above max_queue_bytes");
  if (!store.search && !pg::is_address(store.path))
    return unexpected<std::string>(
        "search can be false only with a database in PostgreSQL: a database in a file or in "
        "memory always has its search index");
  const auto named = parse_bus_address(bus);
  if (!named) return unexpected(named.error());
  if (named->kind != bus_kind::none && store.node_id == 0)
    return unexpected<std::string>("bus is for servers that share a PostgreSQL database: give "
                                   "each a node_id, or leave bus "
                                   "out");
  if (auto fits = validate_nodes(); !fits) return fits;
  const auto beside = parse_bridge_address(bridge);
  if (!beside) return unexpected(beside.error());
  if (!bridge_store.empty() && beside->kind == bus_kind::none)
    return unexpected<std::string>("bridge_store is for events of a bridge: set bridge, too");
  if (auto fits = auth.validate(); !fits) return fits;
  if (server.tls_cert.empty() != server.tls_key.empty())
    return unexpected<std::string>("tls_cert and tls_key go together");
  if (!server.tls_ocsp.empty() && server.tls_cert.empty())
    return unexpected<std::string>("tls_ocsp needs tls_cert");
  if (!server.hsts.empty() && server.tls_cert.empty())
    return unexpected<std::string>(
        "hsts needs tls_cert: a proxy that ends TLS sends the header itself");
  return {};
}

} // namespace hubbub
