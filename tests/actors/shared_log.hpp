#pragma once

#include "persistence/store.hpp"

#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace hubbub::test {

/// A memory store that several nodes write, each through a `node_writer`.
struct shared_log {
  explicit shared_log(const store_config& config = {.path = ":memory:"})
      : whole(open_store(config).value()), real(whole->writer()), log(whole->reader()) {}

  /// Writes as another node does.
  write_outcome write(write_op operation, timestamp now) const {
    const std::vector ops{std::move(operation)};
    return real->commit(ops, now).front();
  }

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
    auto outcomes = shared_->real->commit(ops, now);
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

  std::shared_ptr<shared_log> shared_;
  std::map<room_id, room_position> told_;
  std::vector<foreign_part> foreign_;
};

} // namespace hubbub::test
