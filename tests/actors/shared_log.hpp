#pragma once

#include "persistence/store.hpp"
#include "tests/actors/reader_around.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace hubbub::test {

using kept_orders = std::shared_ptr<std::vector<room_order>>;

/// Reads a store in memory, which keeps no orders, with the orders of its logs.
class node_reader final : public reader_around {
 public:
  node_reader(std::unique_ptr<store_reader> real, kept_orders orders)
      : reader_around(std::move(real)), orders_(std::move(orders)) {}
  expected<order_page, store_error> read_orders(const room_position& after, revision up_to,
                                                std::int64_t) override {
    order_page page;
    for (const auto& each : *orders_)
      if (each.room == after.room && each.rev > after.rev && each.rev <= up_to)
        page.orders.push_back(each);
    return page;
  }

 private:
  kept_orders orders_;
};

/// A memory store that several nodes write, each through a `node_writer`.
struct shared_log {
  explicit shared_log(const store_config& config = {.path = ":memory:"})
      : whole(open_store(config).value()), real(whole->writer()), log(reader()) {}

  /// Writes as another node does.
  write_outcome write(write_op operation, timestamp now) const {
    std::vector ops{std::move(operation)};
    if (auto* known = known_of(ops.front())) *known = log_point{};
    return commit(ops, now).front();
  }
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) const {
    auto outcomes = real->commit(ops, now);
    for (const auto& each : outcomes)
      if (const auto* order = std::get_if<room_order>(&each)) orders->push_back(*order);
    return outcomes;
  }
  [[nodiscard]] std::unique_ptr<store_reader> reader() const {
    return std::make_unique<node_reader>(whole->reader(), orders);
  }

  kept_orders orders = std::make_shared<std::vector<room_order>>();
  std::unique_ptr<store> whole;
  std::unique_ptr<store_writer> real;
  std::unique_ptr<store_reader> log;
};

/// The writer of one node: brings what others wrote to the rooms of a batch, as a store does
/// that several nodes share.
class node_writer final : public store_writer {
 public:
  explicit node_writer(std::shared_ptr<shared_log> shared) : shared_(std::move(shared)) {}

  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    foreign_.clear();
    std::map<room_id, room_position> heads;
    for (std::size_t i = 0; i < ops.size(); ++i)
      std::visit([&](const auto& op) { look(i, op, heads); }, ops[i]);
    std::vector<write_op> valid;
    for (const auto& op : ops)
      if (!is_stale(op)) valid.push_back(op);
    auto outcomes = shared_->commit(valid, now);
    for (std::size_t i = 0; i < ops.size(); ++i)
      if (is_stale(ops[i]))
        outcomes.insert(outcomes.begin() + static_cast<std::ptrdiff_t>(i), store_error::stale);
    for (auto& [room, head] : heads) {
      const auto record = shared_->log->find_room(room);
      if (record) told_[room] = {room, record->last_seq, record->last_rev};
    }
    return outcomes;
  }
  std::vector<foreign_part> take_foreign() override { return std::exchange(foreign_, {}); }
  bool purge(timestamp now) override { return shared_->real->purge(now); }
  void stop_writing() override { shared_->real->stop_writing(); }

 private:
  template <class Op>
  void look(std::size_t index, const Op& op, std::map<room_id, room_position>& heads) {
    if constexpr (requires { op.known; }) {
      if (!op.known || heads.contains(op.room)) return;
      room_position known{op.room, op.known->seq, op.known->rev};
      if (const auto told = told_.find(op.room);
          told != told_.end() && told->second.rev > known.rev)
        known = told->second;
      auto part = shared_->log->read_log(known, 1'000'000);
      if (!part) return;
      heads[op.room] = part->up_to;
      if (part->up_to != known) foreign_.push_back({index, *std::move(part)});
    }
  }

  /// True for an order that was given without knowing of one that this batch brings.
  [[nodiscard]] bool is_stale(const write_op& op) const {
    return std::visit(
        [this](const auto& order) {
          if constexpr (requires { order.by, order.known; })
            for (const auto& part : foreign_)
              for (const auto& entry : part.entries.entries)
                if (order.known && entry.order && entry.order->room == order.room &&
                    entry.order->rev > order.known->rev)
                  return true;
          return false;
        },
        op);
  }

  std::shared_ptr<shared_log> shared_;
  std::map<room_id, room_position> told_;
  std::vector<foreign_part> foreign_;
};

} // namespace hubbub::test
