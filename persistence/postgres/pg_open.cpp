#include "persistence/postgres/pg_open.hpp"

#include "persistence/postgres/pg_address.hpp"
#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_scripts.hpp"

#include <poll.h>

#include <chrono>
#include <utility>

namespace hubbub::pg {

namespace {

constexpr int oldest_server = 140'000;

// Schema versions are numbered like our list of scripts.
const auto newest_version = static_cast<std::int64_t>(migrations().size());

constexpr statement look_at_server{
    "look_at_server",
    "SELECT current_setting('server_encoding'), pg_is_in_recovery(),"
    " to_regclass('settings') IS NOT NULL,"
    " to_regclass('rooms') IS NOT NULL OR to_regclass('messages') IS NOT NULL"};
constexpr statement schema_version{"schema_version", "SELECT version FROM settings"};
constexpr statement foreign_collation{
    "foreign_collation",
    "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND data_type = 'text'"
    " AND table_name IN ('rooms', 'messages', 'dedupe', 'read_markers', 'recoverable',"
    " 'standings') AND collation_name IS DISTINCT FROM 'C' LIMIT 1"};
#define HUBBUB_PG_LOCK "($1::bigint::int, ('nodes'::regclass::oid::bigint & 2147483647)::int)"
// A lock that is waited for is in the way of others: PostgreSQL lets nobody share one while
// somebody waits to have it alone, who may be refused in the end.
constexpr statement take_lock{"take_lock", "SELECT pg_try_advisory_lock" HUBBUB_PG_LOCK};
constexpr statement share_lock{"share_lock",
                               "SELECT pg_try_advisory_lock_shared" HUBBUB_PG_LOCK};
#undef HUBBUB_PG_LOCK
/// The lock that all nodes share, and that a server which is alone has for itself. The lock of
/// a node has its number, which is greater.
constexpr std::int64_t all_nodes = 0;

// The idle backend of a server that died ends at once, and a busy one within a second
// (client_connection_check_interval).
constexpr std::chrono::seconds lock_patience{4};
constexpr int lock_pause_ms = 50;

std::string settings_for(role purpose, durability level) {
  // An address without a search path means our schema; one with a search path has its tables
  // elsewhere.
  std::string script =
      "SELECT set_config('search_path', '" + std::string{default_schema} +
      "', false) WHERE current_setting('search_path') = '\"$user\", public';"
      // The plan of a statement is made once: planning anew for each batch would cost more than
      // the batch.
      "SET plan_cache_mode = force_generic_plan; SET jit = off; SET lock_timeout = '10s';"
      // A session whose client is gone, or hangs within a transaction, ends and releases its
      // locks.
      "SET client_connection_check_interval = '1s';";
  if (purpose != role::tool) script += "SET idle_in_transaction_session_timeout = '5s';";
  // Plans that are made while tables are small are kept, so they must also suit large tables.
  if (purpose == role::writer)
    script +=
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;";
  if (purpose == role::reader) script += "SET enable_seqscan = off;";
  if (level == durability::normal)
    script += "SET synchronous_commit = off;";
  else
    script += "SELECT set_config('synchronous_commit', 'on', false)"
              " WHERE current_setting('synchronous_commit') IN ('off', 'local');";
  return script;
}

} // namespace

std::string cannot_use(const std::string& address, const std::string& why) {
  constexpr auto form = "postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ in the "
                        "password, %2F for a slash and %25 for a percent sign";
  // What libpq takes for a host or a port, and quotes, is a part of the password.
  if (is_torn(address))
    return std::string{"cannot read the address of the database (is there an @ or a slash in "
                       "its password?): it takes "} +
           form;
  // What libpq quotes of an address that it does not understand may be the password.
  if (!is_readable(address))
    return "cannot read the address of the database (" + why.substr(0, why.find(": \"")) +
           "): it takes " + form;
  if (why.starts_with("invalid "))
    return "cannot use the database " + shown(address) + " (" + why + "): its address takes " +
           form;
  return "cannot use the database " + shown(address) + " (" + why +
         "): make sure that PostgreSQL runs there and that its user may create tables";
}

expected<connection, std::string> open_session(const std::string& address, role purpose,
                                               durability level) {
  auto made = connection::open(address, connect_patience);
  if (!made) return made;
  if (made->server_version() < oldest_server) return made; // `check_server` reports this one
  const auto set = made->run_script(settings_for(purpose, level), answer_patience);
  if (!set) return unexpected(set.error().message);
  return made;
}

expected<std::optional<std::int64_t>, std::string> check_server(connection& open,
                                                                const std::string& address) {
  if (open.server_version() < oldest_server)
    return unexpected("the server of " + shown(address) + " is PostgreSQL " +
                      std::to_string(open.server_version() / 10'000) +
                      ": Hubbub needs version 14 or newer");
  std::string encoding;
  bool is_standby = false, is_ours = false, has_tables = false;
  exchange look{open};
  look.add(look_at_server, {}, [&](const result& rows) {
    encoding = rows.text(0, 0);
    is_standby = rows.boolean(0, 1);
    is_ours = rows.boolean(0, 2);
    has_tables = rows.boolean(0, 3);
  });
  if (const auto looked = look.run(answer_patience); !looked)
    return unexpected(cannot_use(address, looked.error().message));
  if (encoding != "UTF8")
    return unexpected("the database " + shown(address) + " has the encoding " + encoding +
                      ": create one with ENCODING 'UTF8'");
  if (is_standby)
    return unexpected("the server of " + shown(address) +
                      " is a standby, which cannot be written: name the primary");
  const auto foreign = "the database " + shown(address) +
                       " has tables of another program in the schema that Hubbub would use: "
                       "choose another database, or another schema "
                       "(options=-csearch_path=NAME)";
  if (!is_ours) {
    if (has_tables) return unexpected(foreign);
    return std::nullopt;
  }
  std::int64_t version = 0;
  std::string column;
  exchange read{open};
  read.add(schema_version, {}, [&](const result& rows) {
    if (!rows.empty()) version = rows.integer(0, 0);
  });
  read.add(foreign_collation, {}, [&](const result& rows) {
    if (!rows.empty()) column = rows.text(0, 0);
  });
  if (const auto done = read.run(answer_patience); !done || version < 1)
    return unexpected(foreign);
  if (version > newest_version)
    return unexpected("the database " + shown(address) +
                      " was written by a newer version of Hubbub: start that version, or "
                      "choose another database");
  if (!column.empty())
    return unexpected("the column " + column + " of the database " + shown(address) +
                      " has another collation than \"C\", by which Hubbub compares names: "
                      "give it back its collation with ALTER TABLE, or restore a backup");
  return version;
}

expected<void, std::string> migrate(connection& open, const std::string& address) {
  // Another server may be migrating at the same time; then the second attempt finds its work.
  for (int attempt = 0;; ++attempt) {
    const auto version = check_server(open, address);
    if (!version) return unexpected(version.error());
    const auto from = version->value_or(0);
    if (from == newest_version) return {};
    std::string script = "BEGIN;";
    if (from == 0)
      script += "DO $$ BEGIN IF current_schema() IS NULL THEN EXECUTE 'CREATE SCHEMA '"
                " || split_part(current_setting('search_path'), ',', 1); END IF; END $$;";
    for (auto next = from; next < newest_version; ++next)
      script += migrations()[static_cast<std::size_t>(next)];
    script += "UPDATE settings SET version = " + std::to_string(newest_version) + "; COMMIT";
    const auto done = open.run_script(script, std::chrono::hours{24});
    if (done) continue; // the next attempt checks the result
    open.roll_back();
    if (attempt > 0 || open.is_lost())
      return unexpected(cannot_use(address, done.error().message));
  }
}

expected<void, std::string> expect_current(connection& open, const std::string& address) {
  const auto version = check_server(open, address);
  if (!version) return unexpected(version.error());
  if (!*version)
    return unexpected("there is no database of Hubbub in " + shown(address) +
                      ": name the one that the server uses");
  if (**version < newest_version)
    return unexpected("the database " + shown(address) +
                      " was written by an older version of Hubbub: start this version once, "
                      "which brings it up to date");
  return {};
}

namespace {

/// Takes the database for one of several servers, or for one alone. `not_alone` is the error if
/// it is wanted alone and somebody else has it.
expected<void, std::string> take_database(connection& open, const std::string& address,
                                          std::optional<std::int64_t> node,
                                          const std::string& not_alone) {
  const auto until = std::chrono::steady_clock::now() + lock_patience;
  const auto take = [&](const statement& how, std::int64_t what,
                        const std::string& why) -> expected<void, std::string> {
    for (;;) {
      bool is_ours = false;
      exchange lock{open};
      lock.add(how, parameters::of(what),
               [&is_ours](const result& rows) { is_ours = rows.boolean(0, 0); });
      if (const auto asked = lock.run(answer_patience); !asked)
        return unexpected(cannot_use(address, asked.error().message));
      if (is_ours) return {};
      if (std::chrono::steady_clock::now() >= until) return unexpected(why);
      ::poll(nullptr, 0, lock_pause_ms);
    }
  };
  const auto used = "another server uses the database " + shown(address);
  auto first =
      node ? take(share_lock, all_nodes,
                  used + " without a node_id: stop it first, or choose another database")
           : take(take_lock, all_nodes, not_alone);
  if (!first) return first;
  if (!node) return {};
  return take(take_lock, *node,
              used + " with the node_id " + std::to_string(*node) +
                  ": stop it first, or give this one a number of its own");
}

} // namespace

expected<void, std::string> take_for_server(connection& open, const std::string& address,
                                            std::optional<std::int64_t> node) {
  return take_database(open, address, node,
                       "another server uses the database " + shown(address) +
                           ": stop it first, choose another database, or give each server a "
                           "node_id");
}

expected<void, std::string> take_for_tool(connection& open, const std::string& address) {
  return take_database(open, address, std::nullopt,
                       "a server uses the database " + shown(address) +
                           ", or another command does: stop all its servers until this command "
                           "is done");
}

} // namespace hubbub::pg
