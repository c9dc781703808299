#!/bin/bash
# Finding: rows that are added at the end of one of many groups of a clustered table cost SQLite almost two pages each,
# and a table in the order of its row ids with an index of the groups a fifth of that.
#
# Package: SQLite 3.40.1 of Debian 12 (libsqlite3-0), by way of its Python 3.
#
# One would guess: a table that is clustered by (room, number) writes one page for a row in a room of its own: the page
# with the room's newest rows. Now and then that page is full and is divided, which is one page more. A table in the
# order of row ids with an index by room has two trees to change, and so should write more.
#
# What happens: when the page is full, SQLite shares its rows out evenly among it and its two neighbours, and adds a page
# only if there is no place in the three. So pages are nine tenths full, and the room's next rows soon meet a full page
# again: for about every third row three or four pages and their parent are written. An index by room has entries
# so small that this is rare, and that several rooms share a page; rows in the order of their ids fill the last pages.
# With more rows the index comes to a page a row as well, and not beyond.
set -u
exec /usr/bin/python3 -B - <<'PYTHON'
import random
import sqlite3
import sys
import tempfile
from pathlib import Path

if sqlite3.sqlite_version != "3.40.1":
    print(f"this needs SQLite 3.40.1 of Debian 12, found {sqlite3.sqlite_version}")
    sys.exit(2)
print("SQLite", sqlite3.sqlite_version)

ROOMS, ROWS_A_COMMIT, PAGE, FRAME = 1000, 500, 4096, 4096 + 24
CLUSTERED = """CREATE TABLE messages (room INTEGER, number INTEGER, id INTEGER, text TEXT,
  PRIMARY KEY (room, number)) WITHOUT ROWID"""
BY_ID = """CREATE TABLE messages (id INTEGER PRIMARY KEY, room INTEGER, number INTEGER, text TEXT);
  CREATE INDEX places ON messages (room, number)"""


def pages_a_row(folder, schema, commits=100, counted=20):
    """Returns how many pages the last commits have written into the WAL for each row."""
    path = folder / "a.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA page_size = {PAGE}")
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    db.execute("PRAGMA cache_size = -200000")
    db.executescript(schema)
    draw = random.Random(1)
    newest = [0] * ROOMS
    row_id = 0
    for commit in range(commits):
        if commit == commits - counted:
            before = path.with_name("a.db-wal").stat().st_size
        db.execute("BEGIN")
        for room in draw.sample(range(ROOMS), ROWS_A_COMMIT):
            newest[room] += 1
            row_id += 1
            row = (room, newest[room], row_id, "x" * 180)
            db.execute("INSERT INTO messages (room, number, id, text) VALUES (?, ?, ?, ?)", row)
        db.execute("COMMIT")
    written = path.with_name("a.db-wal").stat().st_size - before
    return written / FRAME / (counted * ROWS_A_COMMIT)


changed = False
EXPECTED = (
    ("clustered by (room, number)", CLUSTERED, 1.7, 2.1),
    ("by row id, and an index", BY_ID, 0.25, 0.45),
)
for what, schema, low, high in EXPECTED:
    with tempfile.TemporaryDirectory() as folder:
        seen = pages_a_row(Path(folder), schema)
    fits = low <= seen <= high
    changed = changed or not fits
    print(f"{what:28} {seen:.2f} pages written for a row{'' if fits else f'   (was: {low} to {high})'}")
print("the behaviour has changed" if changed else "as described")
sys.exit(1 if changed else 0)
PYTHON
