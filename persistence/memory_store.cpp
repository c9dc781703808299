#include "persistence/memory_store.hpp"

#include "persistence/message_window.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

namespace hubbub {

namespace {

constexpr std::int64_t purge_records = 1000;

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool contains(std::string_view name, std::string_view q) {
  const auto same = [](char left, char right) { return lower(left) == lower(right); };
  return q.empty() ||
         std::search(name.begin(), name.end(), q.begin(), q.end(), same) != name.end();
}

} // namespace

struct memory_log {
  struct room {
    room_record record;
    std::vector<message> messages; ///< seq 1 is the first
  };
  using dedupe_key = std::tuple<room_id, std::string, std::string>;
  struct dedupe_record {
    sequence seq;
    timestamp created_at;
  };

  std::map<room_id, room> rooms;
  std::map<std::string, room_id, std::less<>> names;
  std::map<dedupe_key, dedupe_record> dedupe;
  /// The dedupe records in the order of their making; one that was replaced is here twice.
  std::deque<std::pair<timestamp, dedupe_key>> made;
  message_id last_id;
};

namespace {

class memory_writer final : public store_writer {
 public:
  memory_writer(std::shared_ptr<memory_log> log, std::int64_t dedupe_window_ms)
      : log_(std::move(log)), dedupe_window_ms_(dedupe_window_ms) {}

  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    std::vector<write_outcome> outcomes;
    outcomes.reserve(ops.size());
    for (const auto& op : ops)
      outcomes.push_back(std::visit([&](const auto& each) { return apply(each, now); }, op));
    return outcomes;
  }

  bool purge_dedupe(timestamp now) override {
    const auto is_old = [&](timestamp made) { return made < oldest_remembered(now); };
    for (std::int64_t i = 0; i < purge_records; ++i) {
      if (log_->made.empty() || !is_old(log_->made.front().first)) return false;
      const auto record = log_->dedupe.find(log_->made.front().second);
      if (record != log_->dedupe.end() && is_old(record->second.created_at))
        log_->dedupe.erase(record);
      log_->made.pop_front();
    }
    return !log_->made.empty() && is_old(log_->made.front().first);
  }

 private:
  write_outcome apply(const append_message& op, timestamp now) {
    const auto found = log_->rooms.find(op.room);
    if (found == log_->rooms.end()) return store_error::no_such_room;
    auto& room = found->second;
    if (const auto* first = first_of(room, op, now))
      return appended{.stored = *first, .repeated = true};
    if (op.only_if_repeated) return store_error::not_repeated;
    return append(room, op, now);
  }

  write_outcome apply(const create_room& op, timestamp now) {
    if (log_->names.contains(op.name)) return store_error::already_exists;
    room_record record;
    record.id = room_id{std::ssize(log_->rooms) + 1};
    record.name = op.name;
    record.created_at = now;
    log_->names.emplace(op.name, record.id);
    log_->rooms.emplace(record.id, memory_log::room{.record = record, .messages = {}});
    return record;
  }

  const message* first_of(const memory_log::room& room, const append_message& op,
                          timestamp now) const {
    if (!op.client_id) return nullptr;
    const auto record = log_->dedupe.find({op.room, op.user_id, *op.client_id});
    if (record == log_->dedupe.end() || record->second.created_at < oldest_remembered(now))
      return nullptr;
    return &room.messages[static_cast<std::size_t>(record->second.seq.value - 1)];
  }

  appended append(memory_log::room& room, const append_message& op, timestamp now) {
    auto& record = room.record;
    log_->last_id.value += 1;
    record.last_seq.value += 1;
    record.last_rev.value += 1;
    record.last_message_at = now;
    room.messages.push_back({.id = log_->last_id,
                             .room = op.room,
                             .seq = record.last_seq,
                             .rev = record.last_rev,
                             .user_id = op.user_id,
                             .username = op.username,
                             .content = op.content,
                             .client_id = op.client_id,
                             .created_at = now});
    if (op.client_id) remember(room.messages.back());
    return {.stored = room.messages.back(), .repeated = false};
  }

  void remember(const message& stored) {
    memory_log::dedupe_key key{stored.room, stored.user_id, *stored.client_id};
    log_->made.emplace_back(stored.created_at, key);
    log_->dedupe[std::move(key)] = {.seq = stored.seq, .created_at = stored.created_at};
  }

  timestamp oldest_remembered(timestamp now) const {
    return timestamp{now.value - dedupe_window_ms_};
  }

  std::shared_ptr<memory_log> log_;
  std::int64_t dedupe_window_ms_;
};

class memory_reader final : public store_reader {
 public:
  explicit memory_reader(std::shared_ptr<const memory_log> log) : log_(std::move(log)) {}

  expected<room_record, store_error> find_room(room_id id) override {
    const auto found = log_->rooms.find(id);
    if (found == log_->rooms.end()) return unexpected(store_error::no_such_room);
    return found->second.record;
  }

  expected<room_record, store_error> find_room(std::string_view name) override {
    const auto found = log_->names.find(name);
    if (found == log_->names.end()) return unexpected(store_error::no_such_room);
    return find_room(found->second);
  }

  expected<std::vector<room_record>, store_error> list_rooms(room_id after, std::string_view q,
                                                             std::int64_t limit) override {
    std::vector<room_record> rooms;
    for (auto each = log_->rooms.upper_bound(after); each != log_->rooms.end(); ++each) {
      if (std::ssize(rooms) >= limit) break;
      if (contains(each->second.record.name, q)) rooms.push_back(each->second.record);
    }
    return rooms;
  }

  expected<message_page, store_error> read_messages(const message_range& range) override {
    const auto found = log_->rooms.find(range.room);
    if (found == log_->rooms.end()) return unexpected(store_error::no_such_room);
    const auto& log = found->second.messages;
    const auto window = window_of(range);
    const auto last = std::min<std::int64_t>(window.last, std::ssize(log));
    const auto matching = std::max<std::int64_t>(last - window.first + 1, 0);
    const auto length = std::min(matching, window.limit);
    const auto first = window.newest_first ? last - length : window.first - 1;
    message_page page;
    if (length > 0) page.messages.assign(log.begin() + first, log.begin() + first + length);
    page.has_more = matching > length;
    return page;
  }

 private:
  std::shared_ptr<const memory_log> log_;
};

} // namespace

memory_store::memory_store(std::int64_t dedupe_window_ms)
    : dedupe_window_ms_(dedupe_window_ms), log_(std::make_shared<memory_log>()) {}

std::unique_ptr<store_writer> memory_store::writer() {
  return std::make_unique<memory_writer>(log_, dedupe_window_ms_);
}

std::unique_ptr<store_reader> memory_store::reader() {
  return std::make_unique<memory_reader>(log_);
}

} // namespace hubbub
