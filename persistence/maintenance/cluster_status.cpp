#include "persistence/maintenance/maintenance.hpp"
#include "persistence/postgres/pg_address.hpp"
#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_open.hpp"

#include <chrono>

namespace hubbub {

namespace {

constexpr std::chrono::seconds status_patience{30};

// The last lease of each node, and who is in rooms by any of its leases that holds: the members
// of a run before are kept until that ends, as all nodes tell their clients.
constexpr pg::statement find_nodes{
    "find_nodes",
    "SELECT n.node_id, n.epoch, l.alive_until > clock_timestamp(),"
    " (extract(epoch FROM l.alive_until - clock_timestamp()) * 1000)::bigint, l.wire,"
    " m.rooms, m.members, l.url FROM nodes n"
    " JOIN LATERAL (SELECT * FROM node_leases k WHERE k.node_id = n.node_id"
    " ORDER BY k.alive_until DESC LIMIT 1) l ON true"
    " CROSS JOIN LATERAL (SELECT count(DISTINCT r.room_id) AS rooms,"
    " count(DISTINCT (r.room_id, r.user_id)) AS members"
    " FROM run_members r JOIN node_leases k ON k.run = r.run WHERE k.node_id = n.node_id"
    " AND k.alive_until > clock_timestamp() AND r.sockets > 0) m ORDER BY n.node_id"};
constexpr pg::statement count_all{
    "count_all", "SELECT count(DISTINCT r.room_id), count(DISTINCT (r.room_id, r.user_id)),"
                 " count(DISTINCT r.user_id) FROM run_members r JOIN node_leases l"
                 " ON l.run = r.run WHERE r.sockets > 0 AND l.alive_until > clock_timestamp()"};

} // namespace

expected<cluster_status, std::string> read_cluster(const std::string& path) {
  if (!pg::is_address(path))
    return unexpected(std::string{"a cluster has its database in PostgreSQL: name it with "
                                  "--db, or the settings with --config"});
  auto open = pg::open_session(path, pg::role::tool, durability::full);
  if (!open) return unexpected(pg::cannot_use(path, open.error()));
  if (const auto fits = pg::expect_current(*open, path); !fits) return unexpected(fits.error());
  cluster_status status;
  pg::exchange ask{*open};
  ask.add(find_nodes, {}, [&](const pg::result& rows) {
    for (int i = 0; i < rows.size(); ++i)
      status.nodes.push_back({rows.integer(i, 0), rows.integer(i, 1), rows.boolean(i, 2),
                              rows.integer(i, 3), rows.integer(i, 4), rows.integer(i, 5),
                              rows.integer(i, 6), rows.text(i, 7)});
  });
  ask.add(count_all, {}, [&](const pg::result& rows) {
    status.rooms = rows.integer(0, 0);
    status.members = rows.integer(0, 1);
    status.users = rows.integer(0, 2);
  });
  if (const auto done = ask.run(status_patience); !done)
    return unexpected(pg::cannot_use(path, done.error().message));
  return status;
}

} // namespace hubbub
