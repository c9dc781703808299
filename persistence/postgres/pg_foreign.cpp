#include "persistence/postgres/pg_foreign.hpp"

#include "persistence/log_merge.hpp"
#include "persistence/postgres/pg_columns.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace hubbub {

namespace {

/// Maximum number of messages, and of changes, that a batch brings of one room.
constexpr std::int64_t entries_a_batch = 2'000;
constexpr std::size_t rooms_remembered = 10'000;

constexpr pg::statement find_foreign{
    "find_foreign", "SELECT " HUBBUB_PG_MESSAGE_COLUMNS ", is_change, head_seq, head_rev"
                    " FROM foreign_entries($1::bigint[], $2::bigint[], $3::bigint[],"
                    " $4::bigint, $5::boolean)"};

/// Keeps at most as many entries as a batch brings; returns true if there are more.
template <class Entry>
bool cut(std::vector<Entry>& entries) {
  const bool has_more = std::ssize(entries) > entries_a_batch;
  if (has_more) entries.resize(static_cast<std::size_t>(entries_a_batch));
  return has_more;
}

} // namespace

void pg_foreign::begin(std::span<const write_op> ops) {
  asked_.clear();
  committed_.clear();
  if (!shared_) return;
  const auto plan = [this](std::size_t index, const auto& op) {
    if constexpr (requires { op.known; }) {
      if (!op.known || asked_.contains(op.room)) return;
      auto known = *op.known;
      const auto order = last_order_.find(op.room);
      const bool is_barred = order != last_order_.end() && order->second > known.rev;
      if (const auto told = told_.find(op.room);
          told != told_.end() && told->second.rev > known.rev && !is_barred)
        known = told->second;
      asked_.emplace(op.room, question{index, known});
    }
  };
  for (std::size_t i = 0; i < ops.size(); ++i)
    std::visit([&](const auto& op) { plan(i, op); }, ops[i]);
}

void pg_foreign::queue_reads(pg::exchange& reads, bool whole) {
  if (asked_.empty()) return;
  pg::array rooms{pg::element::number};
  pg::array seqs{pg::element::number};
  pg::array revs{pg::element::number};
  for (const auto& [room, asked] : asked_) {
    rooms.add(room);
    seqs.add(asked.known.seq);
    revs.add(asked.known.rev);
  }
  reads.add(find_foreign, pg::parameters::of(rooms, seqs, revs, entries_a_batch, whole),
            [this](const pg::result& rows) { take_rows(rows); });
}

void pg_foreign::take_rows(const pg::result& rows) {
  for (int i = 0; i < rows.size(); ++i) {
    const auto room = rows.number<room_id>(i, 1);
    auto& asked = asked_.at(room);
    asked.head = {room, rows.number<sequence>(i, 12), rows.number<revision>(i, 13)};
    // The first row of a room has no message, only the end of the log.
    if (rows.is_null(i, 0)) continue;
    if (rows.is_null(i, 11)) {
      asked.orders.orders.push_back(pg::order_of(rows, i));
      continue;
    }
    (rows.boolean(i, 11) ? asked.changed : asked.fresh)
        .messages.push_back(pg::message_of(rows, i));
  }
}

log_part& pg_foreign::found(room_id room, question& asked) {
  if (asked.found) return *asked.found;
  const room_position known{room, asked.known.seq, asked.known.rev};
  asked.fresh.has_more = cut(asked.fresh.messages);
  asked.changed.has_more = cut(asked.changed.messages);
  asked.orders.has_more = cut(asked.orders.orders);
  asked.found = merge_log(known, asked.head, std::move(asked.fresh), std::move(asked.changed),
                          std::move(asked.orders));
  return *asked.found;
}

bool pg_foreign::is_behind(room_id room) {
  const auto asked = asked_.find(room);
  return asked != asked_.end() && found(room, asked->second).has_more;
}

bool pg_foreign::bars(room_id room, const std::string& user,
                      const std::optional<log_point>& known) {
  const auto asked = asked_.find(room);
  if (asked == asked_.end()) return false;
  bool barred = false;
  for (const auto& entry : found(room, asked->second).entries) {
    if (!entry.order || entry.order->about.user_id != user) continue;
    if (known && entry.order->rev <= known->rev) continue;
    const bool is_roster = entry.order->about.kind == standing_kind::member;
    if (entry.order->what == order_kind::put && !is_roster) barred = true;
    if (entry.order->what == order_kind::lifted && !is_roster) barred = false;
  }
  return barred;
}

bool pg_foreign::has_orders(room_id room, const std::optional<log_point>& known) {
  const auto asked = asked_.find(room);
  if (!known || asked == asked_.end()) return false;
  return std::ranges::any_of(found(room, asked->second).entries, [&](const log_entry& each) {
    return each.order && each.order->rev > known->rev;
  });
}

void pg_foreign::keep_before(std::span<const write_outcome> outcomes) {
  std::unordered_map<room_id, log_point> own; // the batch's first message and first rev
  for (const auto& each : outcomes) {
    const auto what = written_at(each);
    if (!what) continue;
    const auto nothing =
        log_point{sequence{std::numeric_limits<std::int64_t>::max()}, what->rev};
    auto& first = own.try_emplace(what->room, nothing).first->second;
    first.rev = std::min(first.rev, what->rev);
    if (std::holds_alternative<appended>(each)) first.seq = std::min(first.seq, what->seq);
  }
  for (auto& [room, asked] : asked_) {
    const auto first = own.find(room);
    if (first == own.end()) continue;
    auto& part = found(room, asked);
    const auto end = std::ranges::find_if(part.entries, [&](const log_entry& each) {
      return each.after >= first->second.rev ||
             (each.is_new && each.what.seq >= first->second.seq);
    });
    part.entries.erase(end, part.entries.end());
    part.has_more = false;
    part.up_to = {room, asked.known.seq, asked.known.rev};
    for (const auto& each : part.entries)
      part.up_to = {room, std::max(part.up_to.seq, each.what.seq), each.after};
  }
}

void pg_foreign::on_committed(std::span<const write_outcome> outcomes) {
  if (asked_.empty()) return;
  if (told_.size() > rooms_remembered) {
    told_.clear();
    last_order_.clear();
  }
  for (auto& [room, asked] : asked_) {
    auto& part = found(room, asked);
    told_[room] = {part.up_to.seq, part.up_to.rev};
    for (const auto& each : part.entries)
      if (each.order) {
        auto& last = last_order_[room];
        last = std::max(last, each.order->rev);
      }
    if (!part.entries.empty() || part.up_to.rev > asked.known.rev)
      committed_.push_back({asked.before, std::move(part)});
  }
  std::ranges::sort(committed_, {}, &store_writer::foreign_part::before);
  for (const auto& each : outcomes) {
    const auto what = written_at(each);
    if (!what) continue;
    const auto told = told_.find(what->room);
    if (told == told_.end()) continue;
    auto& [seq, rev] = told->second;
    seq = std::max(seq, what->seq);
    rev = std::max(rev, what->rev);
  }
}

std::vector<store_writer::foreign_part> pg_foreign::take() {
  return std::exchange(committed_, {});
}

} // namespace hubbub
