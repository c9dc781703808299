#pragma once

#include "persistence/index_file/index_file.hpp"
#include "persistence/index_file/index_matches.hpp"
#include "persistence/postgres/pg_log_feed.hpp"
#include "persistence/postgres/pg_session.hpp"
#include "persistence/search/tokenizer.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// Searches the messages of a PostgreSQL database in a local index (`index_file`), which it
/// feeds from the log by itself: before each search, and in `follow`. So no writer has to do or
/// tell anything, and whatever becomes of the index concerns searches alone.
///
/// What is found is read from the database, and is left out if it has changed since it was
/// indexed: an old content is never shown.
class pg_search {
 public:
  pg_search(std::string path, index_watch watch);

  /// Takes in what was committed before this call, for up to a second, and searches. Errors:
  /// `no_index` and `index_full` about the index, and those of the database.
  [[nodiscard]] expected<search_page, store_error> search(pg_session& session,
                                                          const search_query& query);
  /// Takes in a portion of what was committed, or takes out some of what was removed. Returns
  /// true if more may be left. A failure shows in the state, and the next call tries again.
  [[nodiscard]] bool follow(pg_session& session);
  [[nodiscard]] const index_state& state() const { return state_; }

 private:
  using status = expected<void, store_error>;
  /// Follows removals from one pass over the rooms to the next.
  struct removals_round {
    std::int64_t begun_at;    ///< the transaction from which on this pass looks
    std::int64_t transaction; ///< position of the pass
    room_id room;
    std::optional<std::int64_t> settled; ///< the transaction from which on the next pass looks
    bool found = false;
  };

  /// Opens the index, if it is not open for the database that the session is connected to.
  [[nodiscard]] status prepare(pg_session& session);
  /// Takes in one portion; true if there is more.
  [[nodiscard]] expected<bool, store_error> take_in_some(pg_session& session);
  [[nodiscard]] status catch_up(pg_session& session);
  [[nodiscard]] expected<bool, store_error> take_out_some(pg_session& session);
  [[nodiscard]] static expected<bool, store_error>
  take_out(index_file& file, const removals_portion& portion, removals_round& round);
  [[nodiscard]] expected<std::vector<index_match>, store_error>
  matches(pg_session& session, const search_query& query, const ranked_question& asked);
  /// Handles a failure of the index, and returns the error for who searches.
  [[nodiscard]] store_error on_failure(store_error why);
  void on_complete();
  void tell(index_event::what kind, store_error why = store_error::io) const;

  std::string path_;
  index_watch watch_;
  tokenizer words_;
  std::unique_ptr<index_file> file_;
  std::optional<index_matches> matches_;
  std::uint64_t connection_ = 0; ///< the session's connection for which the index was opened
  bool is_built_ = true;         ///< false while an index that was begun is not complete
  std::optional<removals_round> round_;
  index_state state_;
};

} // namespace hubbub
