#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_markers.hpp"
#include "persistence/sqlite/sqlite_pages.hpp"
#include "persistence/sqlite/sqlite_recovery.hpp"
#include "persistence/sqlite/sqlite_search.hpp"
#include "persistence/sqlite/sqlite_standings.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Reads through a read-only connection of its own, opened when it is first needed. A reader
/// that cannot open it answers `io` and tries again at the next call. A database in memory has
/// one connection for all.
class sqlite_reader final : public store_reader {
 public:
  explicit sqlite_reader(std::string path) : path_(std::move(path)) {}
  explicit sqlite_reader(std::shared_ptr<sqlite::database> shared) {
    connection_.emplace(std::move(shared));
  }

  [[nodiscard]] expected<room_record, store_error> find_room(room_id id) override;
  [[nodiscard]] expected<room_record, store_error> find_room(std::string_view name) override;
  [[nodiscard]] expected<std::vector<room_record>, store_error>
  list_rooms(room_id after, std::string_view q, std::int64_t limit,
             const room_viewer& viewer) override;
  [[nodiscard]] expected<std::vector<standing>, store_error>
  read_standings(room_id room) override;
  [[nodiscard]] expected<user_standing, store_error>
  standing_of(room_id room, std::string_view user_id, timestamp now) override;
  [[nodiscard]] expected<message_page, store_error>
  read_messages(const message_range& range) override;
  [[nodiscard]] expected<message_page, store_error>
  read_changes(const change_range& range) override;
  [[nodiscard]] expected<std::vector<sequence>, store_error>
  acked_messages(recovery_id session, const message_range& range) override;
  [[nodiscard]] expected<search_page, store_error> search(const search_query& query) override;
  [[nodiscard]] expected<std::vector<read_marker>, store_error>
  read_markers(std::string_view user_id, std::span<const room_id> rooms) override;
  [[nodiscard]] expected<std::optional<recoverable_session>, store_error>
  find_recoverable(recovery_id session) override;
  [[nodiscard]] expected<bool, store_error> is_member(recovery_id session, room_id room,
                                                      bool sees_all) override;

 private:
  struct connection {
    explicit connection(std::shared_ptr<sqlite::database> opened);

    std::shared_ptr<sqlite::database> db;
    bool is_equipped = false; ///< the connection has our functions and the tokenizer
    sqlite::statement room_by_id;
    sqlite::statement room_by_name;
    sqlite::statement rooms_after;
    sqlite_page_queries pages;
    sqlite_search_queries search;
    sqlite_marker_queries markers;
    sqlite_standing_queries standings;
    sqlite_recovery_queries recovery;
  };

  [[nodiscard]] expected<connection*, store_error> connected();
  /// Runs `read` on the connection and returns its answer; everything is read from one
  /// snapshot.
  template <class Answer, class Read>
  [[nodiscard]] expected<Answer, store_error> at_one_moment(const Read& read);
  /// Runs `read` for a page from one snapshot; an empty page may mean that there is no such
  /// room.
  template <class Read>
  [[nodiscard]] expected<message_page, store_error> page_of(room_id room, const Read& read);

  std::string path_;
  std::optional<connection> connection_;
};

} // namespace hubbub
