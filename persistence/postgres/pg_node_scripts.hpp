#pragma once

/// The later scripts of the schema: those by which nodes share what rooms are told and who is
/// in them, and closed rooms.
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

// Version 11: closed rooms, and how often a room was closed, which a membership remembers from
// its start (`pg_losses`). Nothing is appended to a closed room (kind 3). `foreign_entries`
// returns 2 more as deleted_at of an order by which the room is closed: a node of an earlier
// version takes that for a private room, so that it takes people out, too. Its own orders do
// not say whether the room is closed (NULL), and change nothing in it. Changes and orders are
// only looked for where there are any: a new message raises `seq` and `rev` by one, anything
// else `rev` alone.
inline constexpr const char* add_closed_rooms = R"(
ALTER TABLE rooms ADD COLUMN is_closed boolean NOT NULL DEFAULT false;
ALTER TABLE rooms ADD COLUMN closings bigint NOT NULL DEFAULT 0;
ALTER TABLE recoverable_rooms ADD COLUMN closings bigint NOT NULL DEFAULT 0;
ALTER TABLE room_orders ADD COLUMN is_closed boolean;

CREATE OR REPLACE VIEW room_records AS
SELECT r.id, r.name, r.created_at, r.first_seq,
  coalesce(last.seq, r.first_seq - 1) AS last_seq,
  greatest(last.rev, changed.rev, r.floor_rev) AS last_rev,
  coalesce(last.created_at, r.floor_message_at) AS last_message_at,
  r.owner, r.is_private,
  greatest(r.latest_at, last.created_at) AS latest_at,
  r.clock_back_ms,
  r.is_closed
FROM rooms r
LEFT JOIN LATERAL (SELECT seq, rev, created_at FROM messages
  WHERE room_id = r.id ORDER BY seq DESC LIMIT 1) last ON true
LEFT JOIN LATERAL (SELECT rev FROM messages
  WHERE room_id = r.id AND (edited_at IS NOT NULL OR deleted_at IS NOT NULL)
  ORDER BY rev DESC LIMIT 1) changed ON true;

CREATE OR REPLACE FUNCTION append_message(
  in_room bigint, in_user text, in_username text, in_content text, in_client text,
  in_acked bigint, in_now bigint, in_oldest bigint, in_only_repeated boolean,
  OUT kind bigint, OUT id bigint, OUT seq bigint, OUT rev bigint, OUT username text,
  OUT content text, OUT created_at bigint, OUT edited_at bigint, OUT deleted_at bigint)
LANGUAGE plpgsql AS $$
DECLARE
  closed boolean;
  room  record;
  first record;
BEGIN
  SELECT r.is_closed INTO closed FROM rooms r WHERE r.id = in_room FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    kind := 2;
    RETURN;
  END IF;
  IF in_client IS NOT NULL THEN
    SELECT * INTO first FROM first_messages f
     WHERE f.room_id = in_room AND f.user_id = in_user AND f.client_id = in_client;
    IF FOUND AND first.remembered_at >= in_oldest THEN
      kind := 1;
      id := first.id;
      seq := first.seq;
      rev := first.rev;
      username := first.username;
      content := first.content;
      created_at := first.created_at;
      edited_at := first.edited_at;
      deleted_at := first.deleted_at;
      RETURN;
    END IF;
  END IF;
  IF in_only_repeated OR closed THEN
    kind := 3;
    RETURN;
  END IF;
  SELECT * INTO room FROM room_records r WHERE r.id = in_room;
  kind := 0;
  id := nextval('message_ids');
  seq := room.last_seq + 1;
  rev := room.last_rev + 1;
  INSERT INTO messages AS m (room_id, seq, id, rev, user_id, username, content, client_id,
    created_at, acked_to)
  VALUES (in_room, append_message.seq, append_message.id, append_message.rev, in_user,
    in_username, in_content, in_client, in_now, in_acked);
  IF in_client IS NOT NULL THEN
    INSERT INTO dedupe AS d (room_id, user_id, client_id, seq, id, rev, username, created_at)
    VALUES (in_room, in_user, in_client, append_message.seq, append_message.id,
      append_message.rev, in_username, in_now)
    ON CONFLICT ON CONSTRAINT dedupe_pkey DO UPDATE SET seq = excluded.seq, id = excluded.id,
      rev = excluded.rev, username = excluded.username, created_at = excluded.created_at,
      content = NULL, edited_at = NULL, deleted_at = NULL;
  END IF;
  IF in_now < room.latest_at THEN
    UPDATE rooms r SET latest_at = room.latest_at,
      clock_back_ms = greatest(r.clock_back_ms, room.latest_at - in_now)
     WHERE r.id = in_room AND (r.latest_at <> room.latest_at
      OR r.clock_back_ms < room.latest_at - in_now);
  END IF;
END $$;

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
  FOR head IN SELECT i.room, i.seq, i.rev, r.last_seq, r.last_rev,
      r.last_rev - i.rev > r.last_seq - i.seq AS has_others
    FROM unnest(in_rooms, in_seqs, in_revs) AS i(room, seq, rev)
    JOIN room_records r ON r.id = i.room WHERE r.last_rev > i.rev
  LOOP
    IF in_whole AND (head.last_rev - head.rev > in_most OR (head.has_others AND EXISTS (
      SELECT FROM room_orders o WHERE o.room_id = head.room AND o.rev > head.rev))) THEN
      RAISE EXCEPTION 'a room is too far behind' USING ERRCODE = 'HB003';
    END IF;
    RETURN QUERY SELECT NULL::bigint, head.room, NULL::bigint, NULL::bigint, NULL, NULL, NULL,
      NULL, NULL::bigint, NULL::bigint, NULL::bigint, false, head.last_seq, head.last_rev;
    RETURN QUERY SELECT m.id, m.room_id, m.seq, m.rev, m.user_id, m.username, m.content,
      m.client_id, m.created_at, m.edited_at, m.deleted_at, false, head.last_seq, head.last_rev
      FROM messages m WHERE m.room_id = head.room AND m.seq > head.seq
      ORDER BY m.seq LIMIT in_most + 1;
    CONTINUE WHEN NOT head.has_others;
    RETURN QUERY SELECT m.id, m.room_id, m.seq, m.rev, m.user_id, m.username, m.content,
      m.client_id, m.created_at, m.edited_at, m.deleted_at, true, head.last_seq, head.last_rev
      FROM messages m WHERE m.room_id = head.room AND m.rev > head.rev
      AND (m.edited_at IS NOT NULL OR m.deleted_at IS NOT NULL)
      ORDER BY m.rev LIMIT in_most + 1;
    RETURN QUERY SELECT o.what, o.room_id, o.kind, o.rev, o.user_id, o.given_by, o.reason,
      o.owner, o.given_at, o.until, o.is_private::int::bigint + 2 * coalesce(o.is_closed,
      (SELECT r.is_closed FROM rooms r WHERE r.id = head.room))::int::bigint,
      NULL::boolean, head.last_seq, head.last_rev
      FROM room_orders o WHERE o.room_id = head.room AND o.rev > head.rev
      ORDER BY o.rev LIMIT in_most + 1;
  END LOOP;
END $$;
)";

// Version 12: the settings of each node that should be the same on all, for comparison: a line
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
