#include "persistence/store.hpp"

#include "persistence/postgres/pg_address.hpp"
#include "persistence/postgres/pg_store.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

namespace hubbub {

expected<schema_versions, std::string> look_at_store(const store_config& config) {
  return pg::is_address(config.path) ? pg_store::look_at(config)
                                     : sqlite_store::look_at(config);
}

expected<std::unique_ptr<store>, std::string> open_store(const store_config& config) {
  // SQLite would take the empty path for a temporary database, which is gone at the end.
  if (config.path.empty())
    return unexpected(std::string{"the database has an empty path: name a file, or :memory:"});
  if (pg::is_address(config.path)) return pg_store::open(config);
  if (config.node_id != 0)
    return unexpected(
        std::string{"node_id is for servers that share a PostgreSQL database: name "
                    "one by db, or leave node_id out"});
  return sqlite_store::open(config);
}

} // namespace hubbub
