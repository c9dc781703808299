#pragma once

#include "proto/expected.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

/// A server of a cluster, as a proxy in front of it sees it.
struct proxied_node {
  std::size_t id = 0;  ///< its `node_id`, from 1 to 4095
  std::string address; ///< `HOST:PORT`
};

enum class proxy_kind : std::uint8_t { nginx, haproxy };

/// The command `hubbub cluster proxy-config`: prints a proxy's configuration.
struct proxy_config_command {
  proxy_kind kind{};
  std::vector<proxied_node> nodes;
  std::uint16_t port = 0; ///< where the proxy listens
};

/// The command `hubbub cluster status`: prints the nodes that share a database.
struct cluster_status_command {
  std::string path; ///< the database
  bool as_json = false;
};

/// The arguments of these commands, before they are interpreted.
struct spoken_cluster_command {
  bool is_said = false;     ///< `proxy-config`
  bool asks_status = false; ///< `status`
  bool as_json = false;
  std::string path; ///< the database; empty: that of the settings
  std::string kind;
  std::vector<std::string> nodes;
  std::uint16_t port = 8'080;
};

/// Adds the commands below `cluster`, and returns `status` so that more can be added to it.
/// `said` outlives the parsing.
CLI::App& add_cluster_commands(CLI::App& app, spoken_cluster_command& said);

/// Interprets the arguments. The error is one sentence.
[[nodiscard]] expected<proxy_config_command, std::string>
to_proxy_config_command(const spoken_cluster_command& said);

/// Runs the command on the calling thread; returns the program's exit status.
[[nodiscard]] int run_cluster_status(const cluster_status_command& command);

/// Returns the configuration: new sessions go to any node, and requests with a sid to the node
/// that it names, so that long-polling needs neither cookies nor a table of clients.
[[nodiscard]] std::string proxy_config(const proxy_config_command& command);

} // namespace hubbub
