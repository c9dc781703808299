#pragma once

/// The scripts of the schema by which nodes share what rooms are told and who is in them.
namespace hubbub::pg {

// Version 6: orders of moderation as entries of a room's log, so that all nodes carry them out.
// An order raises `rooms.floor_rev`, so that nobody has to look here for the end of a log.
// `foreign_entries` returns an order with is_change null: its kind as id, the standing's kind
// as seq, the user, who gave it as username, the reason as content, the room's owner as
// client_id, its time as created_at, its end as edited_at, and the room's privacy as
// deleted_at.
inline constexpr const char* add_orders = R"(
CREATE TABLE room_orders (
  room_id    bigint NOT NULL,
  rev        bigint NOT NULL,
  what       bigint NOT NULL,
  kind       bigint NOT NULL,
  user_id    text COLLATE "C" NOT NULL,
  given_by   text COLLATE "C" NOT NULL,
  given_at   bigint NOT NULL,
  until      bigint,
  reason     text COLLATE "C" NOT NULL,
  is_private boolean NOT NULL,
  owner      text COLLATE "C",
  stored_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (room_id, rev)
);
CREATE INDEX room_orders_by_time ON room_orders (stored_at);

CREATE OR REPLACE FUNCTION foreign_entries(in_rooms bigint[], in_seqs bigint[], in_revs bigint[],
  in_most bigint, in_whole boolean)
RETURNS TABLE (id bigint, room_id bigint, seq bigint, rev bigint, user_id text, username text,
  content text, client_id text, created_at bigint, edited_at bigint, deleted_at bigint,
  is_change boolean, head_seq bigint, head_rev bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  head record;
BEGIN
  FOR head IN SELECT i.room, i.seq, i.rev, r.last_seq, r.last_rev
    FROM unnest(in_rooms, in_seqs, in_revs) AS i(room, seq, rev)
    JOIN room_records r ON r.id = i.room WHERE r.last_rev > i.rev
  LOOP
    IF in_whole AND (head.last_rev - head.rev > in_most OR EXISTS (SELECT FROM room_orders o
      WHERE o.room_id = head.room AND o.rev > head.rev)) THEN
      RAISE EXCEPTION 'a room is too far behind' USING ERRCODE = 'HB003';
    END IF;
    RETURN QUERY SELECT NULL::bigint, head.room, NULL::bigint, NULL::bigint, NULL, NULL, NULL,
      NULL, NULL::bigint, NULL::bigint, NULL::bigint, false, head.last_seq, head.last_rev;
    RETURN QUERY SELECT m.id, m.room_id, m.seq, m.rev, m.user_id, m.username, m.content,
      m.client_id, m.created_at, m.edited_at, m.deleted_at, false, head.last_seq, head.last_rev
      FROM messages m WHERE m.room_id = head.room AND m.seq > head.seq
      ORDER BY m.seq LIMIT in_most + 1;
    RETURN QUERY SELECT m.id, m.room_id, m.seq, m.rev, m.user_id, m.username, m.content,
      m.client_id, m.created_at, m.edited_at, m.deleted_at, true, head.last_seq, head.last_rev
      FROM messages m WHERE m.room_id = head.room AND m.rev > head.rev
      AND (m.edited_at IS NOT NULL OR m.deleted_at IS NOT NULL)
      ORDER BY m.rev LIMIT in_most + 1;
    RETURN QUERY SELECT o.what, o.room_id, o.kind, o.rev, o.user_id, o.given_by, o.reason,
      o.owner, o.given_at, o.until, o.is_private::int::bigint, NULL::boolean, head.last_seq,
      head.last_rev
      FROM room_orders o WHERE o.room_id = head.room AND o.rev > head.rev
      ORDER BY o.rev LIMIT in_most + 1;
  END LOOP;
END $$;
)";

// Version 7: how often a session was claimed by a node that recovers it.
inline constexpr const char* add_claims = R"(
ALTER TABLE recoverable ADD COLUMN claims bigint NOT NULL DEFAULT 0;
)";

// Version 8: the leases of nodes, and who is in rooms on each of them (`pg_lease`). When the
// last lease of a node has run out and its writer, which holds the lock of its number, is gone
// too, the windows of its sessions begin. They are ended in portions, so that nobody waits for
// long; a lease is over when nothing is left.
inline constexpr const char* add_leases = R"(
CREATE TABLE node_leases (
  run         bigint PRIMARY KEY,
  node_id     bigint NOT NULL,
  wire        bigint NOT NULL,
  alive_until timestamptz NOT NULL,
  is_over     boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);
CREATE TABLE run_members (
  run      bigint NOT NULL,
  room_id  bigint NOT NULL,
  user_id  text COLLATE "C" NOT NULL,
  username text COLLATE "C" NOT NULL,
  sockets  bigint NOT NULL,
  reason   bigint NOT NULL,
  change   bigint NOT NULL,
  PRIMARY KEY (run, room_id, user_id)
);
CREATE INDEX run_members_by_change ON run_members (run, change);
CREATE INDEX run_members_by_room ON run_members (room_id);
CREATE INDEX living_sessions ON recoverable (node_id, session) WHERE ended_at IS NULL;

CREATE FUNCTION end_leases(in_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  gone record;
BEGIN
  FOR gone IN SELECT run, node_id FROM node_leases
    WHERE alive_until < clock_timestamp() AND NOT is_over ORDER BY run FOR UPDATE SKIP LOCKED
  LOOP
    DELETE FROM run_members WHERE run = gone.run;
    IF NOT EXISTS (SELECT FROM node_leases
      WHERE node_id = gone.node_id AND alive_until > clock_timestamp()) THEN
      CONTINUE WHEN NOT pg_try_advisory_xact_lock_shared(gone.node_id::int,
        ('nodes'::regclass::oid::bigint & 2147483647)::int);
      UPDATE recoverable SET ended_at = in_now WHERE session IN (SELECT session
        FROM recoverable WHERE ended_at IS NULL AND node_id = gone.node_id
        ORDER BY session LIMIT 2000 FOR UPDATE SKIP LOCKED);
      CONTINUE WHEN EXISTS (SELECT FROM recoverable
        WHERE ended_at IS NULL AND node_id = gone.node_id);
    END IF;
    UPDATE node_leases SET is_over = true WHERE run = gone.run;
  END LOOP;
  WITH old AS (DELETE FROM node_leases WHERE run IN (SELECT run FROM node_leases
    WHERE is_over AND alive_until < clock_timestamp() - interval '10 minutes'
    FOR UPDATE SKIP LOCKED) RETURNING run)
  DELETE FROM run_members m USING old WHERE m.run = old.run;
END $$;
)";

// Version 9: how the other nodes reach one, for requests whose session lives there.
inline constexpr const char* add_urls = R"(
ALTER TABLE node_leases ADD COLUMN url text COLLATE "C" NOT NULL DEFAULT '';
)";

// Version 10: sessions that other nodes have recovered while they were open on this one, with
// how often they had been claimed by then. `node_id` is the node that they were taken from,
// which reads them with its lease and removes them.
inline constexpr const char* add_taken_sessions = R"(
CREATE TABLE taken_sessions (
  node_id  bigint NOT NULL,
  session  bigint NOT NULL,
  claims   bigint NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (node_id, session)
);
)";

// Version 11: the settings of each node that should be the same on all, for comparison: a line
// `NAME=VALUE` for each; empty if the node did not say. And users whose connections to
// `node_id` are to end, which that node reads with its lease and removes.
inline constexpr const char* add_node_settings = R"(
ALTER TABLE node_leases ADD COLUMN settings text COLLATE "C" NOT NULL DEFAULT '';
CREATE TABLE dismissed_users (
  node_id bigint NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  said_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX dismissed_by_node ON dismissed_users (node_id);
)";

} // namespace hubbub::pg
