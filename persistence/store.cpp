#include "persistence/store.hpp"

#include "persistence/memory_store.hpp"
#include "persistence/sqlite_store.hpp"

namespace hubbub {

expected<std::unique_ptr<store>, std::string> open_store(const store_config& config) {
  if (config.path == ":memory:") return std::make_unique<memory_store>(config.dedupe_window_ms);
  // SQLite would take the empty path for a temporary database, gone at the end.
  if (config.path.empty())
    return unexpected(std::string{"the database has an empty path: name a file, or :memory:"});
  return sqlite_store::open(config);
}

} // namespace hubbub
