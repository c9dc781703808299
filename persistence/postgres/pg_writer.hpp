#pragma once

#include "persistence/postgres/pg_batch.hpp"
#include "persistence/postgres/pg_clock.hpp"
#include "persistence/postgres/pg_link.hpp"
#include "persistence/postgres/pg_retention.hpp"
#include "persistence/store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hubbub {

/// Group commit into PostgreSQL. Several nodes store the times of its clock, not those of their
/// own that they pass (`own`). A batch is one transaction, in two round trips, or in one if
/// it consists of only a few appends. If a COMMIT is not answered, the batch is not answered
/// until it is known whether it was committed.
class pg_writer final : public store_writer {
 public:
  pg_writer(pg_link link, const store_config& config);

  /// Ends the recoverable sessions that the last server did not end, and adjusts the records of
  /// a restored dump to this server.
  [[nodiscard]] expected<void, pg::failure> start(timestamp own);

  [[nodiscard]] std::vector<write_outcome> commit(std::span<const write_op> ops,
                                                  timestamp own) override;
  /// A commit takes round trips, a flush and the locks of rooms, for which other nodes wait. So
  /// operations gather for as long as the last one took, but at most two milliseconds.
  [[nodiscard]] std::chrono::nanoseconds gathering_time() const override {
    return std::min<std::chrono::nanoseconds>(commit_time_, std::chrono::milliseconds{2});
  }
  bool purge(timestamp own) override;
  void stop_writing() override { damaged_ = true; }
  [[nodiscard]] std::vector<foreign_part> take_foreign() override { return foreign_.take(); }

 private:
  using outcomes = std::vector<write_outcome>;

  [[nodiscard]] expected<void, pg::failure> end_all(pg::connection& open, timestamp now);
  [[nodiscard]] expected<void, pg::failure> end_own(pg::connection& open, timestamp now);
  [[nodiscard]] expected<outcomes, pg::failure> try_commit(std::span<const write_op> ops,
                                                           timestamp now);
  [[nodiscard]] expected<outcomes, pg::failure>
  commit_batch(pg::connection& open, std::span<const write_op> ops, timestamp now);
  [[nodiscard]] expected<outcomes, pg::failure>
  commit_appends(pg::connection& open, std::span<const write_op> ops, timestamp now);
  [[nodiscard]] expected<outcomes, pg::failure>
  commit_either(pg::connection& open, std::span<const write_op> ops, timestamp now);
  /// Runs reads about a batch that is known to be committed, until they succeed or the server
  /// has been away for too long. Whatever fails, the failure is one after which nothing is sent
  /// again.
  [[nodiscard]] expected<void, pg::failure>
  read_back(const std::function<void(pg::exchange&)>& queue);
  /// Returns the outcomes of appends whose transaction was committed without an answer.
  [[nodiscard]] expected<outcomes, pg::failure> find_appends(std::span<const write_op> ops,
                                                             timestamp now);
  /// Determines the result of a transaction that failed or was not answered; true if it was
  /// committed.
  [[nodiscard]] expected<bool, pg::failure>
  settle(pg::connection& open, const expected<void, pg::failure>& done, bool was_to_commit);
  [[nodiscard]] expected<bool, pg::failure> try_purge(pg::connection& open, timestamp now);
  [[nodiscard]] timestamp oldest_remembered(timestamp now) const {
    return timestamp{now.value - dedupe_window_ms_};
  }

  pg_link link_;
  pg_clock clock_;
  pg_foreign foreign_;
  std::int64_t dedupe_window_ms_;
  std::int64_t recovery_window_ms_;
  std::int64_t max_rooms_;
  pg_retention retention_;
  std::chrono::nanoseconds commit_time_{}; ///< of the last commit
  bool damaged_ = false;
  bool retention_is_next_ = false;
};

} // namespace hubbub
