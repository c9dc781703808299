#pragma once

#include "persistence/search/query_text.hpp"
#include "persistence/search/tokenizer.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_posting_pages.hpp"
#include "persistence/sqlite/sqlite_search_facts.hpp"
#include "proto/ids.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hubbub {

class content_ranking;

/// Maximum number of matches that are ranked, the newest ones: a word that is in every message
/// would have all messages ranked otherwise.
inline constexpr std::int64_t max_ranked = 10'000;
/// Maximum number of matches that are looked at to find those in rooms that the viewer sees.
inline constexpr std::int64_t max_looked_at = 100'000;

/// What to find in an index, and which part of the ranked matches.
struct ranked_question {
  const std::vector<query_phrase>& phrases;
  std::optional<room_id> room;
  std::optional<std::string> user_id;
  std::int64_t offset = 0;
  std::int64_t limit = 0;
};

/// Ranks the matches in an index by what is kept beside its words (`search_facts`), reading no
/// message. FTS5 can pass over rows only one by one, and would read the length of each match
/// from a row of its own; so the words are read from the pages of its table
/// (`sqlite_posting_pages`). The results are those of `content_rank`, in the same order.
///
/// Every call may return nothing: then the index is not as expected, or a word has too many
/// endings, and FTS5 must be asked.
class sqlite_ranked_search {
 public:
  /// `room_query` finds the room of the message `?1`.
  sqlite_ranked_search(const sqlite::database& db, const std::string& table,
                       std::int64_t generation, std::string_view room_query);
  sqlite_ranked_search(const sqlite_ranked_search&) = delete;
  sqlite_ranked_search& operator=(const sqlite_ranked_search&) = delete;

  /// Says whether a search shows matches in this room.
  using room_filter = std::function<expected<bool, store_error>(room_id)>;

  /// Returns the best of the newest matches, the best first. With a filter those in rooms that
  /// it refuses are left out, and a bounded number of matches is looked at. The caller holds a
  /// snapshot.
  [[nodiscard]] expected<std::optional<std::vector<message_id>>, store_error>
  best(const ranked_question& asked, const room_filter& is_shown = {});

  struct found_rooms {
    std::vector<room_id> rooms; ///< in rising order
    message_id oldest;          ///< of the matches that were looked at
  };
  /// Returns the rooms of the newest matches.
  [[nodiscard]] expected<std::optional<found_rooms>, store_error>
  rooms(const ranked_question& asked);

 private:
  class walk; ///< the matches of one search

  /// Makes a walk over the matches in the asked scope; nothing if FTS5 must be asked. A room
  /// that is not narrow is left out: then `asks_room` is set, and each match must be asked.
  [[nodiscard]] std::optional<walk> matches(const ranked_question& asked,
                                            const std::vector<posting_segment>& segments,
                                            bool& asks_room);
  /// Returns the word that the scopes have for this text; empty if there is not one.
  [[nodiscard]] std::string scope_word(const std::string& text);
  /// Returns how rare the phrases are.
  [[nodiscard]] std::vector<double> rarities(const ranked_question& asked,
                                             const std::vector<posting_segment>& segments,
                                             const content_ranking& ranking);
  [[nodiscard]] expected<bool, store_error> shows(const room_filter& is_shown, room_id room);
  /// Returns the room and the length, wherever they are found.
  [[nodiscard]] expected<search_facts, store_error> look_up(message_id id);
  [[nodiscard]] expected<room_id, store_error> room_of(message_id id);

  tokenizer words_;
  sqlite_posting_pages pages_;
  search_facts_reader facts_;
  sqlite::statement room_query_;
  std::unordered_map<std::int64_t, bool> shown_; ///< what the filter said in this search
};

} // namespace hubbub
