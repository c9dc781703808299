#pragma once

#include "actors/settings.hpp"
#include "net/api/auth_config.hpp"
#include "net/io/server_config.hpp"
#include "net/log/log_line.hpp"
#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// A setting that holds a secret, and the file that it was read from.
struct secret_in_file {
  std::string setting;
  std::string file;
};

/// All settings, as plain values with their defaults; net/program/setting_table.hpp names them.
struct hubbub_config {
  server_config server;
  chat_settings chat;
  store_config store;
  /// A store that is open already, used instead of `store`; it is not a setting.
  std::shared_ptr<hubbub::store> own_store = nullptr;
  /// The bus by which nodes that share a PostgreSQL tell each other what they wrote:
  /// `postgres`, the address of a Redis, or empty for none.
  std::string bus;
  /// How other nodes reach `server.node_listen`: `http://HOST:PORT`; empty: at that place.
  std::string node_url;
  /// A file with the secret by which nodes know each other; it goes with `server.node_listen`.
  std::string node_secret_file;
  /// The settings that should be the same on all nodes, as in `node_settings`; the program
  /// fills it in. The nodes compare it, and warn of differences. It is not a setting.
  std::string agreed_settings;
  /// The address of a Redis on which programs of Socket.IO's ecosystem publish events for
  /// clients; empty: none.
  std::string bridge;
  /// Names of those events that are stored as messages.
  std::vector<std::string> bridge_store;
  auth_config auth;
  /// Secrets that stand in the settings file itself. The program fills it in; the server warns
  /// of those that everybody may read. It is not a setting.
  std::vector<secret_in_file> secrets_in_file;
  log_level log = log_level::info;
  log_format logged_as = log_format::text;
  /// Time from the signal to stop until connections are closed. Meanwhile the server reports
  /// not to be ready and serves everything. Set it to what a load balancer needs to notice; 0
  /// without one.
  std::chrono::milliseconds drain_delay{0};
  /// Time over which the sessions are then closed, so that their clients do not all come back
  /// in one moment; 0: all at once.
  std::chrono::milliseconds drain_time{0};

  /// Bytes of the flight recorder's ring of each io thread; 0: nothing is recorded.
  std::size_t trace_bytes = 4'194'304;
  /// The recorder's file; empty: beside the database, or in the current folder.
  std::string trace_file;

  /// The socket by which `hubbub upgrade` talks to the server; empty: beside the database, or
  /// in the current folder, with a name that tells the database and the node from others.
  std::string control;

  /// Returns the path of that socket; empty if there is none, since the database is in memory
  /// and no socket is named.
  [[nodiscard]] std::string control_path() const;
  /// Returns the path of the recorder's file; empty if there is none: nothing is recorded, or
  /// the database is in memory and no file is named.
  [[nodiscard]] std::string trace_path() const;
  /// Checks what no setting can check alone. The error is one sentence that names the settings.
  [[nodiscard]] expected<void, std::string> validate() const;

 private:
  [[nodiscard]] expected<void, std::string> validate_nodes() const;
};

} // namespace hubbub
