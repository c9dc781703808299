#include "persistence/postgres/pg_link.hpp"

#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_open.hpp"

#include <poll.h>

#include <chrono>
#include <tuple>
#include <utility>

namespace hubbub {

namespace {

using clock = std::chrono::steady_clock;

/// How long a restart of the PostgreSQL server may take. Meanwhile the batch is not answered,
/// since it may have been committed.
constexpr std::chrono::seconds restart_time{30};
constexpr int resolve_pause_ms = 200;
constexpr std::int64_t kept_batches = 1000;

constexpr pg::statement first_epoch{
    "first_epoch", "INSERT INTO nodes AS n (node_id, epoch) VALUES ($1::bigint, 1)"
                   " ON CONFLICT (node_id) DO UPDATE SET epoch = n.epoch + 1 RETURNING epoch"};
constexpr pg::statement read_epoch{"read_epoch",
                                   "SELECT epoch FROM nodes WHERE node_id = $1::bigint"};
// Waits for a transaction of the old epoch that has begun its batch, and stops one that has
// not.
constexpr pg::statement next_epoch{
    "next_epoch",
    "UPDATE nodes SET epoch = epoch + 1 WHERE node_id = $1::bigint RETURNING epoch"};
constexpr pg::statement find_batch{"find_batch",
                                   "SELECT xid FROM batches WHERE node_id = $1::bigint"
                                   " AND epoch = $2::bigint AND n = $3::bigint"};

} // namespace

expected<pg_link, std::string> pg_link::open(const std::string& address, durability level,
                                             std::int64_t node) {
  pg_link made{address, level, node};
  auto opened = pg::open_session(address, pg::role::writer, level);
  if (!opened) return unexpected(pg::cannot_use(address, opened.error()));
  if (auto done = pg::migrate(*opened, address); !done) return unexpected(done.error());
  if (auto taken = made.take(*opened); !taken) return unexpected(taken.error());
  pg::exchange begin{*opened};
  begin.add(first_epoch, pg::parameters::of(made.node_),
            [&](const pg::result& rows) { made.epoch_ = rows.integer(0, 0); });
  if (const auto begun = begin.run(pg::answer_patience); !begun)
    return unexpected(pg::cannot_use(address, begun.error().message));
  made.open_.emplace(*std::move(opened));
  return made;
}

expected<void, std::string> pg_link::take(pg::connection& open) const {
  return pg::take_for_server(open, address_, is_shared_ ? std::optional{node_} : std::nullopt);
}

expected<void, std::string> pg_link::reconnect() {
  open_.reset();
  auto opened = pg::open_session(address_, pg::role::writer, level_);
  if (!opened) return unexpected(opened.error());
  if (auto taken = take(*opened); !taken) return unexpected(taken.error());
  open_.emplace(*std::move(opened));
  return {};
}

bool pg_link::epoch_is_ours() {
  std::int64_t now = 0;
  pg::exchange read{*open_};
  read.add(read_epoch, pg::parameters::of(node_), [&](const pg::result& rows) {
    if (!rows.empty()) now = rows.integer(0, 0);
  });
  if (!read.run(pg::answer_patience)) return false;
  fenced_ = fenced_ || now != epoch_;
  return !fenced_;
}

pg::connection* pg_link::connected() {
  if (fenced_) return nullptr;
  if (unresolved_ && !try_resolve()) return nullptr;
  if (open_ && !open_->is_lost()) return fenced_ ? nullptr : &*open_;
  if (!reconnect() || !epoch_is_ours()) return nullptr;
  return &*open_;
}

pg::parameters pg_link::next_batch() {
  return pg::parameters::of(node_, epoch_, ++batch_);
}

pg::parameters pg_link::old_batches() const {
  return pg::parameters::of(node_, epoch_, batch_ - kept_batches);
}

std::optional<pg_link::fate> pg_link::try_resolve() {
  if ((!open_ || open_->is_lost()) && !reconnect()) return std::nullopt;
  unresolved_ = true;
  ++bumps_;
  std::int64_t now = 0;
  std::optional<std::int64_t> found;
  pg::exchange ask{*open_};
  ask.add(next_epoch, pg::parameters::of(node_), [&](const pg::result& rows) {
    if (!rows.empty()) now = rows.integer(0, 0);
  });
  ask.add(find_batch, pg::parameters::of(node_, epoch_, batch_), [&](const pg::result& rows) {
    if (!rows.empty()) found = rows.integer(0, 0);
  });
  std::ignore = open_->take_warning();
  // A warning means that the new epoch was not replicated either, so it is asked for again.
  if (!ask.run(pg::answer_patience) || open_->take_warning()) return std::nullopt;
  if (now == 0 || now > epoch_ + bumps_) fenced_ = true;
  epoch_ = now;
  unresolved_ = false;
  bumps_ = 0;
  batch_ = 0;
  transaction_ = found.value_or(0);
  return found ? fate::committed : fate::not_committed;
}

pg_link::fate pg_link::resolve() {
  const auto until = clock::now() + restart_time;
  for (;;) {
    if (const auto known = try_resolve()) return *known;
    if (clock::now() >= until) return fate::unknown;
    ::poll(nullptr, 0, resolve_pause_ms);
  }
}

} // namespace hubbub
