#include "persistence/postgres/pg_reader.hpp"

#include "persistence/postgres/pg_clock.hpp"
#include "persistence/postgres/pg_columns.hpp"
#include "persistence/postgres/pg_pages.hpp"
#include "persistence/postgres/pg_room_filter.hpp"

#include <algorithm>
#include <map>

namespace hubbub {

namespace {

// Maximum number of messages that counting the unread ones looks at. If a user wrote most of a
// room, counting the others' messages would read all of it.
constexpr std::int64_t unread_scan = 10 * max_unread;

constexpr pg::statement room_by_id{"room_by_id", "SELECT " HUBBUB_PG_ROOM_COLUMNS
                                                 " FROM room_records WHERE id = $1::bigint"};
constexpr pg::statement room_by_name{"room_by_name",
                                     "SELECT " HUBBUB_PG_ROOM_COLUMNS
                                     " FROM room_records WHERE name = $1::text"};
constexpr pg::statement room_heads{"room_heads",
                                   "SELECT id, last_seq, last_rev FROM room_records"
                                   " WHERE id = ANY($1::bigint[])"};
constexpr pg::statement room_exists{"is_room", "SELECT FROM rooms WHERE id = $1::bigint"};
// In the collation "C", lower() handles only ASCII; strpos(), unlike LIKE, has no wildcards.
constexpr pg::statement shown_rooms{
    "shown_rooms",
    "SELECT " HUBBUB_PG_ROOM_COLUMNS " FROM room_records r WHERE id > $1::bigint"
    " AND ($2::text = '' OR strpos(lower(name), lower($2::text COLLATE \"C\")) > 0)"
    " AND " HUBBUB_PG_SHOWN_TO("$4::text", "$5::bigint", "$6::boolean",
                               "$7::text[]") " ORDER BY id LIMIT $3::bigint"};
constexpr pg::statement all_standings{
    "all_standings", "SELECT kind, user_id, set_by, set_at, until, reason FROM standings"
                     " WHERE room_id = $1::bigint ORDER BY kind, user_id"};
constexpr pg::statement user_standings{"user_standings",
                                       "SELECT kind FROM standings WHERE room_id = $1::bigint"
                                       " AND kind IN (1, 2, 3) AND user_id = $2::text"
                                       " AND (until IS NULL OR until > $3::bigint)"};
constexpr pg::statement orders_after{
    "orders_after", "SELECT " HUBBUB_PG_ORDER_COLUMNS " FROM room_orders"
                    " WHERE room_id = $1::bigint AND rev > $2::bigint AND rev <= $3::bigint"
                    " ORDER BY rev LIMIT $4::bigint + 1"};
// Those of the node's own present run are here, or have left since it told of them. Those of a
// run before, which the lease passes on too, are elsewhere until that ends.
#define HUBBUB_PG_TOLD_MEMBERS                                                                 \
  " FROM run_members m JOIN node_leases l ON l.run = m.run AND l.alive_until > now()"          \
  " AND l.run IS DISTINCT FROM (SELECT o.run FROM node_leases o WHERE o.node_id = $2::bigint"  \
  " AND o.alive_until > now() ORDER BY o.alive_until DESC LIMIT 1)"
constexpr pg::statement room_members{
    "room_members", "SELECT m.run, m.user_id, m.username, m.sockets" HUBBUB_PG_TOLD_MEMBERS
                    " WHERE m.room_id = $1::bigint AND m.sockets > 0"};
constexpr pg::statement member_counts{
    "member_counts", "SELECT m.room_id, count(DISTINCT m.user_id)" HUBBUB_PG_TOLD_MEMBERS
                     " WHERE m.room_id = ANY($1::bigint[]) AND m.sockets > 0"
                     " GROUP BY m.room_id"};
#undef HUBBUB_PG_TOLD_MEMBERS
constexpr pg::statement acked_by_session{
    "acked_by_session", "SELECT seq FROM messages WHERE room_id = $1::bigint"
                        " AND seq BETWEEN $2::bigint AND $3::bigint AND acked_to = $4::bigint"
                        " ORDER BY seq LIMIT $5::bigint"};
constexpr pg::statement markers{
    "markers", "SELECT i.room_id, coalesce(r.seq, 0), (SELECT count(*) FROM (SELECT FROM"
               " (SELECT user_id, deleted_at FROM messages m WHERE m.room_id = i.room_id"
               " AND m.seq > coalesce(r.seq, 0) ORDER BY m.seq LIMIT $3::bigint) later"
               " WHERE user_id <> $1::text AND deleted_at IS NULL LIMIT $4::bigint) unread)"
               " FROM unnest($2::bigint[]) WITH ORDINALITY AS i(room_id, n)"
               " LEFT JOIN read_markers r ON r.user_id = $1::text AND r.room_id = i.room_id"
               " ORDER BY i.n"};
// What became of a membership (`membership_state`). If the room has had losses since, it is
// valid only for a user who was known to the room all the time, or who sees every room (see
// `pg_losses`). If it has been closed since, it is valid for nobody.
#define HUBBUB_PG_MEMBERSHIP                                                                   \
  "CASE WHEN m.closings <> r.closings OR (m.losses < 0 AND m.losses <> r.losses) THEN 2"       \
  " WHEN m.losses = r.losses OR r.owner IS NOT DISTINCT FROM s.user_id"                        \
  " OR EXISTS (SELECT FROM standings t WHERE t.room_id = m.room_id AND t.kind = 1"             \
  " AND t.user_id = s.user_id) THEN 0 ELSE 1 END"
constexpr pg::statement find_session{
    "find_session",
    "SELECT s.pid_hash, s.sid, s.user_id, s.username, s.ended_at, m.room_id, m.seq, m.rev,"
    " s.claims, " HUBBUB_PG_MEMBERSHIP ", " HUBBUB_PG_CLOCK " - s.ended_at"
    " FROM recoverable s LEFT JOIN recoverable_rooms m ON m.session = s.session"
    " LEFT JOIN rooms r ON r.id = m.room_id"
    " WHERE s.session = $1::bigint AND s.pid_hash <> decode(repeat('00', 32), 'hex')"
    " ORDER BY m.room_id"};
constexpr pg::statement owed_to_session{"owed_to_session",
                                        "SELECT room_id, from_seq FROM owed_gaps"
                                        " WHERE session = $1::bigint ORDER BY room_id"};
constexpr pg::statement find_membership{
    "find_membership",
    "SELECT " HUBBUB_PG_MEMBERSHIP " FROM recoverable_rooms m JOIN rooms r ON r.id = m.room_id"
    " JOIN recoverable s ON s.session = m.session"
    " WHERE m.session = $1::bigint AND m.room_id = $2::bigint"};
#undef HUBBUB_PG_MEMBERSHIP

std::optional<standing_kind> kind_of(std::int64_t number) {
  for (const auto kind : all_standing_kinds)
    if (static_cast<std::int64_t>(kind) == number) return kind;
  return std::nullopt;
}

} // namespace

template <class Answer, class Queue>
expected<Answer, store_error> pg_reader::ask_in_room(room_id room, const Queue& queue) {
  bool exists = false;
  auto answer = session_.ask<Answer>([&](pg::exchange& reads, Answer& page) {
    queue(reads, page);
    // It may be asked after the page, since no room is ever removed.
    reads.add(room_exists, pg::parameters::of(room),
              [&](const pg::result& rows) { exists = !rows.empty(); });
  });
  if (answer && !exists) return unexpected(store_error::no_such_room);
  return answer;
}

expected<room_record, store_error> pg_reader::find_room(room_id id) {
  const auto found =
      session_.ask<std::optional<room_record>>([&](pg::exchange& reads, auto& answer) {
        reads.add(room_by_id, pg::parameters::of(id), [&](const pg::result& rows) {
          if (!rows.empty()) answer = pg::room_of(rows, 0);
        });
      });
  if (!found) return unexpected(found.error());
  if (!*found) return unexpected(store_error::no_such_room);
  return **found;
}

expected<room_record, store_error> pg_reader::find_room(std::string_view name) {
  const auto found = session_.ask<std::optional<room_record>>([&](pg::exchange& reads,
                                                                  auto& answer) {
    reads.add(room_by_name, pg::parameters::of(pg::sought(name)), [&](const pg::result& rows) {
      if (!rows.empty()) answer = pg::room_of(rows, 0);
    });
  });
  if (!found) return unexpected(found.error());
  if (!*found) return unexpected(store_error::no_such_room);
  return **found;
}

expected<std::vector<room_record>, store_error>
pg_reader::list_rooms(room_id after, std::string_view q, std::int64_t limit,
                      const room_viewer& viewer) {
  auto arguments = pg::parameters::of(after, pg::sought(q), std::max<std::int64_t>(limit, 0));
  add_viewer(arguments, viewer);
  return session_.ask<std::vector<room_record>>([&](pg::exchange& reads, auto& rooms) {
    reads.add(shown_rooms, arguments, [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i)
        rooms.push_back(pg::room_of(rows, i));
    });
  });
}

expected<std::vector<standing>, store_error> pg_reader::read_standings(room_id room) {
  bool damaged = false;
  auto found = session_.ask<std::vector<standing>>([&](pg::exchange& reads, auto& standings) {
    reads.add(all_standings, pg::parameters::of(room), [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i) {
        const auto kind = kind_of(rows.integer(i, 0));
        damaged = damaged || !kind; // a number that this version does not write
        if (!kind) continue;
        standings.push_back({.kind = *kind,
                             .user_id = rows.text(i, 1),
                             .by = rows.text(i, 2),
                             .at = rows.number<timestamp>(i, 3),
                             .until = rows.optional_number<timestamp>(i, 4),
                             .reason = rows.text(i, 5)});
      }
    });
  });
  if (damaged) return unexpected(store_error::corrupt);
  return found;
}

expected<user_standing, store_error>
pg_reader::standing_of(room_id room, std::string_view user_id, timestamp now) {
  return session_.ask<user_standing>([&](pg::exchange& reads, auto& standing) {
    reads.add(user_standings, pg::parameters::of(room, pg::sought(user_id), now),
              [&](const pg::result& rows) {
                for (int i = 0; i < rows.size(); ++i)
                  if (const auto kind = kind_of(rows.integer(i, 0))) standing.add(*kind);
              });
  });
}

expected<message_page, store_error> pg_reader::read_messages(const message_range& range) {
  const auto part = window_of(range);
  if (!range.around) {
    auto page = ask_in_room<message_page>(range.room, [&](pg::exchange& reads, auto& answer) {
      queue_walk(reads, range, part, answer);
    });
    if (page && part.newest_first) std::reverse(page->messages.begin(), page->messages.end());
    return page;
  }
  using sides = std::pair<message_page, message_page>;
  const auto walks = around(part, *range.around);
  auto both = ask_in_room<sides>(range.room, [&](pg::exchange& reads, sides& answer) {
    reads.add(begin_snapshot);
    queue_walk(reads, range, walks.first, answer.first);
    queue_walk(reads, range, walks.second, answer.second);
    reads.add(end_snapshot);
  });
  if (!both) return unexpected(both.error());
  return join_around(std::move(both->first), std::move(both->second), part.limit);
}

expected<message_page, store_error> pg_reader::read_changes(const change_range& range) {
  return ask_in_room<message_page>(
      range.room, [&](pg::exchange& reads, auto& page) { queue_changes(reads, range, page); });
}

expected<order_page, store_error> pg_reader::read_orders(const room_position& after,
                                                         revision up_to, std::int64_t limit) {
  auto page = session_.ask<order_page>([&](pg::exchange& reads, auto& answer) {
    reads.add(orders_after, pg::parameters::of(after.room, after.rev, up_to, limit),
              [&](const pg::result& rows) {
                for (int i = 0; i < rows.size(); ++i)
                  answer.orders.push_back(pg::order_of(rows, i));
              });
  });
  if (page && std::ssize(page->orders) > limit) {
    page->orders.pop_back();
    page->has_more = true;
  }
  return page;
}

expected<std::vector<room_position>, store_error>
pg_reader::read_heads(std::span<const room_id> rooms) {
  pg::array asked{pg::element::number};
  for (const auto room : rooms)
    asked.add(room);
  return session_.ask<std::vector<room_position>>([&](pg::exchange& reads, auto& heads) {
    reads.add(room_heads, pg::parameters::of(asked), [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i)
        heads.push_back({rows.number<room_id>(i, 0), rows.number<sequence>(i, 1),
                         rows.number<revision>(i, 2)});
    });
  });
}

expected<std::vector<foreign_member>, store_error> pg_reader::read_members(room_id room) {
  if (node_ == 0) return std::vector<foreign_member>{};
  return session_.ask<std::vector<foreign_member>>([&](pg::exchange& reads, auto& members) {
    reads.add(room_members, pg::parameters::of(room, node_), [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i)
        members.push_back(
            {rows.integer(i, 0), {room, rows.text(i, 1), rows.text(i, 2), rows.integer(i, 3)}});
    });
  });
}

expected<std::vector<std::int64_t>, store_error>
pg_reader::count_members(std::span<const room_id> rooms) {
  if (node_ == 0) return std::vector<std::int64_t>(rooms.size());
  pg::array asked{pg::element::number};
  for (const auto room : rooms)
    asked.add(room);
  return session_.ask<std::vector<std::int64_t>>([&](pg::exchange& reads, auto& counts) {
    counts.resize(rooms.size());
    reads.add(member_counts, pg::parameters::of(asked, node_), [&](const pg::result& rows) {
      std::map<room_id, std::int64_t> found;
      for (int i = 0; i < rows.size(); ++i)
        found[rows.number<room_id>(i, 0)] = rows.integer(i, 1);
      for (std::size_t i = 0; i < rooms.size(); ++i)
        if (const auto at = found.find(rooms[i]); at != found.end()) counts[i] = at->second;
    });
  });
}

expected<std::vector<sequence>, store_error>
pg_reader::acked_messages(recovery_id session, const message_range& range) {
  const auto part = window_of(range);
  return session_.ask<std::vector<sequence>>([&](pg::exchange& reads, auto& seqs) {
    reads.add(acked_by_session,
              pg::parameters::of(range.room, part.first, part.last, session, part.limit),
              [&](const pg::result& rows) {
                for (int i = 0; i < rows.size(); ++i)
                  seqs.push_back(rows.number<sequence>(i, 0));
              });
  });
}

expected<search_page, store_error> pg_reader::search(const search_query& query) {
  if (!search_) return unexpected(store_error::no_search);
  return search_->search(session_, query);
}

expected<std::vector<read_marker>, store_error>
pg_reader::read_markers(std::string_view user_id, std::span<const room_id> rooms) {
  pg::array asked{pg::element::number};
  for (const auto room : rooms)
    asked.add(room);
  return session_.ask<std::vector<read_marker>>([&](pg::exchange& reads, auto& found) {
    reads.add(markers, pg::parameters::of(pg::sought(user_id), asked, unread_scan, max_unread),
              [&](const pg::result& rows) {
                for (int i = 0; i < rows.size(); ++i)
                  found.push_back({.room = rows.number<room_id>(i, 0),
                                   .seq = rows.number<sequence>(i, 1),
                                   .unread = rows.integer(i, 2)});
              });
  });
}

expected<std::optional<recoverable_session>, store_error>
pg_reader::find_recoverable(recovery_id session) {
  bool damaged = false;
  auto found =
      session_.ask<std::optional<recoverable_session>>([&](pg::exchange& reads, auto& known) {
        reads.add(find_session, pg::parameters::of(session), [&](const pg::result& rows) {
          if (rows.empty()) return;
          auto& now = known.emplace();
          damaged = !rows.bytes(0, 0, now.pid_hash);
          now.sid = rows.text(0, 1);
          now.user_id = rows.text(0, 2);
          now.username = rows.text(0, 3);
          now.ended_at = rows.optional_number<timestamp>(0, 4);
          if (node_ != 0) {
            now.claims = rows.integer(0, 8);
            if (now.ended_at) now.ended_for_ms = rows.integer(0, 10);
          }
          for (int i = 0; i < rows.size() && !rows.is_null(i, 5); ++i) {
            now.joined.push_back({.room = rows.number<room_id>(i, 5),
                                  .seq = rows.number<sequence>(i, 6),
                                  .rev = rows.number<revision>(i, 7)});
            now.note(membership_state{rows.integer(i, 9)});
          }
        });
        reads.add(owed_to_session, pg::parameters::of(session), [&](const pg::result& rows) {
          for (int i = 0; known && i < rows.size(); ++i)
            known->owed.push_back({rows.number<room_id>(i, 0), rows.number<sequence>(i, 1)});
        });
      });
  if (damaged) return unexpected(store_error::corrupt);
  return found;
}

expected<bool, store_error> pg_reader::is_member(recovery_id session, room_id room,
                                                 bool sees_all) {
  return session_.ask<bool>([&](pg::exchange& reads, bool& is_member) {
    reads.add(find_membership, pg::parameters::of(session, room), [&](const pg::result& rows) {
      is_member = !rows.empty() && is_valid(membership_state{rows.integer(0, 0)}, sees_all);
    });
  });
}

} // namespace hubbub
