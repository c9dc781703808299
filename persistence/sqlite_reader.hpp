#pragma once

#include "persistence/message_window.hpp"
#include "persistence/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Reads through a read-only connection of its own, opened when first needed: a reader that
/// could not open it answers `io` and tries again at the next call.
class sqlite_reader final : public store_reader {
 public:
  explicit sqlite_reader(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] expected<room_record, store_error> find_room(room_id id) override;
  [[nodiscard]] expected<room_record, store_error> find_room(std::string_view name) override;
  [[nodiscard]] expected<std::vector<room_record>, store_error>
  list_rooms(room_id after, std::string_view q, std::int64_t limit) override;
  [[nodiscard]] expected<message_page, store_error>
  read_messages(const message_range& range) override;

 private:
  struct connection {
    explicit connection(sqlite::database opened);

    sqlite::database db;
    sqlite::statement room_by_id;
    sqlite::statement room_by_name;
    sqlite::statement rooms_after;
    sqlite::statement oldest_messages;
    sqlite::statement newest_messages;
  };

  [[nodiscard]] expected<connection*, store_error> connected();
  /// In the order of the walk.
  [[nodiscard]] static expected<message_page, store_error>
  read_window(connection& open, room_id room, const message_window& window);

  std::string path_;
  std::optional<connection> connection_;
};

} // namespace hubbub
