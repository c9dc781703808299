#include "persistence/postgres/pg_store.hpp"

#include "persistence/index_file/index_file.hpp"
#include "persistence/postgres/pg_address.hpp"
#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_lease.hpp"
#include "persistence/postgres/pg_link.hpp"
#include "persistence/postgres/pg_open.hpp"
#include "persistence/postgres/pg_reader.hpp"
#include "persistence/postgres/pg_scripts.hpp"
#include "persistence/postgres/pg_writer.hpp"
#include "persistence/system_time.hpp"

#include <string>
#include <utility>

namespace hubbub {

namespace {

// Several servers may be started in one folder.
constexpr int max_default_indexes = 64;
std::string default_index(int number) {
  return number == 1 ? "hubbub-search.db" : "hubbub-search-" + std::to_string(number) + ".db";
}

constexpr pg::statement read_secret{"read_secret", "SELECT secret FROM settings"};
constexpr pg::statement find_copying{"find_copying",
                                     "SELECT to_regclass('copying') IS NOT NULL"};

} // namespace

expected<std::unique_ptr<store>, std::string> pg_store::open(const store_config& config) {
  auto link = pg_link::open(config.path, config.level, config.node_id);
  if (!link) return unexpected(std::move(link.error()));
  std::unique_ptr<pg_store> made{new pg_store};
  made->address_ = config.path;
  made->is_shared_ = link->is_shared();
  made->node_ = config.node_id;
  bool known = false;
  bool is_whole = true;
  if (auto* open = link->connected()) {
    pg::exchange read{*open};
    read.add(find_copying, {}, [&](const pg::result& rows) { is_whole = !rows.boolean(0, 0); });
    read.add(read_secret, {}, [&](const pg::result& rows) {
      known = !rows.empty() && rows.bytes(0, 0, made->secret_);
    });
    if (const auto done = read.run(pg::answer_patience); !done)
      return unexpected(pg::cannot_use(config.path, done.error().message));
  }
  if (!is_whole)
    return unexpected("the database " + pg::shown(config.path) +
                      " is a copy that is not whole: run the same hubbub db copy again");
  if (!known) return unexpected(pg::cannot_use(config.path, "its table settings is damaged"));
  if (const auto taken = made->take_index(config); !taken) return unexpected(taken.error());
  auto writer = std::make_unique<pg_writer>(*std::move(link), config);
  if (const auto started = writer->start(system_time()); !started)
    return unexpected(pg::cannot_use(config.path, started.error().message));
  made->writer_ = std::move(writer);
  return std::unique_ptr<store>{std::move(made)};
}

expected<schema_versions, std::string> pg_store::look_at(const store_config& config) {
  auto open = pg::open_session(config.path, pg::role::tool, config.level);
  if (!open) return unexpected(pg::cannot_use(config.path, open.error()));
  const auto there = pg::check_server(*open, config.path);
  if (!there) return unexpected(there.error());
  return schema_versions{there->value_or(0),
                         static_cast<std::int64_t>(pg::migrations().size())};
}

expected<void, std::string> pg_store::take_index(const store_config& config) {
  on_index_ = config.on_index;
  if (!config.search) return {};
  const bool is_named = !config.search_index.empty();
  std::string failed;
  for (int i = 1; i <= (is_named ? 1 : max_default_indexes) && !index_lock_; ++i) {
    const auto path = is_named ? config.search_index : default_index(i);
    auto lock = index_file::check_path(path).and_then(
        [&] { return file_lock::take(path, "search index"); });
    if (lock) {
      index_path_ = path;
      index_lock_.emplace(*std::move(lock));
      index_lock_->keep_file(); // so that a start on a full disk needs no new one
    } else if (failed.empty()) {
      failed = lock.error();
    }
  }
  if (!index_lock_)
    return unexpected("cannot use the search index (" + failed +
                      "): name a file for it with search_index, or set search to false");
  return {};
}

std::unique_ptr<node_lease> pg_store::lease() {
  return is_shared_ ? std::make_unique<pg_lease>(address_, node_) : nullptr;
}

std::unique_ptr<store_reader> pg_store::reader() {
  auto search =
      index_path_.empty() ? nullptr : std::make_unique<pg_search>(index_path_, on_index_);
  return std::make_unique<pg_reader>(address_, std::move(search), node_);
}

} // namespace hubbub
