#pragma once

#include "persistence/postgres/pg_clock.hpp"
#include "persistence/postgres/pg_connection.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hubbub {

/// A writer's connection, on which it writes under its node's epoch. It reconnects after a
/// loss, and finds out whether a batch whose COMMIT was not answered was committed.
class pg_link {
 public:
  /// Takes the database for a server and begins a new epoch of its node; 0 is a server that is
  /// alone. The error is one sentence.
  [[nodiscard]] static expected<pg_link, std::string> open(const std::string& address,
                                                           durability level, std::int64_t node);

  /// True if other nodes may write to the database too.
  [[nodiscard]] bool is_shared() const { return is_shared_; }
  /// Returns the node's number; 1 if it is alone.
  [[nodiscard]] std::int64_t node() const { return node_; }

  /// Returns the connection, reconnected if it was lost; null if that fails, or if another
  /// server has taken the database meanwhile.
  [[nodiscard]] pg::connection* connected();
  /// True if another server has taken the database: nothing is written any more.
  [[nodiscard]] bool is_fenced() const { return fenced_; }
  void on_fenced() { fenced_ = true; }

  /// Returns the arguments of `open_batch` for the next batch.
  [[nodiscard]] pg::parameters next_batch();
  /// Returns the arguments for removing the records of old batches.
  [[nodiscard]] pg::parameters old_batches() const;
  /// Whether the last batch was committed. `resolve` asks until there is an answer, for as long
  /// as a server may take to restart; `unknown` if there is none.
  enum class fate : std::uint8_t { committed, not_committed, unknown };
  [[nodiscard]] fate resolve();
  /// Returns the transaction of the batch that `resolve` found committed.
  [[nodiscard]] std::int64_t transaction() const { return transaction_; }

 private:
  pg_link(std::string address, durability level, std::int64_t node)
      : address_(std::move(address)), level_(level), is_shared_(node != 0),
        node_(is_shared_ ? node : 1) {}

  /// Takes the database for this server, as one of several or alone.
  [[nodiscard]] expected<void, std::string> take(pg::connection& open) const;
  /// Opens a connection that holds the database for this server.
  [[nodiscard]] expected<void, std::string> reconnect();
  [[nodiscard]] bool epoch_is_ours();
  [[nodiscard]] std::optional<fate> try_resolve();

  std::string address_;
  durability level_;
  bool is_shared_;
  std::int64_t node_;
  std::optional<pg::connection> open_;
  std::int64_t epoch_ = 0;
  std::int64_t batch_ = 0;
  std::int64_t bumps_ = 0; ///< new epochs that `resolve` asked for
  std::int64_t transaction_ = 0;
  bool unresolved_ = false; ///< it is not known yet whether the last batch was committed
  bool fenced_ = false;
};

/// Begins a batch; see `pg_link::next_batch`. `open_batch` returns PostgreSQL's time.
inline constexpr pg::statement begin_transaction{"begin", "BEGIN"};
inline constexpr pg::statement open_batch{
    "open_batch",
    "SELECT " HUBBUB_PG_CLOCK " FROM open_batch($1::bigint, $2::bigint, $3::bigint)"};
inline constexpr pg::statement commit_transaction{"commit", "COMMIT"};

} // namespace hubbub
