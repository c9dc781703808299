#include "net/program/cluster_command.hpp"

#include "net/engine/engine_sid.hpp"
#include "net/program/fail.hpp"
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/store.hpp"
#include "proto/json/json.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <utility>

namespace hubbub {
namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text, Number least, Number most) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [last, ec] = std::from_chars(text.data(), end, value);
  if (ec != std::errc{} || last != end || value < least || value > most) return {};
  return value;
}

/// Returns true for what both proxies take as the name of a host or as an address.
bool is_upstream_host(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
    return !text.empty() &&
           text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  return !text.empty() &&
         text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.") == std::string_view::npos;
}

std::optional<proxied_node> parse_node(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {};
  const auto id = number_of<std::size_t>(text.substr(0, equals), 1, max_node_id);
  const auto address = text.substr(equals + 1);
  const auto colon = address.rfind(':');
  if (!id || colon == std::string_view::npos || !is_upstream_host(address.substr(0, colon)) ||
      !number_of<std::uint16_t>(address.substr(colon + 1), 1, 65'535))
    return {};
  return proxied_node{*id, std::string{address}};
}

std::string name_of(const proxied_node& node) {
  return "hubbub_" + std::to_string(node.id);
}

/// Returns the command line that made a configuration, for its first line.
std::string call_of(const proxy_config_command& command) {
  std::string call = "hubbub cluster proxy-config --port " + std::to_string(command.port);
  call += command.kind == proxy_kind::nginx ? " nginx" : " haproxy";
  for (const auto& node : command.nodes)
    call += " " + std::to_string(node.id) + "=" + node.address;
  return call;
}

std::string nginx_config(const proxy_config_command& command) {
  std::string text = "# Made by: " + call_of(command) + R"(
# Include this file in the section http.

map $http_upgrade $hubbub_connection {
  default upgrade;
  ''      '';
}

# A session id begins with its node.
map $arg_sid $hubbub_nodes {
  default hubbub;
)";
  for (const auto& node : command.nodes)
    text += "  ~^" + sid_prefix(node.id) + "   " + name_of(node) + ";\n";
  text += R"(}

# New sessions and the HTTP API. A node that is gone is tried and passed over each time: one that is
# marked as failed would stay so until a request to it has ended, and WebSockets do not end.
upstream hubbub {
  least_conn;
)";
  for (const auto& node : command.nodes)
    text += "  server " + node.address + " max_fails=0;\n";
  text += "  keepalive 32;\n}\n";
  for (const auto& node : command.nodes)
    text += "upstream " + name_of(node) + " {\n  server " + node.address +
            ";\n  keepalive 32;\n}\n";
  text += "\nserver {\n  listen " + std::to_string(command.port) + R"(;
  # Hubbub's own limits apply.
  client_max_body_size 0;

  location / {
    proxy_pass http://$hubbub_nodes;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $hubbub_connection;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_buffering off;
    # A poll waits for ping_interval, and a WebSocket is silent as long.
    proxy_read_timeout 1h;
    proxy_send_timeout 1h;
    proxy_connect_timeout 1s;
    proxy_next_upstream error timeout;
  }
}
)";
  return text;
}

std::string haproxy_config(const proxy_config_command& command) {
  std::string text = "# Made by: " + call_of(command) + R"(

frontend hubbub
  mode http
  bind :)" + std::to_string(command.port) +
                     R"(
  timeout client 1h
  option forwardfor
  # A session id begins with its node.
)";
  for (const auto& node : command.nodes)
    text += "  use_backend " + name_of(node) + " if { url_param(sid) -m beg -- " +
            sid_prefix(node.id) + " }\n";
  text += "  default_backend hubbub\n";
  const auto backend = [&text](const std::string& name,
                               const std::vector<proxied_node>& nodes) {
    text += "\nbackend " + name + R"(
  mode http
  balance leastconn
  # A node that refuses the connection is passed over at once, not after two failed probes.
  option redispatch 1
  timeout connect 2s
  # A poll waits for ping_interval, and a WebSocket is silent as long.
  timeout server 1h
  timeout tunnel 1h
  option httpchk GET /readyz
)";
    for (const auto& node : nodes)
      text += "  server node" + std::to_string(node.id) + " " + node.address +
              " check inter 2s fall 2 rise 1\n";
  };
  backend("hubbub", command.nodes);
  for (const auto& node : command.nodes) {
    // A node that is not ready still serves the sessions that it has.
    text += "\nbackend " + name_of(node) + R"(
  mode http
  # A node that refuses the connection has lost its sessions: their clients hear that at once.
  retries 0
  timeout connect 2s
  timeout server 1h
  timeout tunnel 1h
)";
    text += "  server node" + std::to_string(node.id) + " " + node.address + "\n";
  }
  return text;
}

} // namespace

CLI::App& add_cluster_commands(CLI::App& app, spoken_cluster_command& said) {
  auto* cluster = app.add_subcommand("cluster", "several servers that share a PostgreSQL");
  cluster->set_help_flag("--help,-h", "print this help");
  cluster->require_subcommand(1);
  auto* config = cluster->add_subcommand("proxy-config",
                                         "print the configuration of a proxy in front of them");
  config->set_help_flag("--help,-h", "print this help");
  config->add_option("PROXY", said.kind, "which proxy")
      ->required()
      ->check(CLI::IsMember({"nginx", "haproxy"}));
  config->add_option("NODE", said.nodes, "a server, as NODE_ID=HOST:PORT: 1=10.0.0.1:5005")
      ->required();
  config->add_option("--port", said.port, "where the proxy listens, from 1 to 65535")
      ->type_name("NUMBER [8080]")
      ->check(CLI::Range(1, 65'535));
  config->callback([&said] { said.is_said = true; });
  auto* status = cluster->add_subcommand("status", "print the servers that share a database");
  status->set_help_flag("--help,-h", "print this help");
  status->add_option("--db", said.path, "the database [that of the settings]")
      ->type_name("ADDRESS");
  status->add_flag("--json", said.as_json, "print JSON");
  status->callback([&said] { said.asks_status = true; });
  return *status;
}

namespace {

std::string status_json(const cluster_status& status) {
  std::string text;
  json::writer out{text};
  out.begin_object().key("nodes").begin_array();
  for (const auto& node : status.nodes)
    out.begin_object()
        .field("node_id", node.node_id)
        .field("epoch", node.epoch)
        .field("alive", node.is_alive)
        .field("lease_ms", node.left_ms)
        .field("wire", node.wire)
        .field("rooms", node.rooms)
        .field("members", node.members)
        .field("url", node.url)
        .end_object();
  out.end_array()
      .field("rooms", status.rooms)
      .field("members", status.members)
      .field("users", status.users)
      .end_object();
  return text + '\n';
}

std::string status_table(const cluster_status& status) {
  std::ostringstream out;
  const auto row = [&out](const auto& node, const auto& epoch, const auto& lease,
                          const auto& rooms, const auto& members, const auto& url) {
    out << std::left << std::setw(6) << node << std::setw(8) << epoch << std::setw(16) << lease
        << std::setw(8) << rooms;
    if (std::string_view{url}.empty())
      out << members << '\n';
    else
      out << std::setw(9) << members << url << '\n';
  };
  row("node", "epoch", "lease", "rooms", "members", "url");
  for (const auto& node : status.nodes) {
    const auto seconds = std::to_string(std::abs(node.left_ms) / 1'000) + " s";
    row(node.node_id, node.epoch, node.is_alive ? seconds + " left" : "over for " + seconds,
        node.rooms, node.members, node.url);
  }
  row("all", "", "", status.rooms, status.members, "");
  return std::move(out).str();
}

} // namespace

int run_cluster_status(const cluster_status_command& command) {
  const auto status = read_cluster(command.path);
  if (!status) return fail(status.error());
  std::cout << (command.as_json ? status_json(*status) : status_table(*status));
  return EXIT_SUCCESS;
}

expected<proxy_config_command, std::string>
to_proxy_config_command(const spoken_cluster_command& said) {
  proxy_config_command command;
  command.kind = said.kind == "nginx" ? proxy_kind::nginx : proxy_kind::haproxy;
  command.port = said.port;
  for (const auto& text : said.nodes) {
    auto node = parse_node(text);
    if (!node)
      return unexpected("\"" + text +
                        "\" is no node: it takes NODE_ID=HOST:PORT, such as 1=10.0.0.1:5005");
    if (std::ranges::find(command.nodes, node->id, &proxied_node::id) != command.nodes.end())
      return unexpected("node " + std::to_string(node->id) + " is named twice");
    command.nodes.push_back(*std::move(node));
  }
  return command;
}

std::string proxy_config(const proxy_config_command& command) {
  return command.kind == proxy_kind::nginx ? nginx_config(command) : haproxy_config(command);
}

} // namespace hubbub
