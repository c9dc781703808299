#!/bin/bash
# Finding: after ROLLBACK TO in a transaction larger than the cache, SQLite 3.40 writes a commit into the WAL that it
# cannot recover: the commit, and every later one, is gone once the process was killed, and nothing says so.
#
# Package: SQLite 3.40.1 of Debian 12 (libsqlite3-0), by way of its Python 3.
#
# One would guess: what was committed in WAL mode, and is read by all connections, is there after the process was killed.
#
# What happens: pages that do not fit into the cache are written into the WAL before the commit, and a page that is
# changed again is written over its first copy there. From then on frames are written without checksums, which the
# commit adds from that copy on. ROLLBACK TO takes the copy away and does not forget where it was, so that the frames
# that are written in its place and before it never get their checksums. Recovery ends at the first frame without one.
# "PRAGMA integrity_check" finds nothing wrong, neither before nor after. Without the savepoint, or with a large
# cache, all is recovered, and 3.53.0 recovers it in each case.
set -u
exec /usr/bin/python3 -B - <<'PYTHON'
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

if sqlite3.sqlite_version != "3.40.1":
    print(f"this needs SQLite 3.40.1 of Debian 12, found {sqlite3.sqlite_version}")
    sys.exit(2)
print("SQLite", sqlite3.sqlite_version)


def rows(db):
    changed = db.execute("SELECT count(*) FROM t WHERE v LIKE 'd%'").fetchone()[0]
    later = db.execute("SELECT count(*) FROM t WHERE v = 'later'").fetchone()[0]
    return changed, later, db.execute("PRAGMA integrity_check").fetchone()[0]


def ordeal(folder, cache_pages, savepoint):
    """Returns what is read after the commit and after it, and what a killed process leaves."""
    path = folder / "live.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    db.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)")
    db.executemany("INSERT INTO t VALUES (?, ?)", [(k, "a" * 3000) for k in range(40)])
    db.execute(f"PRAGMA cache_size = {cache_pages}")

    def put(key, letter):
        db.execute("UPDATE t SET v = ? WHERE k = ?", (letter * 3000, key))

    db.execute("BEGIN")
    if savepoint:
        db.execute("SAVEPOINT s")
    for key in range(20):
        put(key, "b")
    put(15, "c")
    for key in range(20, 30):
        put(key, "b")
    if savepoint:
        db.execute("ROLLBACK TO s")
        db.execute("RELEASE s")
    put(35, "d")
    db.execute("COMMIT")
    db.execute("INSERT INTO t VALUES (100, 'later')")
    live = rows(db)
    # The files as they are now are what a kill leaves behind.
    shutil.copy(path, folder / "left.db")
    shutil.copy(folder / "live.db-wal", folder / "left.db-wal")
    left = rows(sqlite3.connect(folder / "left.db"))
    return live, left


ALL = (1, 1, "ok")
EXPECTED = [
    ("a small cache and ROLLBACK TO", 5, True, (ALL, (0, 0, "ok"))),
    ("a small cache, no savepoint", 5, False, (ALL, ALL)),
    ("a large cache and ROLLBACK TO", 2000, True, (ALL, ALL)),
]
changed = False
print("(rows of the commit, rows of the next commit, integrity check)")
for what, cache_pages, savepoint, expected in EXPECTED:
    with tempfile.TemporaryDirectory() as folder:
        seen = ordeal(Path(folder), cache_pages, savepoint)
    changed = changed or seen != expected
    mark = "" if seen == expected else f"   (was: {expected})"
    print(f"{what:31} live {seen[0]}, after a kill {seen[1]}{mark}")
print("the behaviour has changed" if changed else "as described")
sys.exit(1 if changed else 0)
PYTHON
