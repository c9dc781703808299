#pragma once

#include "persistence/postgres/pg_search.hpp"
#include "persistence/postgres/pg_session.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Reads through a connection of its own (`pg_session`).
class pg_reader final : public store_reader {
 public:
  /// Makes a reader; without a search, `search` answers `no_search`. `node` is the number of
  /// this node among those that use the database; 0: no other does.
  explicit pg_reader(std::string address, std::unique_ptr<pg_search> search = nullptr,
                     std::int64_t node = 0)
      : session_(std::move(address)), search_(std::move(search)), node_(node) {}

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
  [[nodiscard]] expected<order_page, store_error>
  read_orders(const room_position& after, revision up_to, std::int64_t limit) override;
  [[nodiscard]] expected<std::vector<room_position>, store_error>
  read_heads(std::span<const room_id> rooms) override;
  [[nodiscard]] expected<std::vector<foreign_member>, store_error>
  read_members(room_id room) override;
  [[nodiscard]] expected<std::vector<std::int64_t>, store_error>
  count_members(std::span<const room_id> rooms) override;
  [[nodiscard]] expected<std::vector<sequence>, store_error>
  acked_messages(recovery_id session, const message_range& range) override;
  [[nodiscard]] expected<search_page, store_error> search(const search_query& query) override;
  bool feed_index() override { return search_ && search_->follow(session_); }
  [[nodiscard]] index_state index() const override {
    return search_ ? search_->state() : index_state{};
  }
  [[nodiscard]] expected<std::vector<read_marker>, store_error>
  read_markers(std::string_view user_id, std::span<const room_id> rooms) override;
  [[nodiscard]] expected<std::optional<recoverable_session>, store_error>
  find_recoverable(recovery_id session) override;
  [[nodiscard]] expected<bool, store_error> is_member(recovery_id session, room_id room,
                                                      bool sees_all) override;

 private:
  /// Runs the statements that `queue` adds for a page; an empty page may mean that there is no
  /// such room.
  template <class Answer, class Queue>
  [[nodiscard]] expected<Answer, store_error> ask_in_room(room_id room, const Queue& queue);

  pg_session session_;
  std::unique_ptr<pg_search> search_;
  std::int64_t node_;
};

} // namespace hubbub
