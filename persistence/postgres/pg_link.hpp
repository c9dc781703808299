#pragma once

#include "persistence/postgres/pg_connection.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hubbub {

/// A writer's connection, through which it writes under its node's epoch. It comes back when it
/// was lost, and finds out what became of a batch whose COMMIT was not answered.
class pg_link {
 public:
  /// Takes the database for a server and begins a new epoch of its node. The error is one
  /// sentence.
  [[nodiscard]] static expected<pg_link, std::string> open(const std::string& address,
                                                           durability level, std::int64_t node);

  /// The connection, made anew where it was lost; null where that is not possible, or another
  /// server has taken the database meanwhile.
  [[nodiscard]] pg::connection* connected();
  /// Another server has the database: nothing is written any more.
  [[nodiscard]] bool is_fenced() const { return fenced_; }
  void on_fenced() { fenced_ = true; }

  /// The arguments of `open_batch` for the next batch.
  [[nodiscard]] pg::parameters next_batch();
  /// The arguments for removing the records of old batches.
  [[nodiscard]] pg::parameters old_batches() const;
  /// Whether the last batch was committed, and by which transaction; asks until there is an
  /// answer, as long as a server may take to be started again. None: it is not known.
  enum class fate : std::uint8_t { committed, not_committed, unknown };
  [[nodiscard]] fate resolve();
  /// The transaction of the batch that `resolve` found committed.
  [[nodiscard]] std::int64_t transaction() const { return transaction_; }

 private:
  pg_link(std::string address, durability level, std::int64_t node)
      : address_(std::move(address)), level_(level), node_(node) {}

  /// A connection that has the database for its own.
  [[nodiscard]] expected<void, std::string> reconnect();
  [[nodiscard]] bool epoch_is_ours();
  [[nodiscard]] std::optional<fate> try_resolve();

  std::string address_;
  durability level_;
  std::int64_t node_;
  std::optional<pg::connection> open_;
  std::int64_t epoch_ = 0;
  std::int64_t batch_ = 0;
  std::int64_t bumps_ = 0; ///< new epochs that were asked for in `resolve`
  std::int64_t transaction_ = 0;
  bool unresolved_ = false; ///< what became of the last batch is not known yet
  bool fenced_ = false;
};

/// Begins a batch; see `pg_link::next_batch`.
inline constexpr pg::statement begin_transaction{"begin", "BEGIN"};
inline constexpr pg::statement open_batch{
    "open_batch", "SELECT FROM open_batch($1::bigint, $2::bigint, $3::bigint)"};
inline constexpr pg::statement commit_transaction{"commit", "COMMIT"};

} // namespace hubbub
