#pragma once

#include <caf/error.hpp>
#include <hubbub/authentication.hpp>
#include <hubbub/export.hpp>
#include <hubbub/hooks.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

class store; // hubbub/store.hpp

/// The settings of a broker, as plain values with their defaults. A fresh one describes rooms
/// for actors alone: in memory, and without a socket.
struct broker_config {
  /// Where messages are kept: the path of an SQLite file, which is created; a PostgreSQL
  /// database (`postgres://…`); or `:memory:`, which is gone when the broker stops.
  std::string store = ":memory:";
  /// A store of the host's own (`hubbub/store.hpp`), used instead; it serves one broker, once.
  /// Then `store` and the three fields below mean nothing: it has its own ways.
  std::shared_ptr<hubbub::store> own_store = nullptr;
  /// True if an acknowledged message survives loss of power; false if it survives no more than
  /// a crash of the process. It matters only to a file.
  bool survives_power_loss = true;
  /// How long a post with a `client_id` is known, so that a second one is not stored. Like each
  /// time here at most 3,650 days.
  std::chrono::milliseconds dedupe_window{std::chrono::hours{24}};
  /// Maximum number of rooms; they stay for ever.
  std::int64_t max_rooms = 1'000'000;

  /// Where to listen: `127.0.0.1:5005`, `[::1]:5005`, `*:5005`, `unix:/run/chat.sock`; port 0
  /// picks a free one. Empty, with no `sockets` either: nowhere.
  std::vector<std::string> listen = {};
  /// Listening sockets that are open already, TCP or in the file system, such as those that
  /// `systemd_sockets` returns. They belong to the broker once it has started.
  std::vector<int> sockets = {};
  /// A PEM file with the certificate and its chain, and one with its key; empty: plain HTTP.
  std::string tls_cert = {};
  std::string tls_key = {};
  /// Origins of pages that may connect: `*`, or origins separated by commas.
  std::string cors_origins = "*";

  /// How many threads sockets and rooms run on; 0: one for each core.
  std::size_t io_threads = 0;
  /// If false, the broker has no threads for sockets and rooms until it stops: the host runs
  /// them by `broker::run_ready`. Only a store in memory has none at all then.
  bool own_threads = true;
  /// If set, sockets and rooms run on threads of the host's: it is called `io_threads` times
  /// by `start` and returns at once, after it has had a thread of its own call `body`. That
  /// returns when the broker is stopped, and `stop` waits for all of them. One thread each: a
  /// pool needs as many that are free. If it throws, `start` fails.
  std::function<void(std::function<void()> body)> start_thread = {};

  /// How users prove their names; with none of these, clients are whoever they say they are.
  /// A check of the host's own, used instead of all keys of tokens.
  token_check check_token = {};
  /// The secret of HS256, or a file with it.
  std::string jwt_secret = {};
  std::string jwt_secret_file = {};
  /// Files with public keys in PEM, separated by commas; a file with a key set (JWKS).
  std::string jwt_public_key = {};
  std::string jwks = {};
  /// What a token must state, if set.
  std::string jwt_issuer = {};
  std::string jwt_audience = {};
  /// A file of API keys, for the HTTP API.
  std::string api_key_file = {};

  /// If true, a join or a post that names an unknown room creates it.
  bool auto_create_rooms = true;
  /// If true, clients may edit and delete their messages even though names are not proven.
  bool open_edit = false;
  std::size_t max_content = 4'000;                 ///< characters of a message
  std::size_t max_name = 64;                       ///< characters of a room's or a user's name
  std::size_t max_rooms_per_socket = 100;          ///< rooms that one socket may be in at once
  std::int64_t max_members = 100'000;              ///< users that may be in one room at once
  std::chrono::milliseconds typing_timeout{6'000}; ///< after which `typing` ends by itself
  std::chrono::milliseconds room_linger{10'000};   ///< how long an empty room stays awake
  std::chrono::milliseconds recovery_window{120'000}; ///< in which a lost session comes back
  /// How long a subscriber on another node may be silent until its subscriptions end. It must
  /// be above `ping_interval` + `ping_limit` of `remote_settings` there, or a node that is only
  /// slow loses them before it knows.
  std::chrono::milliseconds remote_silence{40'000};

  /// The host's own actors in the way of things.
  host_hooks hooks = {};

  /// Checks what is wrong with the values, without opening anything. Returns no error, or
  /// `errc::bad_config` with a sentence that names the field.
  [[nodiscard]] HUBBUB_EXPORT caf::error validate() const;
};

/// Returns the listening sockets that systemd has passed to this process, and forgets them, so
/// that only the first call returns any. Call it before other threads run.
[[nodiscard]] HUBBUB_EXPORT std::vector<int> systemd_sockets();

} // namespace hubbub
