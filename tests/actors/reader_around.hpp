#pragma once

#include "persistence/store.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace hubbub::test {

/// A reader that passes every call to another one; a test overrides the calls that it wants to
/// change.
class reader_around : public store_reader {
 public:
  explicit reader_around(std::unique_ptr<store_reader> real) : real_(std::move(real)) {}

  expected<room_record, store_error> find_room(room_id id) override {
    return real_->find_room(id);
  }
  expected<room_record, store_error> find_room(std::string_view name) override {
    return real_->find_room(name);
  }
  expected<std::vector<room_record>, store_error>
  list_rooms(room_id after, std::string_view q, std::int64_t limit,
             const room_viewer& viewer) override {
    return real_->list_rooms(after, q, limit, viewer);
  }
  expected<std::vector<standing>, store_error> read_standings(room_id room) override {
    return real_->read_standings(room);
  }
  expected<user_standing, store_error> standing_of(room_id room, std::string_view user_id,
                                                   timestamp now) override {
    return real_->standing_of(room, user_id, now);
  }
  expected<message_page, store_error> read_messages(const message_range& range) override {
    return real_->read_messages(range);
  }
  expected<message_page, store_error> read_changes(const change_range& range) override {
    return real_->read_changes(range);
  }
  expected<order_page, store_error> read_orders(const room_position& after, revision up_to,
                                                std::int64_t limit) override {
    return real_->read_orders(after, up_to, limit);
  }
  expected<std::vector<foreign_member>, store_error> read_members(room_id room) override {
    return real_->read_members(room);
  }
  expected<std::vector<std::int64_t>, store_error>
  count_members(std::span<const room_id> rooms) override {
    return real_->count_members(rooms);
  }
  expected<std::vector<sequence>, store_error>
  acked_messages(recovery_id session, const message_range& range) override {
    return real_->acked_messages(session, range);
  }
  expected<search_page, store_error> search(const search_query& query) override {
    return real_->search(query);
  }
  expected<std::vector<read_marker>, store_error>
  read_markers(std::string_view user_id, std::span<const room_id> rooms) override {
    return real_->read_markers(user_id, rooms);
  }
  expected<std::optional<recoverable_session>, store_error>
  find_recoverable(recovery_id session) override {
    return real_->find_recoverable(session);
  }
  expected<bool, store_error> is_member(recovery_id session, room_id room,
                                        bool sees_all) override {
    return real_->is_member(session, room, sees_all);
  }

 private:
  std::unique_ptr<store_reader> real_;
};

} // namespace hubbub::test
