#include "persistence/postgres/pg_appends.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace hubbub::pg {

namespace {

// Up to this size a batch of appends is one round trip, up to the smaller one with a function
// call for each of them. From there on one statement for all costs less.
constexpr std::size_t few = 64;
constexpr std::size_t very_few = 2;

constexpr statement append_one{
    "append_one",
    "SELECT kind, id, seq, rev, username, content, created_at, edited_at, deleted_at"
    " FROM append_message($1::bigint, $2::text, $3::text, $4::text, $5::text, $6::bigint,"
    " $7::bigint, $8::bigint, $9::boolean)"};
// The same for several messages, of which no two have the same client_id. A room's numbers rise
// in the order of the messages, and so do the ids.
constexpr statement append_all{"append_all", R"(
WITH asked AS MATERIALIZED (
  SELECT i.*, nextval('message_ids') AS id
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
    AS i(room_id, user_id, username, content, client_id, n)
), heads AS MATERIALIZED (
  SELECT id, last_seq, last_rev, latest_at, is_closed
  FROM room_records WHERE id = ANY($1::bigint[])
), judged AS MATERIALIZED (
  SELECT a.*, h.id AS head, h.last_seq, h.last_rev, h.latest_at, h.is_closed,
    f.id AS first_id, f.seq AS first_seq, f.rev AS first_rev, f.username AS first_username,
    f.content AS first_content, f.created_at, f.edited_at, f.deleted_at
  FROM asked a LEFT JOIN heads h ON h.id = a.room_id
  LEFT JOIN first_messages f ON f.room_id = a.room_id AND f.user_id = a.user_id
    AND f.client_id = a.client_id AND f.remembered_at >= $7::bigint
), placed AS MATERIALIZED (
  SELECT n, id, room_id, last_seq + row_number() OVER room AS seq,
    last_rev + row_number() OVER room AS rev, user_id, username, content, client_id, latest_at
  FROM judged WHERE first_seq IS NULL AND NOT is_closed
  WINDOW room AS (PARTITION BY room_id ORDER BY n)
), stored AS (
  INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, client_id,
    created_at)
  SELECT room_id, seq, id, rev, user_id, username, content, client_id, $6::bigint FROM placed
), remembered AS (
  INSERT INTO dedupe (room_id, user_id, client_id, seq, id, rev, username, created_at)
  SELECT room_id, user_id, client_id, seq, id, rev, username, $6::bigint
  FROM placed WHERE client_id IS NOT NULL
  ON CONFLICT ON CONSTRAINT dedupe_pkey DO UPDATE SET seq = excluded.seq, id = excluded.id,
    rev = excluded.rev, username = excluded.username, created_at = excluded.created_at,
    content = NULL, edited_at = NULL, deleted_at = NULL
), timed AS (
  UPDATE rooms r SET latest_at = late.latest_at,
    clock_back_ms = greatest(r.clock_back_ms, late.latest_at - $6::bigint)
  FROM (SELECT room_id, max(latest_at) AS latest_at FROM placed
    WHERE latest_at > $6::bigint GROUP BY room_id) late
  WHERE r.id = late.room_id AND (r.latest_at <> late.latest_at
    OR r.clock_back_ms < late.latest_at - $6::bigint)
)
SELECT 0::bigint AS kind, id, seq, rev, NULL, NULL, NULL::bigint, NULL::bigint, NULL::bigint, n
FROM placed
UNION ALL
SELECT CASE WHEN head IS NULL THEN 2 WHEN first_seq IS NULL THEN 3 ELSE 1 END::bigint,
  first_id, first_seq, first_rev, first_username, first_content, created_at, edited_at,
  deleted_at, n
FROM judged WHERE head IS NULL OR first_seq IS NOT NULL OR is_closed
ORDER BY n)"};

write_outcome outcome_of(const op::append_message& op, timestamp now, const result& rows,
                         int row) {
  switch (rows.integer(row, 0)) {
  case 2: return store_error::no_such_room;
  case 3: return store_error::not_repeated;
  default: break;
  }
  const bool repeated = rows.integer(row, 0) == 1;
  auto stored = fresh_of(op, now);
  stored.id = rows.number<message_id>(row, 1);
  stored.seq = rows.number<sequence>(row, 2);
  stored.rev = rows.number<revision>(row, 3);
  if (repeated) {
    stored.username = rows.text(row, 4);
    stored.content = rows.text(row, 5);
    stored.created_at = rows.number<timestamp>(row, 6);
    stored.edited_at = rows.optional_number<timestamp>(row, 7);
    stored.deleted_at = rows.optional_number<timestamp>(row, 8);
  }
  return appended{.stored = std::move(stored), .repeated = repeated};
}

} // namespace

bool are_few_appends(std::span<const write_op> ops) {
  if (ops.size() > few) return false;
  std::set<std::tuple<room_id, std::string_view, std::string_view>> named;
  return std::ranges::all_of(ops, [&](const write_op& each) {
    const auto* op = std::get_if<op::append_message>(&each);
    if (!op) return false;
    if (ops.size() <= very_few) return true;
    return !op->only_if_repeated &&
           (!op->client_id || named.emplace(op->room, op->user_id, *op->client_id).second);
  });
}

message fresh_of(const op::append_message& op, timestamp now) {
  return {.id = {},
          .room = op.room,
          .seq = {},
          .rev = {},
          .user_id = op.user_id,
          .username = op.username,
          .content = op.content,
          .client_id = op.client_id,
          .created_at = now};
}

void queue_appends(exchange& all, std::span<const write_op> ops, timestamp now,
                   timestamp oldest, std::vector<write_outcome>& answers) {
  if (ops.size() <= very_few) {
    for (const auto& each : ops) {
      const auto& op = std::get<op::append_message>(each);
      all.add(append_one,
              parameters::of(op.room, op.user_id, op.username, op.content, op.client_id,
                             std::optional<recovery_id>{}, now, oldest, op.only_if_repeated),
              [&answers, &op, now](const result& rows) {
                answers.push_back(outcome_of(op, now, rows, 0));
              });
    }
    return;
  }
  array rooms{element::number}, users{element::text}, names{element::text},
      contents{element::text}, client_ids{element::text};
  for (const auto& each : ops) {
    const auto& op = std::get<op::append_message>(each);
    rooms.add(op.room);
    users.add(std::string_view{op.user_id});
    names.add(std::string_view{op.username});
    contents.add(std::string_view{op.content});
    client_ids.add(std::optional<std::string_view>{op.client_id});
  }
  all.add(append_all, parameters::of(rooms, users, names, contents, client_ids, now, oldest),
          [&answers, ops, now](const result& rows) {
            for (int i = 0; i < rows.size(); ++i)
              answers.push_back(
                  outcome_of(std::get<op::append_message>(ops[answers.size()]), now, rows, i));
          });
}

} // namespace hubbub::pg
