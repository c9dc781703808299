#include "persistence/postgres/pg_scripts.hpp"

#include "persistence/postgres/pg_node_scripts.hpp"

namespace hubbub::pg {

namespace {

// Version 1.
//
// A room's row is locked by each writer into the room. It is updated only by moderation, by
// retention, and when the clock was set back: an updated counter would leave a dead row for
// each message as long as anybody holds a snapshot. So `seq` and `rev` follow from the room's
// last entries, and the row holds the part of them that retention removed (`first_seq`, and the
// columns that begin with `floor`).
//
// Names are compared byte by byte (collation "C"), which no update of the system's locales can
// change. Numbers are bigint and arguments are binary, so that neither side converts.
constexpr const char* create_all = R"(
CREATE TABLE settings (
  version bigint NOT NULL,
  secret  bytea NOT NULL
);
INSERT INTO settings VALUES (1, substring(
  sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) FOR 16));

CREATE TABLE nodes (
  node_id bigint PRIMARY KEY,
  epoch   bigint NOT NULL
);
CREATE TABLE batches (
  node_id bigint NOT NULL,
  epoch   bigint NOT NULL,
  n       bigint NOT NULL,
  xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (node_id, epoch, n)
);

CREATE SEQUENCE message_ids;

CREATE TABLE rooms (
  id               bigint PRIMARY KEY,
  name             text COLLATE "C" NOT NULL UNIQUE,
  created_at       bigint NOT NULL,
  owner            text COLLATE "C",
  is_private       boolean NOT NULL DEFAULT false,
  first_seq        bigint NOT NULL DEFAULT 1,
  floor_rev        bigint NOT NULL DEFAULT 0,
  floor_message_at bigint,
  latest_at        bigint NOT NULL DEFAULT 0,
  clock_back_ms    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE TABLE messages (
  room_id    bigint NOT NULL,
  seq        bigint NOT NULL,
  id         bigint NOT NULL,
  rev        bigint NOT NULL,
  user_id    text COLLATE "C" NOT NULL,
  username   text COLLATE "C" NOT NULL,
  content    text COLLATE "C" NOT NULL,
  client_id  text COLLATE "C",
  created_at bigint NOT NULL,
  edited_at  bigint,
  deleted_at bigint,
  acked_to   bigint,
  xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (room_id, seq)
);
CREATE INDEX messages_by_user ON messages (room_id, user_id, seq);
CREATE INDEX messages_by_xid ON messages (xid);
CREATE INDEX changed_messages ON messages (room_id, rev)
  WHERE edited_at IS NOT NULL OR deleted_at IS NOT NULL;

CREATE TABLE dedupe (
  room_id    bigint NOT NULL,
  user_id    text COLLATE "C" NOT NULL,
  client_id  text COLLATE "C" NOT NULL,
  seq        bigint NOT NULL,
  id         bigint NOT NULL,
  rev        bigint NOT NULL,
  username   text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  content    text COLLATE "C",
  edited_at  bigint,
  deleted_at bigint,
  PRIMARY KEY (room_id, user_id, client_id)
);
CREATE INDEX dedupe_by_created_at ON dedupe (created_at);

CREATE TABLE read_markers (
  user_id text COLLATE "C" NOT NULL,
  room_id bigint NOT NULL,
  seq     bigint NOT NULL,
  PRIMARY KEY (user_id, room_id)
);

CREATE TABLE recoverable (
  session  bigint PRIMARY KEY,
  pid_hash bytea NOT NULL,
  sid      text COLLATE "C" NOT NULL,
  user_id  text COLLATE "C" NOT NULL,
  username text COLLATE "C" NOT NULL,
  ended_at bigint
);
CREATE INDEX recoverable_by_end ON recoverable (ended_at);
CREATE INDEX recoverable_by_user ON recoverable (user_id);
CREATE TABLE recoverable_rooms (
  session bigint NOT NULL,
  room_id bigint NOT NULL,
  seq     bigint NOT NULL,
  rev     bigint NOT NULL,
  PRIMARY KEY (session, room_id)
);

CREATE TABLE standings (
  room_id bigint NOT NULL,
  kind    bigint NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  set_by  text COLLATE "C" NOT NULL,
  set_at  bigint NOT NULL,
  until   bigint,
  reason  text COLLATE "C" NOT NULL,
  PRIMARY KEY (room_id, kind, user_id)
);
CREATE INDEX standings_by_end ON standings (until) WHERE until IS NOT NULL;

CREATE VIEW room_records AS
SELECT r.id, r.name, r.created_at, r.first_seq,
  coalesce(last.seq, r.first_seq - 1) AS last_seq,
  greatest(last.rev, changed.rev, r.floor_rev) AS last_rev,
  coalesce(last.created_at, r.floor_message_at) AS last_message_at,
  r.owner, r.is_private,
  greatest(r.latest_at, last.created_at) AS latest_at,
  r.clock_back_ms
FROM rooms r
LEFT JOIN LATERAL (SELECT seq, rev, created_at FROM messages
  WHERE room_id = r.id ORDER BY seq DESC LIMIT 1) last ON true
LEFT JOIN LATERAL (SELECT rev FROM messages
  WHERE room_id = r.id AND (edited_at IS NOT NULL OR deleted_at IS NOT NULL)
  ORDER BY rev DESC LIMIT 1) changed ON true;

-- The message that a client_id stands for, as it is now or was when retention removed it. The
-- time of the record is the message's, unless it lay ahead of the clock.
CREATE VIEW first_messages AS
SELECT d.room_id, d.user_id, d.client_id, d.seq, d.id, coalesce(m.rev, d.rev) AS rev,
  d.username, coalesce(m.content, d.content, '') AS content,
  coalesce(m.created_at, d.created_at) AS created_at, d.created_at AS remembered_at,
  coalesce(m.edited_at, d.edited_at) AS edited_at,
  coalesce(m.deleted_at, d.deleted_at) AS deleted_at
FROM dedupe d LEFT JOIN messages m ON m.room_id = d.room_id AND m.seq = d.seq;

-- Appends one message under the lock of its room, which it takes in a statement of its own so
-- that what follows sees all that was committed before. kind: 0 stored, 1 repeated,
-- 2 no such room, 3 not repeated.
CREATE FUNCTION append_message(
  in_room bigint, in_user text, in_username text, in_content text, in_client text,
  in_acked bigint, in_now bigint, in_oldest bigint, in_only_repeated boolean,
  OUT kind bigint, OUT id bigint, OUT seq bigint, OUT rev bigint, OUT username text,
  OUT content text, OUT created_at bigint, OUT edited_at bigint, OUT deleted_at bigint)
LANGUAGE plpgsql AS $$
DECLARE
  room  record;
  first record;
BEGIN
  PERFORM FROM rooms r WHERE r.id = in_room FOR NO KEY UPDATE;
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
  IF in_only_repeated THEN
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

-- Begins a batch of a node: fails where another server took the node over, and records the batch
-- so that a node whose COMMIT was not answered can look whether it is there. FOR SHARE makes the
-- next epoch wait for this transaction.
CREATE FUNCTION open_batch(in_node bigint, in_epoch bigint, in_n bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO batches (node_id, epoch, n)
  SELECT node_id, epoch, in_n FROM nodes WHERE node_id = in_node AND epoch = in_epoch FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another server took the database' USING ERRCODE = 'HB001';
  END IF;
END $$;

-- In a log whose times rose, the first message from this time on.
CREATE FUNCTION first_from(in_room bigint, in_time bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  low    bigint;
  high   bigint;
  middle bigint;
  at     bigint;
BEGIN
  SELECT r.first_seq, r.last_seq + 1 INTO low, high FROM room_records r WHERE r.id = in_room;
  WHILE low < high LOOP
    middle := low + (high - low) / 2;
    SELECT m.created_at INTO at FROM messages m WHERE m.room_id = in_room AND m.seq = middle;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'room % has no message %', in_room, middle USING ERRCODE = 'XX001';
    END IF;
    IF at < in_time THEN
      low := middle + 1;
    ELSE
      high := middle;
    END IF;
  END LOOP;
  RETURN low;
END $$;
)";

// Version 2: gaps that recoverable sessions are owed, for rooms that they joined or have yet to
// join. Whatever ends a membership also ends what is owed for it. `acked_to` is not written any
// more.
constexpr const char* add_owed_gaps = R"(
CREATE TABLE owed_gaps (
  session  bigint NOT NULL,
  room_id  bigint NOT NULL,
  from_seq bigint NOT NULL,
  PRIMARY KEY (session, room_id)
);
CREATE FUNCTION forget_gaps_of_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM owed_gaps WHERE session = old.session;
  RETURN NULL;
END $$;
CREATE TRIGGER owing_session_gone AFTER DELETE ON recoverable
  FOR EACH ROW EXECUTE FUNCTION forget_gaps_of_session();
CREATE FUNCTION forget_gap_of_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM owed_gaps WHERE session = old.session AND room_id = old.room_id;
  RETURN NULL;
END $$;
CREATE TRIGGER owing_room_gone AFTER DELETE ON recoverable_rooms
  FOR EACH ROW EXECUTE FUNCTION forget_gap_of_room();
)";

// Version 3: the losses of rooms and memberships (`pg_losses`). A membership that its user has
// lost by name has -1.
constexpr const char* add_losses = R"(
ALTER TABLE rooms ADD COLUMN losses bigint NOT NULL DEFAULT 0;
ALTER TABLE recoverable_rooms ADD COLUMN losses bigint NOT NULL DEFAULT 0;
)";

// Version 4: several nodes. A session belongs to the node that it lives on.
constexpr const char* add_nodes = R"(
ALTER TABLE recoverable ADD COLUMN node_id bigint NOT NULL DEFAULT 1;

-- What was written to these rooms, which are locked, after positions in their logs: for each room
-- with anything new a row with the end of its log, its messages after in_seqs, and its messages
-- changed after in_revs; one more of each than in_most. in_whole: fails if there is more.
CREATE FUNCTION foreign_entries(in_rooms bigint[], in_seqs bigint[], in_revs bigint[],
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
    IF in_whole AND head.last_rev - head.rev > in_most THEN
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
  END LOOP;
END $$;
)";

// Version 5: what a search index in a file follows. `messages.xid` orders the changes of
// messages, and `id` within a transaction, so that a long transaction is read in portions.
// `floor_xid` is the last transaction that removed messages of a room.
constexpr const char* add_index_feed = R"(
DROP INDEX messages_by_xid;
CREATE INDEX messages_by_xid ON messages (xid, id);
ALTER TABLE rooms ADD COLUMN floor_xid xid8;
CREATE INDEX rooms_by_floor ON rooms (floor_xid, id) WHERE floor_xid IS NOT NULL;
CREATE INDEX private_rooms ON rooms (id) WHERE is_private;
)";

constexpr const char* released[] = {create_all,         add_owed_gaps,    add_losses,
                                    add_nodes,          add_index_feed,   add_orders,
                                    add_claims,         add_leases,       add_urls,
                                    add_taken_sessions, add_closed_rooms, add_node_settings};

} // namespace

std::span<const char* const> migrations() {
  return released;
}

} // namespace hubbub::pg
