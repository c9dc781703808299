#include "persistence/postgres/pg_search.hpp"

#include "persistence/free_space.hpp"
#include "persistence/postgres/pg_columns.hpp"
#include "persistence/postgres/pg_room_filter.hpp"
#include "persistence/search/query_text.hpp"
#include "persistence/search/snippet.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hubbub {

namespace {

using clock = std::chrono::steady_clock;

/// How long a search waits for what was committed before it.
constexpr std::chrono::seconds catch_up_time{1};
/// An index that is this many messages behind cannot catch up in that time.
constexpr std::int64_t hopeless = 20'000;
// The work of one step.
constexpr std::int64_t entries_a_portion = 1'000;
constexpr std::int64_t rooms_a_portion = 200;
constexpr std::int64_t removals_a_step = 500;
/// Free space that the index leaves to others: the messages may be on the same disk.
constexpr std::uintmax_t kept_free = 64 << 20;

constexpr pg::statement any_private_room{"any_private_room",
                                         "SELECT EXISTS (SELECT FROM rooms WHERE is_private)"};
constexpr pg::statement shown_of{
    "shown_of", "SELECT id FROM rooms r WHERE id = ANY($1::bigint[]) AND " HUBBUB_PG_SHOWN_TO(
                    "$2::text", "$3::bigint", "$4::boolean", "$5::text[]") " ORDER BY id"};
constexpr pg::statement found_messages{
    "found_messages",
    "SELECT " HUBBUB_PG_MESSAGE_COLUMNS
    ", (SELECT r.name FROM rooms r WHERE r.id = room_id), n FROM messages"
    " JOIN unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS i(room_id, seq, n)"
    " USING (room_id, seq) ORDER BY n"};

/// Puts the entries into the index. Returns false, and does nothing, if another connection has
/// done so: then the next portion begins where that one ended.
expected<bool, store_error> take_in(index_file& file, const log_portion& portion) {
  index_file::change change{file};
  auto done = change.begin();
  for (const auto& each : portion.entries)
    if (done) done = change.put(each);
  return done.and_then([&] { return change.commit(portion.after); });
}

} // namespace

pg_search::pg_search(std::string path, index_watch watch)
    : path_(std::move(path)), watch_(std::move(watch)) {
  state_.is_kept = true;
}

void pg_search::tell(index_event::what kind, store_error why) const {
  if (watch_) watch_({.kind = kind, .path = path_, .why = why});
}

store_error pg_search::on_failure(store_error why) {
  if (why != store_error::full) {
    matches_.reset();
    file_.reset();
    round_.reset();
  }
  if (why == store_error::corrupt) index_file::remove(path_);
  if (std::exchange(state_.is_usable, false) || !state_.has_failed)
    tell(index_event::what::unusable, why);
  state_.has_failed = true;
  state_.disk_too_full = why == store_error::full;
  return why == store_error::full ? store_error::index_full : store_error::no_index;
}

void pg_search::on_complete() {
  state_.behind = 0;
  state_.is_complete = true;
  if (!std::exchange(is_built_, true)) tell(index_event::what::complete);
}

pg_search::status pg_search::prepare(pg_session& session) {
  if (file_ && session.connections() == connection_) return {};
  const auto origin = read_origin(session);
  if (!origin) return unexpected(origin.error());
  matches_.reset();
  file_.reset();
  round_.reset();
  auto opened = index_file::open(path_, *origin);
  if (!opened) return unexpected(on_failure(opened.error()));
  file_ = *std::move(opened);
  matches_.emplace(*file_);
  connection_ = session.connections();
  state_.is_complete = false;
  if (!file_->is_new()) return {};
  ++state_.rebuilds;
  is_built_ = false;
  tell(index_event::what::begun);
  return {};
}

expected<bool, store_error> pg_search::take_in_some(pg_session& session) {
  if (const auto ready = prepare(session); !ready) return unexpected(ready.error());
  const auto cursor = file_->cursor();
  if (!cursor) return unexpected(on_failure(cursor.error()));
  const auto portion = read_log_portion(session, *cursor, entries_a_portion);
  if (!portion) return unexpected(portion.error());
  if (connection_ != session.connections()) return true; // perhaps another database
  if (portion->is_older) return unexpected(on_failure(store_error::corrupt));
  if (!portion->entries.empty() || portion->after.running != cursor->running) {
    if (free_bytes_beside(path_) < kept_free) return unexpected(on_failure(store_error::full));
    const auto is_first = take_in(*file_, *portion);
    if (!is_first) return unexpected(on_failure(is_first.error()));
    if (!*is_first) return true;
  }
  if (std::exchange(state_.has_failed, false)) tell(index_event::what::usable);
  state_.is_usable = true;
  state_.disk_too_full = false;
  state_.behind = portion->behind;
  if (!portion->has_more) on_complete();
  return portion->has_more;
}

pg_search::status pg_search::catch_up(pg_session& session) {
  const auto until = clock::now() + catch_up_time;
  for (;;) {
    const auto more = take_in_some(session);
    if (!more) return unexpected(more.error());
    if (!*more || state_.behind > hopeless || clock::now() >= until) return {};
  }
}

/// Takes out what the rooms have lost, up to a step's work. Returns true if the round is over.
expected<bool, store_error>
pg_search::take_out(index_file& file, const removals_portion& portion, removals_round& round) {
  index_file::change change{file};
  if (const auto begun = change.begin(); !begun) return unexpected(begun.error());
  auto left = removals_a_step;
  for (const auto& each : portion.floors) {
    const auto removed = change.remove_below(each.room, each.first, left);
    if (!removed) return removed.map([](std::int64_t) { return false; });
    left -= *removed;
    if (left == 0) break; // the room may have more
    round.transaction = each.transaction;
    round.room = each.room;
  }
  const bool is_over = left > 0 && std::ssize(portion.floors) < rooms_a_portion;
  return change.commit_removals(is_over ? *round.settled : round.begun_at).map([&] {
    return is_over;
  });
}

expected<bool, store_error> pg_search::take_out_some(pg_session& session) {
  if (!round_) {
    const auto cursor = file_->removals_cursor();
    if (!cursor) return unexpected(on_failure(cursor.error()));
    round_ = {.begun_at = *cursor, .transaction = *cursor, .room = {}, .settled = {}};
  }
  const auto portion =
      read_removals(session, round_->transaction, round_->room, rooms_a_portion);
  if (!portion) return unexpected(portion.error());
  if (!round_->settled) round_->settled = portion->settled;
  round_->found = round_->found || !portion->floors.empty();
  if (!round_->found) {
    round_.reset();
    return false;
  }
  const auto is_over = take_out(*file_, *portion, *round_);
  if (!is_over) return unexpected(on_failure(is_over.error()));
  if (*is_over) round_.reset();
  return !*is_over;
}

bool pg_search::follow(pg_session& session) {
  const auto more = take_in_some(session);
  if (!more) return false;
  if (*more) return true;
  return take_out_some(session).value_or(false);
}

expected<std::vector<index_match>, store_error>
pg_search::matches(pg_session& session, const search_query& query,
                   const ranked_question& asked) {
  const auto from_index =
      [this](auto found) -> expected<std::vector<index_match>, store_error> {
    if (!found) return unexpected(on_failure(found.error()));
    return found;
  };
  const auto& viewer = query.viewer;
  bool is_partial = !query.room && (viewer.patterns || !viewer.sees_all);
  if (is_partial && !viewer.patterns) {
    const auto any = session.ask<bool>([&](pg::exchange& reads, bool& is_there) {
      reads.add(any_private_room, {},
                [&](const pg::result& rows) { is_there = rows.boolean(0, 0); });
    });
    if (!any) return unexpected(any.error());
    is_partial = *any;
  }
  if (!is_partial) return from_index(matches_->best(asked));
  auto found = matches_->rooms(asked);
  if (!found) return unexpected(on_failure(found.error()));
  pg::array numbers{pg::element::number};
  for (const auto room : found->rooms)
    numbers.add(room);
  auto arguments = pg::parameters::of(numbers);
  add_viewer(arguments, viewer);
  auto shown = session.ask<std::vector<room_id>>([&](pg::exchange& reads, auto& rooms) {
    reads.add(shown_of, arguments, [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i)
        rooms.push_back(rows.number<room_id>(i, 0));
    });
  });
  if (!shown) return unexpected(shown.error());
  found->rooms = *std::move(shown);
  return from_index(matches_->best_among(asked, *found));
}

expected<search_page, store_error> pg_search::search(pg_session& session,
                                                     const search_query& query) {
  const auto phrases = read_query(words_, query.text);
  constexpr auto most = max_ranked;
  const auto limit = std::clamp<std::int64_t>(query.limit, 0, most);
  search_page page;
  if (phrases.empty()) return page;
  if (const auto ready = catch_up(session); !ready) return unexpected(ready.error());
  auto found = matches(session, query,
                       {.phrases = phrases,
                        .room = query.room,
                        .user_id = query.user_id,
                        .offset = std::clamp<std::int64_t>(query.offset, 0, most),
                        .limit = limit + 1});
  if (!found) return unexpected(found.error());
  page.has_more = std::ssize(*found) > limit;
  if (page.has_more) found->pop_back();
  pg::array rooms{pg::element::number};
  pg::array seqs{pg::element::number};
  for (const auto& each : *found) {
    rooms.add(each.room);
    seqs.add(each.seq);
  }
  auto hits = session.ask<std::vector<search_hit>>([&](pg::exchange& reads, auto& now) {
    reads.add(found_messages, pg::parameters::of(rooms, seqs), [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i) {
        const auto& match = (*found)[static_cast<std::size_t>(rows.integer(i, 12) - 1)];
        auto what = pg::message_of(rows, i);
        // A message that was changed since it was indexed may not match any more.
        if (what.id != match.id || what.rev != match.rev) continue;
        now.push_back({.found = std::move(what), .room_name = rows.text(i, 11), .snippet = {}});
      }
    });
  });
  if (!hits) return unexpected(hits.error());
  page.hits = *std::move(hits);
  for (auto& each : page.hits)
    each.snippet = cut_snippet(words_, each.found.content, phrases);
  return page;
}

} // namespace hubbub
