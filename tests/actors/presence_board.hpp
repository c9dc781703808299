#pragma once

#include "persistence/store.hpp"
#include "tests/actors/reader_around.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {

/// What nodes tell each other of their members, in memory. The test moves its time.
struct presence_board {
  struct run_state {
    std::chrono::milliseconds alive_until{};
    std::int64_t changes = 0;
    std::map<std::pair<room_id, std::string>, std::pair<member_state, std::int64_t>> members;
  };
  std::chrono::milliseconds time{};
  std::map<node_run, run_state> runs;
  node_run last_run = 0;
  std::vector<taken_session> taken = {}; ///< told to every node
};

/// What is wrong between a node and the board.
enum class lease_fault : std::uint8_t {
  none,
  refuses,      ///< it takes no reports
  loses_answers ///< it takes them, and the node does not hear of it
};

/// The lease of one node on the board.
class board_lease final : public node_lease {
 public:
  /// Makes a lease that notes its run in `noted`, for the node's reader.
  board_lease(std::shared_ptr<presence_board> board, std::shared_ptr<const lease_fault> fault,
              std::shared_ptr<node_run> noted)
      : board_(std::move(board)), fault_(std::move(fault)), noted_(std::move(noted)) {}

  expected<lease_news, store_error> renew(const lease_report& report,
                                          std::chrono::milliseconds length) override {
    if (*fault_ == lease_fault::refuses) return unexpected(store_error::io);
    const auto known = read_;
    auto news = exchange(report, length);
    if (*fault_ == lease_fault::none) {
      if (report.afresh) unsure_.clear();
      return news;
    }
    read_ = known;
    if (report.afresh) unsure_.push_back(run_);
    return unexpected(store_error::io);
  }

 private:
  lease_news exchange(const lease_report& report, std::chrono::milliseconds length) {
    auto& runs = board_->runs;
    lease_news news;
    if (report.afresh) {
      for (const auto run : unsure_)
        runs[run].alive_until = std::min(runs[run].alive_until, board_->time);
      run_ = ++board_->last_run;
      *noted_ = run_;
      for (const auto& [run, at] : read_)
        news.gone.push_back(run);
      read_.clear();
    } else if (!is_alive(run_)) {
      news.is_over = true;
      return news;
    }
    auto& own = runs[run_];
    own.alive_until = board_->time + length;
    for (const auto& each : report.members)
      own.members[{each.room, each.user_id}] = {each, ++own.changes};
    std::erase_if(read_, [&](const auto& each) {
      if (is_alive(each.first)) return false;
      news.gone.push_back(each.first);
      return true;
    });
    for (const auto& [run, state] : runs)
      if (run != run_ && is_alive(run)) read(run, state, report, news);
    news.runs = std::ssize(read_);
    news.taken = board_->taken;
    return news;
  }
  [[nodiscard]] bool is_alive(node_run run) const {
    const auto found = board_->runs.find(run);
    return found != board_->runs.end() && found->second.alive_until > board_->time;
  }
  void read(node_run run, const presence_board::run_state& state, const lease_report& report,
            lease_news& news) {
    auto& at = read_[run];
    for (const auto& [where, each] : state.members) {
      const auto& [member, change] = each;
      if (change > at) news.changed.push_back({run, member});
      for (const auto room : report.rooms)
        if (room == member.room && member.sockets > 0) news.wanted.push_back({run, member});
    }
    at = state.changes;
  }

  std::shared_ptr<presence_board> board_;
  std::shared_ptr<const lease_fault> fault_;
  std::shared_ptr<node_run> noted_;
  node_run run_ = 0;
  std::vector<node_run> unsure_; ///< runs that began without an answer
  std::map<node_run, std::int64_t> read_;
};

/// Reads who is in rooms on the other nodes from the board.
class board_reader final : public reader_around {
 public:
  board_reader(std::unique_ptr<store_reader> real, std::shared_ptr<const presence_board> board,
               std::shared_ptr<const node_run> own)
      : reader_around(std::move(real)), board_(std::move(board)), own_(std::move(own)) {}

  expected<std::vector<foreign_member>, store_error> read_members(room_id room) override {
    std::vector<foreign_member> members;
    for (const auto& [run, state] : board_->runs)
      for (const auto& [where, each] : state.members)
        if (run != *own_ && where.first == room && each.first.sockets > 0 &&
            state.alive_until > board_->time)
          members.push_back({run, each.first});
    return members;
  }
  expected<std::vector<std::int64_t>, store_error>
  count_members(std::span<const room_id> rooms) override {
    std::vector<std::int64_t> counts;
    for (const auto room : rooms) {
      std::set<std::string> users;
      const auto members = read_members(room);
      for (const auto& each : *members)
        users.insert(each.state.user_id);
      counts.push_back(std::ssize(users));
    }
    return counts;
  }

 private:
  std::shared_ptr<const presence_board> board_;
  std::shared_ptr<const node_run> own_;
};

} // namespace hubbub::test
